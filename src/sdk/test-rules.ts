import { defaultLimits } from "../diagnostics/index.js";
import type { PlacedRule, RuleComplaint, RuleIndex } from "../ruleset/index.js";
import { matchSdks } from "./match-sdks.js";
import type { SeenApp } from "./seen-app.js";

/** What came of matching rules against their own written examples. */
export interface RuleTest {
  /** Rules that make a party. */
  readonly rules: number;
  /** Examples that were matched against all rules. */
  readonly examples: number;
  readonly complaints: readonly RuleComplaint[];
}

/** What the examples of rules take for the app's package. */
const APPLICATION_ID = "com.example.app";

/** Code that lost its name, and so is no party's by its name. */
const RENAMED = "La/a/";

const NOTHING_SEEN: SeenApp = {
  applicationId: APPLICATION_ID,
  components: [],
  authorities: [],
  permissions: [],
  metaData: [],
  entryNames: [],
  hasEntry: () => false,
  packages: [],
  strings: [],
};

/** An app in which nothing but one example was seen. */
function seeExample(example: Readonly<Record<string, string>>): SeenApp {
  const [kind, written] = Object.entries(example)[0]!;
  const value = written!.replace("${applicationId}", APPLICATION_ID);
  switch (kind) {
    case "class":
      return { ...NOTHING_SEEN, packages: [{ name: value, example: value, entry: "classes.dex" }] };
    case "component":
      return { ...NOTHING_SEEN, components: [value] };
    case "authority":
      return { ...NOTHING_SEEN, authorities: [value] };
    case "defines-permission":
      return { ...NOTHING_SEEN, permissions: [value] };
    case "meta-data":
      return { ...NOTHING_SEEN, metaData: [value] };
    case "native-library":
      return seeEntry(`lib/arm64-v8a/${value}`);
    case "file":
      return seeEntry(value);
    case "string": {
      const evidence = () => ({ kind: "string" as const, entry: "classes.dex", value });
      return { ...NOTHING_SEEN, strings: [{ text: value, holder: RENAMED, evidence }] };
    }
    default:
      throw new Error(`no app is written for an example of kind ${kind}`);
  }
}

function seeEntry(name: string): SeenApp {
  return { ...NOTHING_SEEN, entryNames: [name], hasEntry: (asked) => asked === name };
}

/**
 * Matches each rule's written examples, one by one, against all rules: what is present must match the rule
 * that gives it, a near miss must not.
 */
export function testRules(placed: readonly PlacedRule[], rules: RuleIndex): RuleTest {
  const complaints: RuleComplaint[] = [];
  let count = 0;
  let examples = 0;
  for (const { path, text, file } of placed) {
    if (file.kind !== "sdk" && file.kind !== "support-library") continue;
    count++;
    const { id } = file.rule;
    for (const key of ["present", "absent"] as const) {
      for (const example of file.rule.examples[key]) {
        examples++;
        const matched = matchSdks(seeExample(example), rules, defaultLimits).map(
          ({ party }) => party.rule.id,
        );
        if (matched.includes(id) === (key === "present")) continue;
        complaints.push({
          place: placeOf(path, text, key, Object.values(example)[0]!),
          ...(key === "present" ? describeMiss(example, matched) : describeHit(example)),
        });
      }
    }
  }
  return { rules: count, examples, complaints };
}

function describeMiss(example: object, matched: readonly string[]): Omit<RuleComplaint, "place"> {
  const others = matched.length === 0 ? "" : ` (${matched.join(", ")} does)`;
  return {
    problem: `the rule does not match its own example ${JSON.stringify(example)}${others}`,
    advice: "Add the signature that the example shows, or mend the example.",
  };
}

function describeHit(example: object): Omit<RuleComplaint, "place"> {
  return {
    problem: `the rule matches ${JSON.stringify(example)}, which is none of its own`,
    advice: "Narrow the signature, or leave what the example shows to the rule that owns it.",
  };
}

/** The line of an example: the first with its text below the key of its list. */
function placeOf(path: string, text: string | undefined, key: string, value: string): string {
  const lines = text?.split("\n") ?? [];
  const start = lines.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  const line = lines.findIndex((candidate, index) => index >= start && candidate.includes(value));
  return line < 0 ? path : `${path}:${line + 1}`;
}
