import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * What AOSP's dexdump says a DEX file's code refers to. Shares nothing with src: an oracle for what the
 * audit finds.
 */

/** One method with code. */
export interface DumpedMethod {
  /** Smali form. */
  readonly ref: string;
  readonly references: readonly DumpedReference[];
}

/** An instruction that names a method, a field or a string. */
export interface DumpedReference {
  readonly kind: "method" | "field" | "string";
  /** Smali form, or the string. */
  readonly value: string;
  readonly codeUnit: number;
  /** Of a method: whether it is called on an object, so that the class named may be one below the method's own. */
  readonly isVirtual?: boolean;
}

/** Whether dexdump is installed. */
export function hasDexdump(): boolean {
  return spawnSync("dexdump", ["-V"]).error === undefined;
}

/** Every method with code of a DEX file. */
export function readDexdump(dex: Uint8Array): DumpedMethod[] {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-dexdump-"));
  try {
    const path = join(folder, "classes.dex");
    writeFileSync(path, dex);
    return parseDexdump(execFileSync("dexdump", ["-d", path], { encoding: "latin1", maxBuffer: 1 << 29 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const METHOD_HEAD = /\|\[[0-9a-f]+\] (.+)\.([^.:]+):(\(.*)$/;
const INVOKE = /\|([0-9a-f]{4}): invoke-(\S+) \{[^}]*\}, (L[^;]+;|\[+\S+?)\.([^.:]+):(\(\S+) \/\/ method@/;
/** Reads only: iget and sget. */
const FIELD_READ = /\|([0-9a-f]{4}): [is]get\S* .*, (L[^;]+;)\.([^.:]+):(\S+) \/\/ field@/;
const STRING = /\|([0-9a-f]{4}): const-string\S* v\d+, "(.*)" \/\/ string@/;

function parseDexdump(text: string): DumpedMethod[] {
  const methods: { ref: string; references: DumpedReference[] }[] = [];
  for (const line of text.split("\n")) {
    const head = METHOD_HEAD.exec(line);
    if (head !== null) {
      methods.push({ ref: `L${head[1]!.replaceAll(".", "/")};->${head[2]}${head[3]}`, references: [] });
      continue;
    }
    const reference = parseReference(line);
    if (reference !== undefined) methods.at(-1)!.references.push(reference);
  }
  return methods;
}

function parseReference(line: string): DumpedReference | undefined {
  const invoke = INVOKE.exec(line);
  if (invoke !== null) {
    const [, codeUnit, kind, owner, name, proto] = invoke;
    return {
      ...reference("method", codeUnit!, `${owner}->${name}${proto}`),
      isVirtual: /^(?:virtual|interface)/.test(kind!),
    };
  }
  const field = FIELD_READ.exec(line);
  if (field !== null) return reference("field", field[1]!, `${field[2]}->${field[3]}:${field[4]}`);
  const string = STRING.exec(line);
  return string === null ? undefined : reference("string", string[1]!, string[2]!);
}

function reference(kind: DumpedReference["kind"], codeUnit: string, value: string): DumpedReference {
  return { kind, value, codeUnit: Number.parseInt(codeUnit, 16) };
}
