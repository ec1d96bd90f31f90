import type { Place } from "../ruleset/index.js";

/** A source at a place in the code, and where the value comes out. */
export interface SourceAt {
  readonly source: number;
  readonly yields: readonly Place[];
}

/** Where values come from that are asked about. */
export interface FlowSources {
  /** Sources that an instruction of a method is. */
  at(method: number, codeUnit: number): readonly SourceAt[];
  /** Whether an instruction of a method is one. */
  isIn(method: number): boolean;
  /** Sources that a method's parameters are where Android calls it. */
  onEntry(method: number): readonly SourceAt[];
}
