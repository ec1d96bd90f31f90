import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { AuditRules } from "../audit.js";
import { UsageError } from "../diagnostics/index.js";
import type { AuditResult, Rung } from "../findings/index.js";
import { isHigherRung } from "../policy/index.js";
import { describeInputFailure, type Failure } from "./describe-failure.js";
import { DEFAULT_DEPTH } from "./options.js";
import { Progress } from "./progress.js";
import { parseReport, readText } from "./read-report.js";
import { type AuditFileOptions, auditFile, readMapping, tellOtherMapping } from "./scan.js";

/** What bears on the audit of an app. */
export interface AppOptions {
  readonly firstParty?: readonly string[];
  readonly mapping?: string;
}

/** How far to look at an APK, for who does not let it be chosen: to that which is usual at least. */
export function depthAtLeast(...depths: readonly (Rung | undefined)[]): Rung {
  return depths.reduce<Rung>(
    (deepest, depth) => (depth !== undefined && isHigherRung(depth, deepest) ? depth : deepest),
    DEFAULT_DEPTH,
  );
}

/**
 * The result of an audit: read from its report, or made now.
 *
 * @param path an APK, or the JSON report of one
 * @param depth to which an APK is looked at
 * @throws UsageError for a file that is no report, and for an option that a report leaves no room for
 */
export async function readApp(
  path: string,
  rules: () => AuditRules,
  options: AppOptions,
  depth: Rung = DEFAULT_DEPTH,
): Promise<AuditResult | Failure> {
  let head: string | undefined;
  try {
    head = readHead(path);
  } catch (error) {
    return describeInputFailure(path, error);
  }
  if (head !== undefined && !looksLikeJson(head, path)) {
    const names = options.mapping === undefined ? undefined : await readMapping(options.mapping);
    return auditNow(path, rules, { firstParty: options.firstParty ?? [], names, depth });
  }
  const text = readText(path);
  if (typeof text !== "string") return text;
  const result = await parseReport(text, path);
  refuseAuditOptions(options, `${path} is a report, in which that was decided when it was made`);
  return result;
}

/** Audits an APK, with a progress line, and warns of a mapping that is another build's. */
export async function auditNow(
  path: string,
  rules: () => AuditRules,
  options: AuditFileOptions,
): Promise<AuditResult | Failure> {
  const progress = new Progress(false);
  try {
    const result = await auditFile(path, rules, options, (part) => progress.show(part));
    progress.erase();
    if (!("ending" in result)) tellOtherMapping(path, result);
    return result;
  } finally {
    progress.erase();
  }
}

/** What bears on the audit of an app says nothing where none is audited. */
export function refuseAuditOptions({ firstParty, mapping }: AppOptions, why: string): void {
  const flag = firstParty !== undefined ? "--first-party" : mapping !== undefined ? "--mapping" : undefined;
  if (flag !== undefined) throw new UsageError(flag, why, "Name the APK.");
}

/**
 * A report says nothing of what was not looked for when it was made.
 *
 * @throws UsageError where that is less than is asked for
 */
export function refuseDeeper(depth: Rung | undefined, result: AuditResult, path: string): void {
  if (depth === undefined || !isHigherRung(depth, result.depth)) return;
  const why = `${path} is a report that was made with --depth ${result.depth}`;
  throw new UsageError(`--depth ${depth}`, why, `Name the APK, or scan it again with --depth ${depth}.`);
}

/** Bytes by which it is told what a file is. */
const HEAD = 64 * 1024;

/**
 * How a file begins; `undefined` of a pipe, which is read once only.
 *
 * @throws Node's own error where it cannot be opened
 */
export function readHead(path: string): string | undefined {
  const fd = openSync(path, "r");
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const head = Buffer.alloc(HEAD);
    return head.toString("utf8", 0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** An archive begins otherwise; a report may have any name. */
export function looksLikeJson(head: string, path: string): boolean {
  return path.endsWith(".json") || /^\uFEFF?\s*[{[]/.test(head);
}
