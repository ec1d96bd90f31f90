import { statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { UsageError } from "../diagnostics/index.js";

/** Forms of a report. */
export const formats = {
  terminal: "text for people",
  json: "one document: a result, or an array of them for several apps",
  jsonl: "JSON Lines: a result on each line, however many apps are named",
} as const;
export type Format = keyof typeof formats;

/** The forms that a command writes, each with what it is, and what a path of one ends in. */
export interface Forms<F extends string> {
  readonly formats: Readonly<Record<F, string>>;
  readonly extensions: Readonly<Record<string, F>>;
}

/** Those of a scan. */
export const scanForms: Forms<Format> = {
  formats,
  extensions: { ".txt": "terminal", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl" },
};

/** Forms of a verdict. */
export const verdictFormats = {
  terminal: "text for people",
  json: "the verdict as one document",
} as const;
export type VerdictFormat = keyof typeof verdictFormats;

/** Those of a check. */
export const verdictForms: Forms<VerdictFormat> = {
  formats: verdictFormats,
  extensions: { ".txt": "terminal", ".json": "json" },
};

/** Where a report goes, and in which form. */
export interface Output<F extends string = Format> {
  readonly format: F;
  /** `undefined` is standard output. */
  readonly path: string | undefined;
}

/**
 * Reads `--output` values: `report.json` (the extension tells the format, any other is `--format`'s),
 * `json=report.out`, `-` for standard output. Without any, `--format` goes to standard output.
 *
 * @throws UsageError for an unknown format, a place named twice, a folder that is not there
 */
export function parseOutputs<F extends string>(
  values: readonly string[],
  format: F,
  known: Forms<F>,
): Output<F>[] {
  if (values.length === 0) return [{ format, path: undefined }];
  const outputs = values.map((value) => parseOutput(value, format, known));
  const places = outputs.map(({ path }) => (path === undefined ? "-" : resolve(path)));
  const twice = places.findIndex((place, index) => places.indexOf(place) !== index);
  if (twice >= 0)
    throw new UsageError(
      "--output",
      `${values[twice]} is named twice`,
      "Give each report a file of its own.",
    );
  for (const { path } of outputs) if (path !== undefined) checkFolder(path);
  return outputs;
}

function parseOutput<F extends string>(
  value: string,
  fallback: F,
  { formats, extensions }: Forms<F>,
): Output<F> {
  const [, named, rest] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(value) ?? [];
  if (named !== undefined && !Object.hasOwn(formats, named)) {
    throw new UsageError(
      "--output",
      `there is no format "${named}"`,
      `Formats are ${Object.keys(formats).join(", ")}; for a path with "=" in it write ./${value}`,
    );
  }
  const path = rest ?? value;
  if (path === "")
    throw new UsageError("--output", "names no file", 'Write a path, or "-" for standard output.');
  const format = (named as F | undefined) ?? extensions[extname(path).toLowerCase()] ?? fallback;
  return { format, path: path === "-" ? undefined : path };
}

/** Better now than when the work is done. */
function checkFolder(path: string): void {
  const folder = dirname(path);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder)
    throw new UsageError("--output", `there is no directory ${folder} to write ${path} to`, "Make it first.");
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError("--output", `${path} is a directory`, "Name a file in it.");
  }
}

/**
 * Refuses to write a report over an input.
 *
 * @throws UsageError
 */
export function protectInputs(outputs: readonly Output<string>[], inputs: readonly string[]): void {
  for (const { path } of outputs) {
    const output = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (output === undefined || !output.isFile()) continue;
    const isInput = inputs.some((input) => {
      const stat = statOf(input);
      return stat !== undefined && stat.dev === output.dev && stat.ino === output.ino;
    });
    if (isInput) throw new UsageError("--output", `${path} is also an input, and would be overwritten`);
  }
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Whatever it is, reading the input will say it.
    return undefined;
  }
}
