import type { SinkKind } from "../ruleset/index.js";
import type { Site } from "./outcome.js";
import { FORMS, formsOfMark, markOf, NOTHING, sourceOfMark, type Trace, type Value } from "./values.js";

/** A source's value that reaches a sink. */
export interface RecordedFlow {
  readonly source: number;
  readonly kind: SinkKind;
  readonly method: number;
  readonly codeUnit: number;
  /** Each way in which it arrives: bits of `FORMS`, ascending. */
  readonly forms: Set<number>;
  /** Hosts that it is sent to; `unknown` where no constant says. */
  readonly hosts: Set<string>;
  readonly trace: Trace;
}

/** A call from the app's own code into a third party's that is passed values of sources. */
export interface RecordedCrossing {
  readonly method: number;
  readonly codeUnit: number;
  readonly callee: number;
  readonly sources: Set<number>;
}

/** Keeps what is found while the machine runs, each flow once. */
export class FlowRecorder {
  readonly #flows = new Map<string, RecordedFlow>();
  readonly #crossings = new Map<string, RecordedCrossing>();
  /** Calls that could come to more methods than are gone into, by method and code unit. */
  readonly cutCalls = new Set<string>();

  /** Methods that are not gone into in all the ways in which they are called, or as deep as they are. */
  readonly cutMethods = new Set<number>();

  /** Whether what is found rests on more than running the app as Android does. */
  isAssuming = false;

  get crossings(): readonly RecordedCrossing[] {
    return [...this.#crossings.values()];
  }

  /** A call of one method by another that is passed values of sources. */
  cross({ method, codeUnit }: Site, callee: number, passed: readonly Value[]): void {
    for (const { marks } of passed) {
      for (const mark of marks) {
        const key = `${method} ${codeUnit} ${callee}`;
        const known = this.#crossings.get(key) ?? { method, codeUnit, callee, sources: new Set<number>() };
        this.#crossings.set(key, known);
        known.sources.add(sourceOfMark(mark));
      }
    }
  }

  get flows(): readonly RecordedFlow[] {
    return [...this.#flows.values()];
  }

  /** The mark of a source that is met at a place. */
  mark(source: number, method: number, codeUnit: number): Value {
    return {
      ...NOTHING,
      marks: [markOf(source, this.isAssuming ? FORMS.assumed : 0)],
      traces: [{ method, codeUnit, previous: undefined }],
    };
  }

  sink(kind: SinkKind, value: Value, hosts: readonly string[], { method, codeUnit }: Site): void {
    value.marks.forEach((mark, index) => {
      const source = sourceOfMark(mark);
      const key = `${source} ${method} ${codeUnit} ${kind}`;
      const known = this.#flows.get(key) ?? {
        source,
        kind,
        method,
        codeUnit,
        forms: new Set(),
        hosts: new Set(),
        trace: value.traces[index]!,
      };
      this.#flows.set(key, known);
      known.forms.add(formsOfMark(mark));
      for (const host of hosts) known.hosts.add(host);
    });
  }
}
