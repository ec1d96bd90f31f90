import { isSystemError, UsageError } from "../diagnostics/index.js";
import type { AuditResult } from "../findings/index.js";
import { renderJson, renderJsonLine, renderTerminal, type TerminalOptions } from "../report/index.js";
import { writeStdout } from "./console.js";
import type { Format, Output } from "./outputs.js";
import { ReportFile } from "./report-file.js";

/** One report of a run, to which each app's result is added as it comes: no result is kept. */
export interface ReportWriter {
  add(result: AuditResult): Promise<void>;
  /** Completes the report; `false` where there was nothing to report, and so nothing was written. */
  end(): Promise<boolean>;
  /** Gives up: leaves no file behind. */
  discard(): void;
}

/** What a format writes before, between and after results. */
interface Framing {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  /** What it writes where there is no result; `undefined` where that is no report. */
  readonly none?: string;
  render(result: AuditResult): string;
}

/**
 * Opens the report of an output.
 *
 * @param inputs number of apps that were named: it decides whether JSON is one result or an array
 * @throws UsageError where a file cannot be written
 */
export async function openReport(
  { format, path }: Output,
  inputs: number,
  terminal: TerminalOptions,
): Promise<ReportWriter> {
  const framing = await framingOf(format, inputs, terminal);
  const file = path === undefined ? undefined : new ReportFile(path);
  const write = async (text: string) => (file === undefined ? writeStdoutOrExplain(text) : file.write(text));
  let results = 0;
  return {
    async add(result) {
      await write((results++ === 0 ? framing.before : framing.between) + framing.render(result));
    },
    async end() {
      const rest = results === 0 ? framing.none : framing.after;
      if (rest === undefined) {
        file?.discard();
        return false;
      }
      await write(rest);
      file?.finish();
      return true;
    },
    discard: () => file?.discard(),
  };
}

/** What serves machines only is loaded when it is asked for. */
async function framingOf(format: Format, inputs: number, terminal: TerminalOptions): Promise<Framing> {
  const plain = { before: "", after: "" };
  switch (format) {
    case "terminal": {
      const rule = terminal.detail === "summary" ? "" : `\n${"─".repeat(Math.min(terminal.width, 80))}\n\n`;
      return { ...plain, between: rule, render: (result) => renderTerminal(result, terminal) };
    }
    case "jsonl":
      return { ...plain, between: "", render: renderJsonLine };
    case "json":
      return inputs === 1
        ? { ...plain, between: "", render: renderJson }
        : {
            before: "[\n",
            between: ",\n",
            after: "\n]\n",
            none: "[]\n",
            render: (result) => renderJson(result).trimEnd(),
          };
    case "sarif": {
      const { sarifFrame, renderSarifRun } = await import("../report/result-formats.js");
      return { ...sarifFrame, render: renderSarifRun };
    }
    case "markdown": {
      const { renderMarkdown } = await import("../report/result-formats.js");
      return { ...plain, between: "\n", render: renderMarkdown };
    }
    case "csv": {
      const { renderCsvHeader, renderCsvRows } = await import("../report/result-formats.js");
      return { before: renderCsvHeader(), between: "", after: "", render: renderCsvRows };
    }
    case "cyclonedx": {
      const { renderCyclonedx } = await import("../report/render-cyclonedx.js");
      return { ...plain, between: "", render: renderCyclonedx };
    }
  }
}

async function writeStdoutOrExplain(text: string): Promise<void> {
  try {
    if (text !== "") await writeStdout(text);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError("--output", `standard output cannot be written (${error.code})`, "", {
      cause: error,
    });
  }
}
