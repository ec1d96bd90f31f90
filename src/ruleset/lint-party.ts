import type { PlacedRule } from "./compile-ruleset.js";
import { placeInFile } from "./place-in-file.js";
import type { RuleComplaint } from "./rule-complaint.js";
import type { SdkRule, SupportLibraryRule } from "./schema.js";

/** A rule that makes a party, and its file. */
export type PartyFile = {
  readonly placed: PlacedRule;
  readonly kind: "sdk" | "support-library";
  readonly rule: SdkRule | SupportLibraryRule;
};

/** A complaint about a rule file, at the first line that has a text. */
export function complain(placed: PlacedRule, text: string, problem: string, advice: string): RuleComplaint {
  return { place: placeInFile(placed, text), problem, advice };
}

/** The same, where another file has as much part in it. */
export function complainOfTwo(
  [placed, text]: readonly [PlacedRule, string],
  [other, otherText]: readonly [PlacedRule, string],
  problem: string,
  advice: string,
): RuleComplaint {
  return { ...complain(placed, text, problem, advice), otherPlaces: [placeInFile(other, otherText)] };
}

/** The values of one kind of signature. */
export function valuesOf(rule: PartyFile["rule"], kind: string): string[] {
  return rule.signatures.flatMap((signature) => {
    const value = (signature as Record<string, string | undefined>)[kind];
    return value === undefined ? [] : [value];
  });
}
