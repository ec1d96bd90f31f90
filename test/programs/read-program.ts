import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** fixtures/programs, whose README has the grammar that is read here. */
export const programsFolder = fileURLToPath(new URL("../../fixtures/programs", import.meta.url));

/** A marked line, told apart from others as a flow engine would: by caller, API, and which call of it in the caller. */
export interface Point {
  /** `Lcom/acme/Main;->onCreate(Landroid/os/Bundle;)V`. */
  readonly caller: string;
  /** The method that is called or the field that is read; the caller itself where its parameters are the source. */
  readonly api: string;
  /** Among the instructions of the caller that name the API, in the order of the code; from 0. */
  readonly ordinal: number;
  /** File and line, for messages. */
  readonly place: string;
}

export interface PointVerdict {
  readonly label: string;
  readonly leaks: boolean;
  /** `hashed`, `handed-over`, …; none where it does not leak. */
  readonly marks: readonly string[];
}

export interface ProgramSink extends Point {
  readonly verdicts: readonly PointVerdict[];
}

/** `expected.yaml`. */
export interface ExpectedProgram {
  readonly shows: string;
  readonly edges?: readonly { readonly from: string; readonly to: string }[];
  readonly "no-edges"?: readonly { readonly from: string; readonly to: string }[];
  readonly reachable?: readonly {
    readonly method: string;
    readonly component: string;
    readonly entry: string;
  }[];
  readonly unreachable?: readonly string[];
  readonly "before-consent"?: Readonly<Record<string, boolean>>;
  readonly "handed-over"?: readonly {
    readonly from: string;
    readonly to: string;
    readonly data: readonly string[];
    readonly events: readonly string[];
  }[];
}

export interface Program {
  /** `fields/alias-made-before`. */
  readonly name: string;
  readonly apk: string;
  /** Each label's points: they are one source, and naming any of them names it. */
  readonly sources: ReadonlyMap<string, readonly Point[]>;
  readonly sinks: readonly ProgramSink[];
  /** How often each caller names each API, by `caller api`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly expected: ExpectedProgram;
}

const INSTRUCTION = /^(?:invoke-[a-z]+(?:\/range)? \{.*\}|[is]get(?:-[a-z]+)? .*), (\[*L\S+;->\S+)$/;
const LABEL = "[a-z][a-z0-9-]*";
const VERDICT = new RegExp(`^(${LABEL}) (?:leaks((?:, [a-z-]+)*)|does not leak: [^;#]+)$`);

/** All programs, by name. */
export function readPrograms(): Program[] {
  return readdirSync(programsFolder, { withFileTypes: true })
    .filter((group) => group.isDirectory() && group.name !== "rules")
    .flatMap(({ name: group }) =>
      readdirSync(join(programsFolder, group), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => readProgram(`${group}/${entry.name}`)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws Error naming file and line, where a comment is not what the grammar allows */
export function readProgram(name: string): Program {
  const folder = join(programsFolder, name);
  const sources = new Map<string, Point[]>();
  const sinks: ProgramSink[] = [];
  const counts = new Map<string, number>();
  const files = readdirSync(join(folder, "smali"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((path) => path.endsWith(".smali")).sort()) {
    let descriptor = "";
    let caller = "";
    for (const [index, text] of readFileSync(join(folder, "smali", file), "utf8")
      .split("\n")
      .entries()) {
      const place = `${name}/smali/${file}:${index + 1}`;
      const [line, comment] = splitComment(text.trim());
      descriptor = /^\.class .*?(L\S+;)$/.exec(line)?.[1] ?? descriptor;
      const method = /^\.method .*?(\S+\(\S*)$/.exec(line)?.[1];
      if (method !== undefined) caller = `${descriptor}->${method}`;
      const api = method === undefined ? INSTRUCTION.exec(line)?.[1] : caller;
      const key = `${caller} ${api}`;
      const ordinal = method === undefined ? (counts.get(key) ?? 0) : 0;
      if (method === undefined && api !== undefined) counts.set(key, ordinal + 1);
      const marked = /^(source|sink): (.*)$/.exec(comment);
      if (marked === null) continue;
      if (api === undefined) throw new Error(`${place}: the line is no call, field read or method`);
      const point = { caller, api, ordinal, place };
      if (marked[1] === "sink") sinks.push({ ...point, verdicts: parseVerdicts(marked[2]!, place) });
      else if (!new RegExp(`^${LABEL}$`).test(marked[2]!)) throw new Error(`${place}: no label`);
      else sources.set(marked[2]!, [...(sources.get(marked[2]!) ?? []), point]);
    }
  }
  const expected = parse(readFileSync(join(folder, "expected.yaml"), "utf8")) as ExpectedProgram;
  return { name, apk: `${folder}.apk`, sources, sinks, counts, expected };
}

/** Pairs of a source and a sink of a program, in both kinds. */
export function countPairs(program: Program): { leaks: number; clean: number } {
  const leaks = program.sinks.flatMap(({ verdicts }) => verdicts.filter((verdict) => verdict.leaks)).length;
  return { leaks, clean: program.sources.size * program.sinks.length - leaks };
}

/** Whether a group's folder has an APK that no program is the source of. */
export function findStrayApks(): string[] {
  return readdirSync(programsFolder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".apk") && !existsSync(join(programsFolder, path.slice(0, -".apk".length))),
  );
}

function parseVerdicts(text: string, place: string): PointVerdict[] {
  return text.split("; ").map((part) => {
    const [, label, marks] = VERDICT.exec(part) ?? [];
    if (label === undefined) throw new Error(`${place}: \`${part}\` is no verdict`);
    return { label, leaks: marks !== undefined, marks: marks?.split(", ").slice(1) ?? [] };
  });
}

/** An instruction, and its comment without the `# `: a `#` in a string constant begins none. */
function splitComment(line: string): [string, string] {
  const [, code, comment] = /^((?:[^"#]|"(?:[^"\\]|\\.)*")*?)\s*(?:# ?(.*))?$/.exec(line) ?? [];
  return [code ?? line, comment ?? ""];
}
