import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import JSZip from "jszip";

/*
 * dx, Android's first DEX compiler: JVM class files -> classes.dex. It reads class files up to Java 7, so
 * those of Java 8 are relabelled as Java 7's. That changes two bytes and nothing a compiler reads, except
 * in classes with an `invokedynamic` (lambdas), which DEX had no instruction for: these are left out, and
 * named.
 */

/** What dx made of some JARs. */
export interface DexedJars {
  readonly dex: Uint8Array;
  /** Class files as given. */
  readonly classes: number;
  /** Descriptors of the classes that dx cannot compile, sorted. */
  readonly leftOut: readonly string[];
}

/** What a Java program that runs for seconds is started with: less is compiled and tidied up behind it. */
export const javaOptions = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/** Whether there is a Java runtime. */
export function hasJava(): boolean {
  return spawnSync("java", ["-version"]).status === 0;
}

/**
 * Compiles the classes of some JARs into one DEX file.
 *
 * @param dx a JAR with `com.android.dx.command.Main`
 * @param cache a folder: what was compiled before is taken from there
 */
export async function compileToDex(
  jars: readonly Uint8Array[],
  dx: string,
  cache: string,
): Promise<DexedJars> {
  const classes = new Map<string, Uint8Array>();
  for (const jar of jars) for (const [name, bytes] of await readClasses(jar)) classes.set(name, bytes);
  const leftOut = [...classes].filter(([, bytes]) => usesInvokeDynamic(bytes)).map(([name]) => name);
  for (const name of leftOut) classes.delete(name);
  const path = join(cache, `${hashOf(readFileSync(dx), ...classes.values())}.dex`);
  const dex = readIfThere(path) ?? (await runDx(dx, classes, path));
  return {
    dex,
    classes: classes.size + leftOut.length,
    leftOut: leftOut.map((name) => `L${name.replace(/\.class$/, ";")}`).sort(),
  };
}

async function readClasses(jar: Uint8Array): Promise<[name: string, bytes: Uint8Array][]> {
  const zip = await JSZip.loadAsync(jar);
  const names = Object.keys(zip.files).filter(
    (name) => name.endsWith(".class") && !name.startsWith("META-INF/"),
  );
  return Promise.all(
    names
      .sort()
      .map(async (name) => [name, await zip.file(name)!.async("uint8array")] as [string, Uint8Array]),
  );
}

const CONSTANT_UTF8 = 1;
const CONSTANT_INVOKE_DYNAMIC = 18;
/** Bytes of a cp_info by its tag, the tag included (JVMS 4.4); a CONSTANT_Utf8 has its length in it. */
// biome-ignore format: a table
const CP_INFO_SIZES: Readonly<Record<number, number>> = {
  3: 5, 4: 5, 5: 9, 6: 9, 7: 3, 8: 3, 9: 5, 10: 5, 11: 5, 12: 5, 15: 4, 16: 3, 18: 5,
};

/** Whether the constant pool of a class file has a CONSTANT_InvokeDynamic. */
function usesInvokeDynamic(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(8);
  for (let index = 1, at = 10; index < count; index++) {
    const tag = view.getUint8(at);
    if (tag === CONSTANT_INVOKE_DYNAMIC) return true;
    if (tag === 5 || tag === 6) index++; // longs and doubles take two places
    at += tag === CONSTANT_UTF8 ? 3 + view.getUint16(at + 1) : CP_INFO_SIZES[tag]!;
  }
  return false;
}

const JAVA_7 = 51;

/** Of a Java 8 class file, the same said to be Java 7's. */
function relabel(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[7] = Math.min(copy[7]!, JAVA_7);
  return copy;
}

async function runDx(
  dx: string,
  classes: ReadonlyMap<string, Uint8Array>,
  path: string,
): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-dx-"));
  try {
    const jar = new JSZip();
    for (const [name, bytes] of classes) jar.file(name, relabel(bytes), { createFolders: false });
    writeFileSync(join(folder, "in.jar"), await jar.generateAsync({ type: "uint8array" }));
    const output = join(folder, "classes.dex");
    const args = [...javaOptions, "-cp", dx, "com.android.dx.command.Main", "--dex", "--no-strict"];
    await promisify(execFile)("java", [...args, `--output=${output}`, join(folder, "in.jar")], {
      maxBuffer: 1 << 26,
    });
    const dex = readFileSync(output);
    mkdirSync(dirname(path), { recursive: true });
    // In one step: another process may be looking for it.
    writeFileSync(`${path}.${process.pid}`, dex);
    renameSync(`${path}.${process.pid}`, path);
    return dex;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function hashOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(createHash("sha256").update(part).digest());
  return hash.digest("hex");
}
