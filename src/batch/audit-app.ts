import { type ByteSource, openFileSource } from "../archive/index.js";
import { type AuditRules, auditSource } from "../audit.js";
import { auditFromFacts, auditWithFacts } from "../audit-with-facts.js";
import { FormatError, isSystemError } from "../diagnostics/index.js";
import type { FactStore } from "../facts/index.js";
import type { AuditResult } from "../findings/index.js";
import { failureRows, resultRows, type StoredFailure } from "../store/index.js";
import { fileName } from "./input-file.js";
import type { Audited, AuditInput, ProcessSettings } from "./process-messages.js";

/** Characters kept of a failure's message, which may quote a file. */
const MOST_CHARACTERS = 2_000;

/** What an app is audited by. */
export interface AppSettings extends Pick<ProcessSettings, "firstParty" | "depth"> {
  readonly rules: AuditRules;
  /** Where what is read of apps is kept for other rules; nothing is unless given. */
  readonly facts: FactStore | undefined;
}

/**
 * Audits one app's file; whatever goes wrong with it is an answer, too.
 *
 * @param isWanted asked once the file's digest is known, unless it was before
 * @returns `undefined` for an app that is not wanted
 */
export async function auditApp(
  input: AuditInput,
  settings: AppSettings,
  isWanted: (sha256: string, size: number) => Promise<boolean>,
): Promise<Audited | undefined> {
  let file = input.known;
  let source: ByteSource | undefined;
  try {
    if (file !== undefined) {
      const result = auditKnown(file.sha256, input, settings);
      if (result !== undefined) return { ...auditedApp(input, file, result), isFromFacts: true };
    }
    source = openFileSource(input.path, fileName(input.name));
    if (file === undefined) {
      file = { sha256: await source.sha256(), size: source.size };
      if (!(await isWanted(file.sha256, file.size))) return undefined;
    }
    return auditedApp(input, file, await auditOpened(source, settings));
  } catch (error) {
    return failedApp(input.name, file, describeFailure(error, input, file !== undefined));
  } finally {
    source?.close();
  }
}

/** From what was kept when the file was read before; the file is not. */
function auditKnown(
  sha256: string,
  { name }: AuditInput,
  { rules, facts, firstParty, depth }: AppSettings,
): AuditResult | undefined {
  if (facts === undefined) return undefined;
  return auditFromFacts(sha256, rules, { facts, firstParty, depth, name: fileName(name) });
}

function auditOpened(
  source: ByteSource,
  { rules, facts, firstParty, depth }: AppSettings,
): Promise<AuditResult> {
  return facts === undefined
    ? auditSource(source, rules, { firstParty, depth })
    : auditWithFacts(source, rules, { facts, firstParty, depth });
}

function auditedApp(
  { name }: AuditInput,
  file: { readonly sha256: string; readonly size: number },
  result: AuditResult,
): Audited {
  const { packageName } = result.app;
  return {
    ...file,
    status: result.coverage.unread.length === 0 ? "audited" : "incomplete",
    rowsJson: JSON.stringify(resultRows({ ...file, path: name }, result)),
    ...(packageName === undefined ? {} : { packageName }),
  };
}

/** The answer for an app that could not be audited. */
export function failedApp(
  name: string,
  file: { readonly sha256?: string; readonly size?: number } | undefined,
  failure: StoredFailure,
): Audited {
  const { sha256, size } = file ?? {};
  return {
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(size === undefined ? {} : { size }),
    status: "failed",
    ...failure,
    rowsJson: JSON.stringify(failureRows({ sha256, path: name, size }, failure)),
  };
}

function describeFailure(error: unknown, input: AuditInput, isRead: boolean): StoredFailure {
  if (error instanceof FormatError) {
    // A pipe, socket or device has no bytes that could be at fault.
    return { reason: isRead ? "format" : "unreadable", message: bound(error.message) };
  }
  if (isSystemError(error)) {
    const problem = PROBLEMS[error.code] ?? `cannot be read (${error.code})`;
    return { reason: "unreadable", message: `${fileName(input.name)}: ${problem}` };
  }
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) {
    return { reason: "memory", message: error.message };
  }
  return { reason: "crash", message: bound(describeCrash(error).replaceAll(input.path, input.name)) };
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "is a directory",
  EACCES: "cannot be read: permission denied",
  EPERM: "cannot be read: permission denied",
};

/** Where the fault is ours, the function says more than a path of the machine, and is the same everywhere. */
function describeCrash(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const where = /^ +at (?:async )?([\w$.#<>]+) \(/m.exec(error.stack ?? "")?.[1];
  return `${error.name}: ${error.message}${where === undefined ? "" : ` (in ${where})`}`;
}

function bound(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}
