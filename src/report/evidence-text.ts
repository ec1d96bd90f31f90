import type { Evidence } from "../evidence/index.js";
import type { AccessSummary } from "../findings/index.js";
import { displayWidth, ellipsize } from "./display-width.js";
import { printable } from "./printable-text.js";
import { longReference, shortClass, shortReference } from "./reference-text.js";

/** Columns below which a caller's name says nothing. */
const LEAST_CALLER = 8;

/**
 * A place in the code, as much of `Caller.method -> Api.method` as fits: what is called matters most,
 * the caller's method least.
 *
 * @param evidence without it, only the API
 * @param api the access's API: evidence of an overridden method names the method that overrides it
 */
export function summarizePlace(
  evidence: Evidence | undefined,
  api: string | undefined,
  room: number,
): string {
  const target = printable(shortReference(targetOf(evidence, api)));
  const caller = evidence?.caller;
  if (caller === undefined) return ellipsize(target, room);
  const verb = evidence?.kind === "override" ? " overrides " : " -> ";
  const left = room - displayWidth(verb) - displayWidth(target);
  const full = printable(shortReference(caller));
  if (displayWidth(full) <= left) return full + verb + target;
  const owner = printable(shortClass(caller) ?? full);
  if (left >= Math.min(LEAST_CALLER, displayWidth(owner))) return ellipsize(owner, left) + verb + target;
  return ellipsize(target, room);
}

function targetOf(evidence: Evidence | undefined, api: string | undefined): string {
  if (evidence === undefined || evidence.kind === "override") return api ?? evidence?.value ?? "";
  return evidence.value;
}

/** Evidence in full, escaped: `com.acme.Sdk.start -> android.location.LocationManager.getLastKnownLocation  classes2.dex 0x1f`. */
export function longPlace({ kind, entry, value, caller, codeUnit }: Evidence): string {
  const what = describeValue({ kind, value });
  const where = caller === undefined || kind === "override" ? what : `${longReference(caller)} -> ${what}`;
  const at = codeUnit === undefined ? "" : ` 0x${codeUnit.toString(16)}`;
  return printable(`${where}  ${entry}${at}`, 500);
}

/** What was seen, not escaped: a class by its dotted name, a member by that and its own. */
export function describeValue({ kind, value }: Pick<Evidence, "kind" | "value">): string {
  if (kind === "permission") return value;
  const name = longReference(value);
  return kind === "class" ? name.replace(/\.class$/, "") : name;
}

/** The places of an access in full: `com.acme.Sdk.start  classes2.dex 0x1f`; what was not kept is counted. */
export function listPlaces({
  evidence,
  callSites,
  api,
}: Pick<AccessSummary, "evidence" | "callSites" | "api">): string[] {
  const lines = evidence.map((item) => {
    const caller = longReference(item.caller ?? item.value);
    const at = item.codeUnit === undefined ? "" : ` 0x${item.codeUnit.toString(16)}`;
    const how = describeHow(item, api);
    return `${caller}  ${item.entry}${at}${how === "" ? "" : `  ${how}`}`;
  });
  const left = callSites - evidence.length;
  return left > 0 ? [...lines, `and ${left} more`] : lines;
}

/** What the API's name does not say already. */
function describeHow({ kind, value }: Evidence, api: string): string {
  if (kind === "override") return "overrides it";
  if (kind === "reflection") return `by reflection, ${shortReference(value)}`;
  if (kind === "field-read" || value === api) return "";
  return PASSED.exec(value)?.[1] ?? shortReference(value);
}

/** The constant that a call counts by stands behind the reference. */
const PASSED = /\)\S*\s("(?:[^"\\]|\\.)*")$/;
