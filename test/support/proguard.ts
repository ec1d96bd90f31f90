import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { javaOptions } from "./dx.js";

/*
 * ProGuard (Debian package proguard-cli) renames classes and members of JARs and writes the mapping. There is
 * no android.jar to tell it what the platform calls, so callbacks are kept by name, as far as these SDKs have
 * them; it neither shrinks nor optimizes, which it could not do without the platform's classes.
 */

const RULES = `
-dontwarn **
-ignorewarnings
-dontnote **
-dontshrink
-dontoptimize
-dontpreverify
-repackageclasses a
-keepattributes Exceptions,InnerClasses,Signature,EnclosingMethod,*Annotation*
-keepclassmembernames class * {
  *** run(...); *** call(...); *** invoke(...); *** handleMessage(...); *** onReceive(...); *** onCreate(...);
  *** toString(); *** hashCode(); *** equals(java.lang.Object); *** compareTo(...); *** close();
}
`;

/** JARs after ProGuard. */
export interface RenamedJars {
  /** One JAR of all. */
  readonly jar: Uint8Array;
  readonly mapping: Uint8Array;
}

/** Whether ProGuard is installed. */
export function hasProguard(): boolean {
  return spawnSync("proguard", ["-dontnote"], { stdio: "ignore" }).error === undefined;
}

/**
 * Renames all classes of some JARs, into one package.
 *
 * @param kept classes that keep their names, dotted: a manifest's components, as the Android build sees to
 */
export async function renameJars(
  jars: readonly Uint8Array[],
  kept: readonly string[] = [],
): Promise<RenamedJars> {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-proguard-"));
  try {
    const place = (name: string) => join(folder, name);
    for (const [index, jar] of jars.entries()) writeFileSync(place(`in${index}.jar`), jar);
    const files = [
      ...jars.map((_, index) => `-injars '${place(`in${index}.jar`)}'(!META-INF/**)`),
      `-outjars '${place("out.jar")}'`,
      `-printmapping '${place("mapping.txt")}'`,
      ...kept.map((name) => `-keep class ${name} { <init>(...); }`),
    ];
    writeFileSync(place("rules.pro"), `${files.join("\n")}\n${RULES}`);
    await promisify(execFile)("proguard", [`@${place("rules.pro")}`], {
      maxBuffer: 1 << 26,
      env: { ...process.env, JAVA_TOOL_OPTIONS: javaOptions.join(" ") },
    });
    return { jar: readFileSync(place("out.jar")), mapping: readFileSync(place("mapping.txt")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
