import { readFileSync } from "node:fs";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import { decodeInstruction, readCodeItem } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { AuditResult, FlowSummary } from "../../src/findings/index.js";
import type { Point, Program } from "./read-program.js";

/** What was made of a pair of a source and a sink of a program, and of flows that none of its marks speaks of. */
export interface FlowVerdict {
  /** `<program>: <label> -> <place of the sink>`. */
  readonly text: string;
  readonly outcome: "true-positive" | "true-negative" | "false-positive" | "false-negative";
  /** Of a true positive: what is said otherwise of it than the mark does. */
  readonly differs: readonly string[];
}

/** How well an audit tells the flows of a program. */
export async function scoreFlows(program: Program, { flows = [] }: AuditResult): Promise<FlowVerdict[]> {
  const pointAt = await readPoints(program);
  const verdicts: FlowVerdict[] = [];
  const reported = new Map<string, FlowSummary[]>();
  for (const flow of flows) {
    const { caller, codeUnit } = flow.source;
    const source: Named | undefined =
      codeUnit === undefined ? { caller, api: caller, ordinal: 0 } : pointAt.get(`${caller} ${codeUnit}`);
    const label = [...program.sources].find(([, points]) =>
      points.some((point) => isSame(point, source)),
    )?.[0];
    const place = pointAt.get(`${flow.sink.caller} ${flow.sink.codeUnit}`);
    const sink = program.sinks.find((point) => isSame(point, place));
    if (label === undefined || sink === undefined) {
      const text = `${program.name}: ${label ?? `${caller} ${flow.source.api}`} -> ${sink?.place ?? `${flow.sink.caller} ${flow.sink.api}`}`;
      if (!verdicts.some((one) => one.text === text))
        verdicts.push({ text, outcome: "false-positive", differs: [] });
      continue;
    }
    const key = `${label} ${sink.place}`;
    reported.set(key, [...(reported.get(key) ?? []), flow]);
  }
  for (const sink of program.sinks) {
    for (const label of program.sources.keys()) {
      const verdict = sink.verdicts.find((one) => one.label === label);
      const found = reported.get(`${label} ${sink.place}`);
      const text = `${program.name}: ${label} -> ${sink.place}`;
      if (verdict?.leaks === true)
        verdicts.push(
          found === undefined
            ? { text, outcome: "false-negative", differs: [] }
            : { text, outcome: "true-positive", differs: compare(found, verdict.hosts, verdict.marks) },
        );
      else
        verdicts.push({
          text,
          outcome: found === undefined ? "true-negative" : "false-positive",
          differs: [],
        });
    }
  }
  return verdicts;
}

const OWNERS = new Set(["first-party", "self-collected", "handed-over", "passed-on"]);

/** What flows between two marked lines say otherwise than the mark. */
function compare(
  flows: readonly FlowSummary[],
  hosts: readonly string[],
  marks: readonly string[],
): string[] {
  const differs: string[] = [];
  const found = [...new Set(flows.flatMap(({ sink }) => sink.hosts ?? []))].sort().join(" or ");
  const wanted = [...hosts].sort().join(" or ");
  if (hosts.length > 0 && found !== wanted) differs.push(`hosts: ${found || "none"} instead of ${wanted}`);
  const owner = marks.find((mark) => OWNERS.has(mark)) ?? "first-party";
  const kinds = [...new Set(flows.map(({ kind }) => kind))].join(", ");
  if (!flows.some(({ kind }) => kind === owner)) differs.push(`kind: ${kinds} instead of ${owner}`);
  for (const form of ["hashed", "encrypted", "encoded"] as const) {
    const isSaid = flows.some((flow) => flow[form] === true);
    if (isSaid !== marks.includes(form)) differs.push(`${form}: ${isSaid ? "said" : "not said"}`);
  }
  return differs;
}

interface Named {
  readonly caller: string;
  readonly api: string;
  readonly ordinal: number;
}

function isSame(point: Point, other: Named | undefined): boolean {
  return point.caller === other?.caller && point.api === other.api && point.ordinal === other.ordinal;
}

/** The instructions of a program that name a method or a field, by caller and code unit, as marks name them. */
async function readPoints({ apk }: Program): Promise<Map<string, Named>> {
  const points = new Map<string, Named>();
  const app = openApp(bytesSource("program.apk", new Uint8Array(readFileSync(apk))), defaultLimits, []);
  for await (const dex of app.dexFiles()) {
    for (let classDefIdx = 0; classDefIdx < dex.classDefsSize; classDefIdx++) {
      const { directMethods, virtualMethods } = dex.classData(dex.classDef(classDefIdx));
      for (const { methodIdx, codeOff } of [...directMethods, ...virtualMethods]) {
        if (codeOff === 0) continue;
        const caller = dex.methodRef(methodIdx);
        const code = readCodeItem(dex, codeOff);
        const counts = new Map<string, number>();
        for (let codeUnit = 0; codeUnit < code.insnsSize; ) {
          const { opcode, index, units } = decodeInstruction(dex, code, codeUnit);
          const api =
            opcode.referenceKind === "method"
              ? dex.methodRef(index!)
              : opcode.referenceKind === "field" && /^[is]get/.test(opcode.mnemonic)
                ? dex.fieldRef(index!)
                : undefined;
          if (api !== undefined) {
            const ordinal = counts.get(api) ?? 0;
            counts.set(api, ordinal + 1);
            points.set(`${caller} ${codeUnit}`, { caller, api, ordinal });
          }
          codeUnit += units;
        }
      }
    }
  }
  return points;
}

/** Precision, recall and F1 of verdicts. */
export function measureFlows(verdicts: readonly FlowVerdict[]) {
  const count = (outcome: FlowVerdict["outcome"]) => verdicts.filter((one) => one.outcome === outcome).length;
  const [found, wrong, missed] = [count("true-positive"), count("false-positive"), count("false-negative")];
  const precision = found / (found + wrong);
  const recall = found / (found + missed);
  return { found, wrong, missed, precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
