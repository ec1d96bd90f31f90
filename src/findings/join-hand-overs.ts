import { compareHandOvers, type HandOver } from "../access/index.js";
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
  for (const one of byFlow) passed.set(keyOf(one), [...(passed.get(keyOf(one)) ?? []), one]);
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
  return [...known, ...others].sort(compareHandOvers);
}

function typesOf(calls: readonly FlowHandOver[]): string[] {
  return [...new Set(calls.flatMap(({ dataTypes }) => dataTypes))].sort();
}
