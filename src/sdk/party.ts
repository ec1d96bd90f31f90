import type { Evidence } from "../evidence/index.js";
import type { PartyRule } from "../ruleset/index.js";

/** Who a class belongs to; see "Who owns the code" in src/README.md. */
export type PartyKind = "first-party" | "sdk" | "support-library" | "unrecognised" | "unattributed";

/** Whether a party is neither the app's makers nor a library that works for whoever calls it. */
export function isThirdParty({ kind }: { readonly kind: PartyKind }): boolean {
  return kind === "sdk" || kind === "unrecognised";
}

export type Confidence = "certain" | "likely" | "possible";

/** One owner of code in an app. Every class has exactly one. */
export interface Party {
  /** A rule's id; `first-party`; `unattributed`; or `unrecognised:com.acme.tracker`. */
  readonly id: string;
  readonly kind: PartyKind;
  readonly name: string;
  /** The rule that recognised it; SDKs and support libraries only. */
  readonly rule?: PartyRule;
  readonly version?: string;
  /** That this party is in the app. */
  readonly confidence: Confidence;
  /** Classes of the app that are its own. */
  readonly classes: number;
  /** Those of {@link classes} that have lost their names and must be its own; absent where there are none. */
  readonly renamedClasses?: number;
  /** Their code, in 16-bit code units. */
  readonly codeUnits: number;
  readonly evidence: readonly Evidence[];
}

/** The lower of two confidences. */
export function lowerConfidence(a: Confidence, b: Confidence): Confidence {
  const order: readonly Confidence[] = ["certain", "likely", "possible"];
  return order[Math.max(order.indexOf(a), order.indexOf(b))]!;
}
