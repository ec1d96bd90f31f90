import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A verdict written behind an instruction: `# => android-id method-call certain; …`. */
const VERDICT = /# => (.*)$/;

/**
 * The verdicts that a person wrote into the smali files of a folder, by method, in the order of the code:
 * `Lcom/acme/Sdk;->start()V: android-id method-call certain`. A method without any is not there.
 */
export function readSmaliVerdicts(folder: string): Map<string, string[]> {
  const verdicts = new Map<string, string[]>();
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".smali")).sort()) {
    let descriptor = "";
    let method = "";
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      descriptor = /^\.class .*?(L\S+;)$/.exec(line)?.[1] ?? descriptor;
      method = /^\.method .*?(\S+\(\S*)/.exec(line)?.[1] ?? method;
      const verdict = VERDICT.exec(line)?.[1];
      if (verdict === undefined) continue;
      const key = `${descriptor}->${method}`;
      verdicts.set(key, [...(verdicts.get(key) ?? []), ...verdict.split("; ")]);
    }
  }
  return verdicts;
}
