import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { executable } from "../cli/run-bycatch.js";

/** Commands as a user types them, one after the other, by the name of their transcript. */
export type Commands = Readonly<Record<string, readonly string[]>>;

/**
 * Commands, their output and exit codes, as a person at a terminal of 80 columns sees them. What changes with every
 * rule and release says nothing about an app, and is left out.
 *
 * @param folder where they run; `bycatch` is on its path
 */
export function transcribe(commands: readonly string[], folder: string): string {
  const bin = join(folder, ".bin");
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, "bycatch"))) symlinkSync(executable, join(bin, "bycatch"));
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    COLUMNS: undefined,
  };
  const runs = commands.map((command) => {
    const { stdout, stderr, status } = spawnSync("sh", ["-c", command], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1 << 26,
      env,
    });
    const errors = stderr === "" ? "" : `--- stderr\n${stderr}`;
    return `$ ${command}\n${stdout}${errors}--- exit ${status}\n`;
  });
  return runs
    .join("\n")
    .replace(/"rulesVersion": "[0-9a-f]+"/g, '"rulesVersion": "…"')
    .replace(/^(bycatch )\S+, rules [0-9a-f]+$/gm, "$1…, rules …")
    .replace(/^rules [0-9a-f]+$/gm, "rules …")
    .replace(/^(<sub>bycatch )`[^`]+`/gm, "$1`…`")
    .replace(/("name": "bycatch",\s+"version": )"[^"]+"/g, '$1"…"');
}

/** Compares with a transcript that somebody judged; UPDATE_GOLDEN=1 writes it anew. */
export function expectTranscript(actual: string, path: string): void {
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, actual);
  expect(existsSync(path), `${path} is there (UPDATE_GOLDEN=1 writes it; then judge it)`).toBe(true);
  expect(actual).toBe(readFileSync(path, "utf8"));
}

/** Transcripts in a folder that no command is for. */
export function findLeftTranscripts(folder: string, commands: Commands): string[] {
  return readdirSync(folder).filter((file) => file.endsWith(".txt") && !(file.slice(0, -4) in commands));
}
