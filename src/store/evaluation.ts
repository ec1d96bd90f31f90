import { createHash } from "node:crypto";
import { type Rung, rungs } from "../findings/index.js";
import { findJsonObject } from "./find-json.js";

/** What apps are judged by. The same app under the same evaluation gives the same rows, and is audited once. */
export interface Evaluation {
  /** Version of bycatch. */
  readonly tool: string;
  /** Digest of the rules, with those that the user added. */
  readonly rulesVersion: string;
  readonly depth: Rung;
  /** Package trees that the user named as the first party's. */
  readonly firstParty: readonly string[];
}

/** The evaluation's id: 16 hexadecimal digits of the SHA-256 of its canonical JSON. */
export function evaluationId(evaluation: Evaluation): string {
  return createHash("sha256").update(canonicalJson(evaluation)).digest("hex").slice(0, 16);
}

/** The evaluation as text: keys in their order, the first party's packages sorted and each once. */
export function canonicalJson({ tool, rulesVersion, depth, firstParty }: Evaluation): string {
  return JSON.stringify({ depth, firstParty: [...new Set(firstParty)].sort(), rulesVersion, tool });
}

/** The evaluation that a text of JSON is; `undefined` where it is none. */
export function parseEvaluation(text: string): Evaluation | undefined {
  const { tool, rulesVersion, depth, firstParty } = findJsonObject(text);
  const isEvaluation =
    typeof tool === "string" &&
    typeof rulesVersion === "string" &&
    isRung(depth) &&
    Array.isArray(firstParty) &&
    firstParty.every((one) => typeof one === "string");
  return isEvaluation ? { tool, rulesVersion, depth, firstParty } : undefined;
}

function isRung(value: unknown): value is Rung {
  return (rungs as readonly unknown[]).includes(value);
}
