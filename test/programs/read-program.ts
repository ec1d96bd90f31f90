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
  /** At a sink of the kind `network`: which servers it can be, `unknown` where no constant says. */
  readonly hosts: readonly string[];
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
const HOST = "(?:unknown|[a-z0-9-]+(?:\\.[a-z0-9-]+)+)";
const VERDICT = new RegExp(
  `^(${LABEL}) (?:leaks(?: to (${HOST}(?: or ${HOST})*))?((?:, [a-z-]+)*)|does not leak: [^;#]+)$`,
);

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

/** The marks of a program's smali files. */
export class Marks {
  readonly sources = new Map<string, Point[]>();
  readonly sinks: ProgramSink[] = [];
  readonly counts = new Map<string, number>();

  /** @throws Error naming file and line, where a comment behind an instruction is not what the grammar allows */
  readFile(file: string, text: string): void {
    let descriptor = "";
    let caller = "";
    for (const [index, line] of text.split("\n").entries()) {
      const place = `${file}:${index + 1}`;
      const [code, comment] = splitComment(line.trim());
      descriptor = /^\.class .*?(L\S+;)$/.exec(code)?.[1] ?? descriptor;
      const method = /^\.method .*?(\S+\(\S*)$/.exec(code)?.[1];
      if (method !== undefined) caller = `${descriptor}->${method}`;
      const named = INSTRUCTION.exec(code)?.[1];
      const ordinal = this.counts.get(`${caller} ${named}`) ?? 0;
      if (named !== undefined) this.counts.set(`${caller} ${named}`, ordinal + 1);
      if (code === "" || comment === "") continue;
      const [, kind, verdict] = /^(source|sink): (.*)$/.exec(comment) ?? [];
      const api = method !== undefined && kind === "source" ? caller : named;
      if (kind === undefined) throw new Error(`${place}: \`${comment}\` is no mark`);
      if (api === undefined) throw new Error(`${place}: the line is none that can be a ${kind}`);
      this.#add(kind, verdict!, { caller, api, ordinal, place });
    }
  }

  #add(kind: string, text: string, point: Point): void {
    if (kind === "sink") {
      this.sinks.push({ ...point, verdicts: parseVerdicts(text, point.place) });
    } else {
      if (!new RegExp(`^${LABEL}$`).test(text)) throw new Error(`${point.place}: \`${text}\` is no label`);
      this.sources.set(text, [...(this.sources.get(text) ?? []), point]);
    }
  }
}

function readProgram(name: string): Program {
  const folder = join(programsFolder, name);
  const marks = new Marks();
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((path) => path.endsWith(".smali")).sort()) {
    marks.readFile(`${name}/${file}`, readFileSync(join(folder, file), "utf8"));
  }
  const { sources, sinks, counts } = marks;
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
    const [, label, hosts, marks] = VERDICT.exec(part) ?? [];
    if (label === undefined) throw new Error(`${place}: \`${part}\` is no verdict`);
    return {
      label,
      leaks: marks !== undefined,
      hosts: hosts?.split(" or ") ?? [],
      marks: marks?.split(", ").slice(1) ?? [],
    };
  });
}

/** An instruction, and its comment without the `# `: a `#` in a string constant begins none. */
function splitComment(line: string): [string, string] {
  const [, code, comment] = /^((?:[^"#]|"(?:[^"\\]|\\.)*")*?)\s*(?:# ?(.*))?$/.exec(line) ?? [];
  return [code ?? line, comment ?? ""];
}
