import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { AuditRules } from "../audit.js";
import { UsageError } from "../diagnostics/index.js";
import type { AuditResult } from "../findings/index.js";
import { describeInputFailure, type Failure } from "./describe-failure.js";
import { Progress } from "./progress.js";
import { readReport } from "./read-report.js";
import { auditFile, readMapping, tellOtherMapping } from "./scan.js";

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
  rules: AuditRules | (() => AuditRules),
  options: AppOptions,
): Promise<AuditResult | Failure> {
  const names = options.mapping === undefined ? undefined : await readMapping(options.mapping);
  let isJson: boolean;
  try {
    isJson = beginsLikeJson(path);
  } catch (error) {
    return describeInputFailure(path, error);
  }
  if (isJson) {
    const result = await readReport(path);
    if (!("ending" in result))
      refuseAuditOptions(options, `${path} is a report, in which that was decided when it was made`);
    return result;
  }
  const progress = new Progress(false);
  try {
    const { firstParty = [] } = options;
    const given = { firstParty, depth: "referenced" as const, names };
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

/** An archive begins otherwise; a report may have any name, or come through a pipe, which is read once only. */
function beginsLikeJson(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    if (!fstatSync(fd).isFile()) return true;
    const head = Buffer.alloc(64);
    const size = readSync(fd, head, 0, head.length, 0);
    return path.endsWith(".json") || /^\uFEFF?\s*[{[]/.test(head.toString("utf8", 0, size));
  } finally {
    closeSync(fd);
  }
}
