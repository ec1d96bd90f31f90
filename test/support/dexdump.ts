import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import type { DexFile } from "../../src/dex/index.js";
import { renderLikeDexdump } from "./dexdump-format.js";

/*
 * AOSP's dexdump as an oracle: our reading of a DEX file, printed in dexdump's own format, against what
 * `dexdump -f -d` prints. Every class, member, initial value, instruction with its operands and every
 * exception handler is compared; debug info, the names of access flags and the decimal rendering of
 * `const`s as floats are left out on both sides.
 */

/** An installed dexdump. */
export interface DexdumpTool {
  /** As its package names it, `11.0.0+r48-5`; `unknown` where no package manager says. */
  readonly version: string;
  /** Newer ones escape string constants in instructions, older ones print them raw. */
  readonly escapesStrings: boolean;
}

/** The installed dexdump. `probe` is a DEX file with a tab in the constant of a `const-string`. */
export function findDexdump(probe: string): DexdumpTool | undefined {
  const { error, stdout } = spawnSync("dexdump", ["-d", probe], { encoding: "latin1" });
  if (error !== undefined) return undefined;
  const query = spawnSync("dpkg-query", ["-W", "dexdump"], { encoding: "utf8" });
  const version = query.status === 0 ? query.stdout.trim().split("\t")[1] : undefined;
  return { version: version ?? "unknown", escapesStrings: stdout.includes('"tab\\there"') };
}

/** What of one DEX file is worth keeping in a fixture. */
export interface DexSummary {
  readonly classes: number;
  readonly methods: number;
  readonly methodsWithCode: number;
  readonly codeUnits: number;
  /** Payloads and spacers counted as dexdump prints them: one line each. */
  readonly instructions: number;
  /** SHA-256 of the compared lines, strings raw. */
  readonly digest: string;
}

/** The summary of our own reading. */
export function summarizeDex(dex: DexFile): DexSummary {
  const tally = new Tally();
  for (const lines of renderLikeDexdump(dex, false)) for (const line of lines) tally.add(line);
  return tally.finish();
}

/** One line of a summary file. */
export function renderSummary(name: string, summary: DexSummary): string {
  const { classes, methods, methodsWithCode, codeUnits, instructions, digest } = summary;
  return `${name}: ${classes} classes, ${methods} methods, ${methodsWithCode} with code, ${codeUnits} code units, ${instructions} instructions, sha256 ${digest}`;
}

/** How dexdump's reading of one DEX file compares with ours. */
export interface DexComparison {
  readonly source: string;
  /** Of what dexdump printed. */
  readonly summary: DexSummary;
  /** The first lines that differ. */
  readonly differences: readonly string[];
}

const MAX_DIFFERENCES = 5;

/**
 * Runs dexdump on a DEX file or APK and compares it line by line with our reading of the same DEX files
 * in the same order. A file that dexdump refuses, or one DEX file too many or too few, is a difference.
 */
export async function compareWithDexdump(
  tool: DexdumpTool,
  path: string,
  dexFiles: readonly DexFile[],
): Promise<DexComparison[]> {
  const comparisons: DexComparison[] = [];
  let member: MemberComparison | undefined;
  const { stderr, lines } = runDexdump(path);
  for await (const chunk of lines) {
    for (const line of chunk) {
      if (line.startsWith("Opened '")) {
        if (member !== undefined) comparisons.push(member.finish());
        member = new MemberComparison(dexFiles[comparisons.length], tool);
      } else member?.add(line);
    }
  }
  if (member !== undefined) comparisons.push(member.finish());
  if (comparisons.length !== dexFiles.length) {
    const problem = `dexdump read ${comparisons.length} of ${dexFiles.length} DEX files: ${stderr()}`;
    comparisons.push({ source: path, summary: new Tally().finish(), differences: [problem] });
  }
  return comparisons;
}

function runDexdump(path: string): { stderr: () => string; lines: AsyncGenerator<string[]> } {
  const child = spawn("dexdump", ["-f", "-d", path], { stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaints = (complaints + chunk).slice(0, 2000);
  });
  child.stdout.setEncoding("latin1");
  async function* lines(): AsyncGenerator<string[]> {
    let rest = "";
    for await (const chunk of child.stdout as AsyncIterable<string>) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop()!;
      yield parts;
    }
    if (rest !== "") yield [rest];
  }
  return { stderr: () => complaints, lines: lines() };
}

