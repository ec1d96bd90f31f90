/**
 * Facts cannot answer: what they are kept in is `spoilt`, or they were taken when something was not asked for yet
 * (`incomplete`). Nobody's fault: what they were taken from is read again.
 */
export class FactsError extends Error {
  override readonly name = "FactsError";
  readonly reason: "spoilt" | "incomplete";
  /** The DEX file that they are of; `undefined` of an app's. */
  readonly source: string | undefined;

  constructor(reason: "spoilt" | "incomplete", what: string, source?: string) {
    super(`facts are ${reason}: ${what}`);
    this.reason = reason;
    this.source = source;
  }
}
