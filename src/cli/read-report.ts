import { readFileSync, statSync } from "node:fs";
import { UsageError } from "../diagnostics/index.js";
import { type AuditResult, SCHEMA_VERSION } from "../findings/index.js";
import { printable } from "../report/printable-text.js";
import { checkConsistency } from "./check-consistency.js";
import { describeInputFailure, type Failure } from "./describe-failure.js";

/** Bytes of a report, or of another text, that are read: those of the largest apps have a hundredth. */
const MOST_BYTES = 256 * 1024 * 1024;

const HOW = "A report is what `bycatch scan -f json app.apk` writes of one app.";

/**
 * A text that may be a report, or another that stands for an app.
 *
 * @throws UsageError where it is larger than any of them is, or an archive, which a pipe cannot give
 */
export function readText(path: string): string | Failure {
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES)
      throw new UsageError(path, `is larger than ${MOST_BYTES / 1024 / 1024} MB, which no report is`, HOW);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return describeInputFailure(path, error);
  }
  if (text.startsWith("PK\x03\x04"))
    throw new UsageError(
      path,
      "is an archive, and was taken for a text",
      "Of an APK, name a file: no pipe, and not called .json.",
    );
  return text;
}

/**
 * The result that a JSON report holds, checked: it may come from anywhere. Keys of a later version are let
 * stand, so that what this one knows can be read.
 *
 * @throws UsageError where it is no report, one of another version's form, or one whose parts do not fit together
 */
export async function parseReport(text: string, path: string): Promise<AuditResult> {
  const value = parseJson(text.replace(/^\uFEFF/, ""), path);
  if (Array.isArray(value))
    throw new UsageError(path, `holds an array of ${value.length}, where one app's report is needed`, HOW);
  checkVersion(value, path);
  const { auditResultSchema } = await import("../report/audit-result-schema.js");
  const checked = auditResultSchema.safeParse(value);
  const issue = checked.error?.issues.find(({ code }) => code !== "unrecognized_keys");
  if (issue !== undefined)
    throw new UsageError(
      path,
      `is no report: ${printable(issue.path.join(".")) || "its form"}: ${printable(issue.message)}`,
      HOW,
    );
  const result = value as AuditResult;
  checkConsistency(result, path);
  return result;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UsageError(path, "is neither an APK nor a JSON report: it cannot be parsed", HOW, { cause });
  }
}

/** The first number tells whether the form can be read. */
function checkVersion(value: unknown, path: string): void {
  const version =
    typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
  if (typeof version !== "string") throw new UsageError(path, "is no report: it has no schemaVersion", HOW);
  const [major] = SCHEMA_VERSION.split(".");
  if (version.split(".")[0] !== major) {
    throw new UsageError(
      path,
      `is a report of form ${printable(version, 20)}, and this is for ${major}.x`,
      "Scan the app again with this version.",
    );
  }
}
