import type { AuditResult } from "../findings/index.js";
import { escapeUnseen } from "./printable-text.js";

/**
 * The result as JSON for people and programs: two spaces, keys in the order of the result's types, a
 * newline at the end. Characters that a terminal obeys or hides stand as `\u202e`: the same JSON, safe to print.
 */
export function renderJson(result: AuditResult): string {
  return `${escapeInJson(JSON.stringify(result, undefined, 2))}\n`;
}

/** The result as one line of JSON Lines. */
export function renderJsonLine(result: AuditResult): string {
  return `${escapeInJson(JSON.stringify(result))}\n`;
}

/** JSON in which what a terminal obeys or hides is escaped: the same value, safe to print. */
export function escapeInJson(json: string): string {
  // The only line breaks are those of the layout: inside strings, JSON.stringify has escaped them.
  return escapeUnseen(json, (codePoint) =>
    codePoint === 0x0a
      ? "\n"
      : String.fromCodePoint(codePoint).replace(
          /[\s\S]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        ),
  );
}
