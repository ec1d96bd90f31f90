import type { HandOver } from "../access/index.js";
import type { Evidence } from "../evidence/index.js";
import type { FlowHandOver } from "../flow/index.js";

/** A hand-over, with what following flows adds. */
export interface JoinedHandOver extends HandOver {
  /** Google Play's data types of values that the app's code has read and passes; absent where none was seen. */
  readonly passes?: readonly string[];
}

/** What the app hands over by what the called methods mean, and by the values that are passed to any method. */
export function joinHandOvers(
  byMeaning: readonly HandOver[],
  byFlow: readonly FlowHandOver[],
  evidencePerItem: number,
): JoinedHandOver[] {
  const keyOf = ({ party, api, caller }: Pick<HandOver, "party" | "api" | "caller">) =>
    `${party.id} ${api} ${caller}`;
  const passed = new Map<string, FlowHandOver[]>();
  for (const one of byFlow) {
    // What a method does within the third party's own code is its own.
    const key = keyOf(one);
    passed.set(key, [...(passed.get(key) ?? []), one]);
  }
  const known = byMeaning.map((one): JoinedHandOver => {
    const calls = passed.get(keyOf(one));
    passed.delete(keyOf(one));
    return calls === undefined ? one : { ...one, passes: typesOf(calls) };
  });
  const others = [...passed.values()].map((calls): JoinedHandOver => {
    const { party, api, caller } = calls[0]!;
    const evidence = calls
      .slice(0, evidencePerItem)
      .map(({ entry, codeUnit }): Evidence => ({ kind: "method-call", entry, value: api, caller, codeUnit }));
    return {
      party,
      api,
      caller,
      confidence: "likely",
      callSites: calls.length,
      dataTypes: [],
      events: [],
      properties: [],
      passes: typesOf(calls),
      evidence: evidence as [Evidence, ...Evidence[]],
    };
  });
  return [...known, ...others].sort(
    (a, b) =>
      compareText(a.party.id, b.party.id) || compareText(a.api, b.api) || compareText(a.caller, b.caller),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function typesOf(calls: readonly FlowHandOver[]): string[] {
  return [...new Set(calls.flatMap(({ dataTypes }) => dataTypes))].sort();
}