/** Feeds dexdump's lines past ours. */
class MemberComparison {
  readonly #dex: DexFile | undefined;
  readonly #classes: Generator<string[]>;
  readonly #tally = new Tally();
  readonly #differences: string[] = [];
  #ours: string[] = [];
  #next = 0;
  #className = "";
  #inDebugInfo = false;

  constructor(dex: DexFile | undefined, { escapesStrings }: DexdumpTool) {
    this.#dex = dex;
    this.#classes = dex === undefined ? nothing() : renderLikeDexdump(dex, escapesStrings);
  }

  add(raw: string): void {
    if (raw.startsWith("      positions     :")) this.#inDebugInfo = true;
    else if (raw === "") this.#inDebugInfo = false;
    if (this.#inDebugInfo || raw.startsWith("Processing '")) return;
    const line = normalize(raw);
    if (line.startsWith("  Class descriptor")) this.#className = line;
    this.#tally.add(line);
    this.#compare(line, this.#nextLine());
  }

  finish(): DexComparison {
    const left = this.#nextLine();
    if (left !== undefined) this.#compare("the end", left);
    return {
      source: this.#dex?.source ?? "no such DEX file",
      summary: this.#tally.finish(),
      differences: this.#differences,
    };
  }

  #nextLine(): string | undefined {
    while (this.#next >= this.#ours.length) {
      const { done, value } = this.#classes.next();
      if (done === true) return undefined;
      this.#ours = value;
      this.#next = 0;
    }
    return this.#ours[this.#next++];
  }

  #compare(theirs: string, ours: string | undefined): void {
    if (theirs === ours || this.#differences.length >= MAX_DIFFERENCES) return;
    this.#differences.push(
      `${this.#className.trim()}\n  dexdump: ${theirs}\n  ours:    ${ours ?? "the end"}`,
    );
  }
}

function* nothing(): Generator<string[]> {}

/** Counts lines and digests them. */
class Tally {
  readonly #counts = { classes: 0, methods: 0, methodsWithCode: 0, codeUnits: 0, instructions: 0 };
  readonly #hash = createHash("sha256");
  #pending: string[] = [];

  add(line: string): void {
    const counts = this.#counts;
    if (isInstruction(line)) counts.instructions++;
    else if (line.startsWith("Class #")) counts.classes++;
    else if (line.startsWith("      type          : '(")) counts.methods++;
    else if (line.startsWith("      insns size    : ")) {
      counts.methodsWithCode++;
      counts.codeUnits += Number.parseInt(line.slice(22), 10);
    }
    this.#pending.push(line);
    if (this.#pending.length >= 4096) this.#flush();
  }

  finish(): DexSummary {
    this.#flush();
    return { ...this.#counts, digest: this.#hash.digest("hex") };
  }

  #flush(): void {
    if (this.#pending.length > 0) this.#hash.update(`${this.#pending.splice(0).join("\n")}\n`, "latin1");
  }
}

/** Names of flags, and floats in decimal, say nothing that the hexadecimal beside them does not. */
function normalize(line: string): string {
  if (line.startsWith("      access        : ") || line.startsWith("  Access flags      : ")) {
    return line.replace(/ \(.*$/, "");
  }
  if (line.startsWith("Call site #")) return line.replace(/ \/\/ offset.*$/, "");
  const operation = isInstruction(line) ? line.indexOf(": const", 48) : -1;
  if (operation < 0 || operation > 60) return line;
  return line.replace(/^(.{47,49}\|[0-9a-f]+: const\S* v\d+, #(?:float|double)) \S+ \/\//, "$1 //");
}

/** `0007fc: 7010 2c00 0000                         |0000: …`; the first line of a method has a `[` after the bar. */
function isInstruction(line: string): boolean {
  const bar = line.indexOf(":") + 41;
  return line[bar] === "|" && line[bar + 1] !== "[" && /^[0-9a-f]{6,8}:/.test(line);
}
