import { type Finding, type ReachabilitySummary, sayGap } from "../findings/index.js";
import type { Page } from "./page.js";
import { printable } from "./printable-text.js";
import { longReference, shortReference } from "./reference-text.js";
import { count } from "./words.js";

type Reach = NonNullable<Finding["reach"]>;
type ReachChain = NonNullable<Reach["beforeConsent"]>;

/** How code comes to run, in a phrase: `from the activity com.acme.Main in 3 calls`. Escaped. */
export function sayChain({ kind, component, chain, omitted = 0 }: ReachChain): string {
  const calls = chain.length - 1 + omitted;
  const how = calls === 0 ? "which Android calls" : `in ${count(calls, "call")}`;
  return `from the ${kind} ${printable(component, 200)}${calls === 0 ? `, ${how}` : ` ${how}`}`;
}

/** The same with what is worse: that it can run before anybody could be asked. */
export function sayReach(reach: Reach): string {
  const { beforeConsent } = reach;
  if (beforeConsent === undefined) return `can run ${sayChain(reach)}`;
  if (isSameChain(reach, beforeConsent)) return `can run before consent, ${sayChain(reach)}`;
  return `can run ${sayChain(reach)}; before consent ${sayChain(beforeConsent)}`;
}

/** That no way to code was found, and what that is worth: a clause, and where more may run a sentence. Not escaped. */
export function sayUnreached(gaps: ReachabilitySummary["gaps"]): string {
  if (gaps.length === 0) return "no calls lead there, and all of the code was followed.";
  return `no calls were found that lead there. More may run than was found: ${gaps.map(sayGap).join(", ")}.`;
}

/** Methods of a chain, in full, escaped; what was left out before the last is counted. */
export function listChain({ chain, omitted = 0 }: ReachChain): string[] {
  const names = chain.map((reference) => printable(longReference(reference), 300));
  if (omitted === 0) return names;
  return [...names.slice(0, -1), `… ${count(omitted, "method")} left out`, ...names.slice(-1)];
}

/** A whole chain as one line of short names, with an arrow between. */
export function joinChain({ chain, omitted = 0 }: ReachChain): string {
  const names = chain.map((reference) => printable(shortReference(reference), 120));
  const left = omitted === 0 ? [] : [`(${omitted} more)`];
  return [...names.slice(0, -1), ...left, ...names.slice(-1)].join(" -> ");
}

/** The way to an access, and that before consent where it is another, a method a line. */
export function renderReach(page: Page, reach: Reach, indent: number): void {
  const { beforeConsent } = reach;
  const isEarly = beforeConsent !== undefined && isSameChain(reach, beforeConsent);
  renderChain(page, reach, `can run${isEarly ? " before consent" : ""}`, indent);
  if (beforeConsent !== undefined && !isEarly) renderChain(page, beforeConsent, "before consent", indent);
}

function renderChain(page: Page, chain: ReachChain, what: string, indent: number): void {
  page.paragraph([{ text: `${what} ${sayChain(chain)}` }], indent, indent + 2);
  for (const line of listChain(chain)) page.paragraph([{ text: line, tone: "dim" }], indent + 2, indent + 4);
}

function isSameChain(one: ReachChain, other: ReachChain): boolean {
  return one.component === other.component && one.chain.join() === other.chain.join();
}
