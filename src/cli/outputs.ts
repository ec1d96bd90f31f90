import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../diagnostics/index.js";

/** Forms of a report. */
export const formats = {
  terminal: "text for people",
  json: "one document: a result, or an array of them for several apps",
  jsonl: "JSON Lines: a result on each line, however many apps are named",
  sarif: "SARIF 2.1.0, as code scanning reads it: a run for each app",
  markdown: "a job's summary: a section for each app",
  csv: "a row for each party and data type",
  cyclonedx: "a CycloneDX 1.6 bill of materials, of one app",
} as const;
export type Format = keyof typeof formats;

/** What a path ends in, by the form that it tells where a command has that one; the first that fits counts. */
const ENDINGS: readonly (readonly [ending: string, format: string])[] = [
  [".cdx.json", "cyclonedx"],
  [".sarif.json", "sarif"],
  [".sarif", "sarif"],
  [".json", "json"],
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".txt", "terminal"],
  [".xml", "junit"],
  [".md", "markdown"],
  [".csv", "csv"],
  [".parquet", "parquet"],
  [".html", "html"],
];

/** Endings of what no command writes. */
const OTHER_ENDINGS =
  ".pdf .xlsx .xls .ods .docx .doc .odt .rtf .pptx .png .jpg .jpeg .svg .tsv .db .sqlite .duckdb .avro .orc .arrow .feather .zip .gz .zst .bz2 .xz .tar .7z".split(
    " ",
  );

/** Forms of a verdict. */
export const verdictFormats = {
  terminal: "text for people",
  json: "the verdict as one document",
  sarif: "SARIF 2.1.0, as code scanning reads it",
  junit: "JUnit XML: a test case for each check",
  markdown: "a comment on a pull request",
  github: "annotations of GitHub Actions",
  csv: "a row for each problem",
} as const;
export type VerdictFormat = keyof typeof verdictFormats;

/** Forms of a comparison with the Data safety form. */
export const dataSafetyFormats = {
  terminal: "text for people",
  json: "the comparison as one document",
  markdown: "for a comment or a job's summary",
} as const;
export type DataSafetyFormat = keyof typeof dataSafetyFormats;

/** Forms of a difference. */
export const differenceFormats = {
  terminal: "text for people",
  json: "the difference as one document",
  markdown: "for a comment on a pull request",
} as const;
export type DifferenceFormat = keyof typeof differenceFormats;

/** Forms of the answer to a query. */
export const queryFormats = {
  terminal: "a table for people",
  csv: "a line for each row, under the columns' names",
  json: "one array, an object for each row",
  jsonl: "JSON Lines: an object for each row",
  parquet: "a file for other engines",
} as const;
export type QueryFormat = keyof typeof queryFormats;

/** Forms of a fleet's summary. */
export const fleetFormats = {
  html: "one page that asks for nothing: opens from disk, in any browser",
  json: "the summary as one document",
} as const;
export type FleetFormat = keyof typeof fleetFormats;

/** Where a report goes, and in which form. */
export interface Output<F extends string = Format> {
  readonly format: F;
  /** `undefined` is standard output. */
  readonly path: string | undefined;
}

/**
 * Reads `--output` values: `report.json` (the extension tells the format; what is none's, `report.out`, has that of
 * `--format`), `json=report.out`, `-` for standard output. Without any, `--format` goes to standard output.
 *
 * @throws UsageError for an unknown format, an extension of what is not written, a place named twice, a folder that is not there
 */
export function parseOutputs<F extends string>(
  values: readonly string[],
  format: F,
  formats: Readonly<Record<F, string>>,
): Output<F>[] {
  if (values.length === 0) return [{ format, path: undefined }];
  const outputs = values.map((value) => parseOutput(value, format, formats));
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
  formats: Readonly<Record<F, string>>,
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
  const told = ENDINGS.find(
    ([ending, one]) => path.toLowerCase().endsWith(ending) && Object.hasOwn(formats, one),
  )?.[1];
  if (named === undefined && told === undefined) refuseOther(path, fallback, formats);
  const format = ((named ?? told) as F | undefined) ?? fallback;
  return { format, path: path === "-" ? undefined : path };
}

/** What opens a file by its extension would find something else in it. */
function refuseOther(path: string, fallback: string, formats: Readonly<Record<string, string>>): void {
  const lower = path.toLowerCase();
  const other = [...ENDINGS.map(([ending]) => ending), ...OTHER_ENDINGS].find((ending) =>
    lower.endsWith(ending),
  );
  if (other === undefined) return;
  throw new UsageError(
    "--output",
    `${path} would not be what ${other} says: the formats are ${Object.keys(formats).join(", ")}`,
    `To write one of them there all the same, name it: ${fallback}=${path}`,
  );
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
  for (const { path } of outputs)
    if (path !== undefined && isInput(path, inputs))
      throw new UsageError("--output", `${path} is also an input, and would be overwritten`);
}

/** Whether a report's path is that of an input, under whatever name. */
export function isInput(path: string, inputs: readonly string[]): boolean {
  const output = statSync(path, { throwIfNoEntry: false });
  if (output !== undefined && !output.isFile()) return false;
  return inputs.some((input) => {
    const stat = statOf(input);
    // What is not there yet is about to be written: a lockfile.
    if (stat === undefined || output === undefined) return resolve(input) === resolve(path);
    return stat.dev === output.dev && stat.ino === output.ino;
  });
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Whatever it is, reading the input will say it.
    return undefined;
  }
}

/**
 * Refuses a form that describes one app for several.
 *
 * @throws UsageError
 */
export function refuseSeveralApps(outputs: readonly Output[], inputs: number): void {
  if (inputs > 1 && outputs.some(({ format }) => format === "cyclonedx"))
    throw new UsageError(
      "cyclonedx",
      `a bill of materials describes one app, and ${inputs} are named`,
      "Run bycatch once for each app.",
    );
}
