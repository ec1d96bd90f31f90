import { basename } from "node:path";
import { openFileSource } from "../archive/index.js";
import { type AuditMapping, type AuditRules, auditSource, parseMapping } from "../audit.js";
import { FormatError, isSystemError, UsageError } from "../diagnostics/index.js";
import type { AuditResult, Rung } from "../findings/index.js";
import type { Detail } from "../report/index.js";
import { type ColorChoice, findWidth, tell, tellFailure, tellNoted } from "./console.js";
import { describeInputFailure, type Failure } from "./describe-failure.js";
import { type Ending, worstOf } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import {
  type Format,
  formats,
  type Output,
  parseOutputs,
  protectInputs,
  refuseSeveralApps,
} from "./outputs.js";
import { Progress } from "./progress.js";
import { openReport, type ReportWriter } from "./report-writer.js";
import { isColored } from "./write-output.js";

/** `bycatch scan`'s options, as commander hands them over. */
export interface ScanOptions {
  readonly rules?: readonly string[];
  readonly depth: Rung;
  readonly firstParty?: readonly string[];
  readonly mapping?: string;
  readonly format: Format;
  readonly output?: readonly string[];
  readonly color: ColorChoice;
  readonly width?: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/**
 * `bycatch scan`: audits each app and writes every report that was asked for. An app that cannot be
 * audited does not keep the others from it.
 *
 * @param shippedRules the compiled rules of this build
 * @throws UsageError before any work starts, or where an output refuses
 */
export async function scan(
  paths: readonly string[],
  options: ScanOptions,
  shippedRules: URL,
): Promise<Ending> {
  const outputs = parseOutputs(options.output ?? [], options.format, formats);
  refuseSeveralApps(outputs, paths.length);
  protectInputs(outputs, options.mapping === undefined ? paths : [...paths, options.mapping]);
  const rules = await loadRules(options.rules ?? [], shippedRules);
  const mapping = options.mapping === undefined ? undefined : await readMapping(options.mapping);
  const reports = await openReports(outputs, paths.length, options);
  const progress = new Progress(options.quiet ?? false);
  const isTold = outputs.some(({ path, format }) => path === undefined && format === "terminal");
  const endings: Ending[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      const place = paths.length === 1 ? "" : `(${index + 1}/${paths.length}) `;
      const tellPart = (part: string) => progress.show(`${place}${basename(path)} ${part}`);
      const result = await auditFile(path, rules, { ...options, names: mapping }, tellPart);
      progress.erase();
      if ("ending" in result) {
        tellFailure(result);
        endings.push(result.ending);
      } else {
        endings.push(endingOf(result));
        for (const report of reports) await report.add(result);
        if (!isTold) tellGaps(path, result);
        tellOtherMapping(path, result);
      }
    }
    await endReports(reports, outputs);
  } finally {
    progress.erase();
    for (const report of reports) report.discard();
  }
  return worstOf(endings);
}

/** Before any work starts: a mapping that is none stops it. */
export async function readMapping(path: string, flag = "--mapping"): Promise<AuditMapping> {
  try {
    const source = openFileSource(path);
    try {
      return await parseMapping(source, path);
    } finally {
      source.close();
    }
  } catch (error) {
    const problem =
      error instanceof FormatError
        ? "is a pipe, socket or device: save it to a file first"
        : isSystemError(error)
          ? `cannot be read (${error.code})`
          : undefined;
    if (problem === undefined) throw error;
    throw new UsageError(flag, `${path} ${problem}`, "", { cause: error });
  }
}

async function openReports(
  outputs: readonly Output[],
  inputs: number,
  options: ScanOptions,
): Promise<ReportWriter[]> {
  const detail: Detail = options.quiet ? "summary" : options.verbose ? "verbose" : "normal";
  const width = options.width ?? findWidth();
  const reports: ReportWriter[] = [];
  try {
    for (const output of outputs) {
      const color = isColored(output, options.color);
      reports.push(await openReport(output, inputs, { color, width, detail }));
    }
  } catch (error) {
    for (const report of reports) report.discard();
    throw error;
  }
  return reports;
}

/** What an app is audited by, beside the rules. */
export interface AuditFileOptions extends Pick<ScanOptions, "firstParty" | "depth"> {
  readonly names?: AuditMapping | undefined;
}

/** The result; or, where there is none, why. */
export async function auditFile(
  path: string,
  rules: () => AuditRules,
  options: AuditFileOptions,
  tellPart: (part: string) => void,
): Promise<AuditResult | Failure> {
  try {
    tellPart("");
    const source = openFileSource(path);
    try {
      return await auditSource(source, rules, {
        firstParty: options.firstParty ?? [],
        depth: options.depth,
        ...(options.names === undefined ? {} : { mapping: options.names }),
        onProgress: tellPart,
      });
    } finally {
      source.close();
    }
  } catch (error) {
    return describeInputFailure(path, error);
  }
}

/** Whether everything was read. */
export function endingOf({ diagnostics }: AuditResult): Ending {
  return diagnostics.some(({ effect }) => effect === "unread") ? "incomplete" : "done";
}

/** For who reads no report now: that one is incomplete. */
function tellGaps(path: string, { coverage }: AuditResult): void {
  const parts = coverage.unread.length;
  if (parts > 0)
    tell(`${path}: ${parts} ${parts === 1 ? "part" : "parts"} could not be read; the report says which`);
}

/** The report counts it among oddities, but it can make all names wrong. */
export function tellOtherMapping(path: string, { diagnostics }: AuditResult): void {
  for (const diagnostic of diagnostics) if (diagnostic.code === "other-mapping") tellNoted(path, diagnostic);
}

async function endReports(reports: readonly ReportWriter[], outputs: readonly Output[]): Promise<void> {
  for (const [index, report] of reports.entries()) {
    const isWritten = await report.end();
    const path = outputs[index]?.path;
    if (!isWritten && path !== undefined) tell(`nothing was audited, so ${path} was not written`);
  }
}
