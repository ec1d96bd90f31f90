import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { FormatError } from "../../src/diagnostics/index.js";
import { renderTerminal } from "../../src/report/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rules = prepareRules(loadCompiledRules(join(root, "dist", "rules.jsonl")));

/**
 * What one audit of a hostile input may take, in seconds of the processor's time, which does not depend on
 * what else the machine does; a sound one of this size takes a few milliseconds.
 */
const LONGEST = 5;

/** What a whole sweep may add to the process, in MiB: the inputs together are far larger. */
export const MOST_MEMORY = 512;

/** A small app, or an archive that is none. */
export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Above this a sweep of thousands of audits takes too long. */
const LARGEST_SAMPLE = 50_000;

/** Every small archive among the fixtures, and the smallest real app of the development dependencies. */
export function loadSamples(): Sample[] {
  const fixtures = readdirSync(join(root, "fixtures"), { recursive: true, encoding: "utf8" })
    // fixtures/programs holds hundreds that are alike to all but a flow analysis.
    .filter((name) => /\.(apk|zip)$/.test(name) && !name.startsWith("programs"))
    .sort()
    .map((name) => join(root, "fixtures", name));
  return [...fixtures, join(root, "node_modules/gps-demo-app/assets/gpsDemo-debug.apk")]
    .map((path) => ({ name: relative(root, path), bytes: new Uint8Array(readFileSync(path)) }))
    .filter(({ bytes }) => bytes.length <= LARGEST_SAMPLE);
}

/** The samples that are apps with code, which get most of the mutations. */
export function loadApps(): Sample[] {
  return loadSamples().filter(({ name }) => name.endsWith(".apk"));
}

/**
 * Audits bytes that someone may have prepared, and writes both reports. Gives the result as JSON or the
 * FormatError's message; `broken` where anything else was thrown, or it took too long.
 */
export async function attempt(
  name: string,
  bytes: Uint8Array,
): Promise<{ outcome: string; broken?: string }> {
  const start = process.cpuUsage();
  let outcome: string;
  try {
    const result = await auditSource(bytesSource("sample.apk", bytes), rules);
    outcome = JSON.stringify(result);
    for (const detail of ["normal", "verbose"] as const)
      renderTerminal(result, { color: true, width: 80, detail });
  } catch (error) {
    if (!(error instanceof FormatError)) return { outcome: "", broken: `${name}: ${(error as Error).stack}` };
    outcome = error.message;
  }
  const { user, system } = process.cpuUsage(start);
  const took = (user + system) / 1e6;
  return took > LONGEST ? { outcome, broken: `${name}: took ${took.toFixed(1)} s` } : { outcome };
}

/** Runs a sweep; gives the first inputs that broke an audit, and how far the process grew, in MiB. */
export async function sweep(
  inputs: Iterable<Sample>,
): Promise<{ audits: number; results: number; broken: string[]; grownBy: number }> {
  const before = process.memoryUsage().rss;
  const broken: string[] = [];
  let audits = 0;
  let results = 0;
  let most = before;
  for (const { name, bytes } of inputs) {
    const attempted = await attempt(name, bytes);
    if (attempted.broken !== undefined && broken.length < 10) broken.push(attempted.broken);
    if (attempted.outcome.startsWith("{")) results++;
    most = Math.max(most, process.memoryUsage.rss());
    audits++;
  }
  return { audits, results, broken, grownBy: (most - before) / 2 ** 20 };
}
