import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { AuditRules } from "../audit.js";
import { UsageError } from "../diagnostics/index.js";
import type { AuditResult } from "../findings/index.js";
import { describeInputFailure, type Failure } from "./describe-failure.js";
import { Progress } from "./progress.js";
import { parseReport, readText } from "./read-report.js";
import { type AuditFileOptions, auditFile, readMapping, tellOtherMapping } from "./scan.js";

/** What bears on the audit of an app. */
export interface AppOptions {
  readonly firstParty?: readonly string[];
  readonly mapping?: string;
}

/**
 * The result of an audit: read from its report, or made now.
 *
 * @param path an APK, or the JSON report of one
 * @throws UsageError for a file that is no report, and for an option that a report leaves no room for
 */
export async function readApp(
  path: string,
  rules: () => AuditRules,
  options: AppOptions,
): Promise<AuditResult | Failure> {
  let head: string | undefined;
  try {
    head = readHead(path);
  } catch (error) {
    return describeInputFailure(path, error);
  }
  if (head !== undefined && !looksLikeJson(head, path)) {
    const names = options.mapping === undefined ? undefined : await readMapping(options.mapping);
    return auditNow(path, rules, { firstParty: options.firstParty ?? [], names });
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
  options: Pick<AuditFileOptions, "firstParty" | "names">,
): Promise<AuditResult | Failure> {
  const progress = new Progress(false);
  try {
    const given = { ...options, depth: "referenced" as const };
    const result = await auditFile(path, rules, given, (part) => progress.show(part));
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
