import type { Verdict } from "../policy/index.js";
import type { VerdictOptions } from "../report/index.js";
import { renderVerdict, renderVerdictJson } from "../report/index.js";
import { writeStdout } from "./console.js";
import type { Output, VerdictFormat } from "./outputs.js";
import { ReportFile } from "./report-file.js";

/** Writes a verdict where it was asked for. */
export async function writeVerdict(
  verdict: Verdict,
  { format, path }: Output<VerdictFormat>,
  options: VerdictOptions,
): Promise<void> {
  // A file is no terminal.
  const text = await render(verdict, format, path === undefined ? options : { ...options, color: false });
  if (path === undefined) return writeStdout(text);
  const file = new ReportFile(path);
  file.write(text);
  file.finish();
}

async function render(verdict: Verdict, format: VerdictFormat, options: VerdictOptions): Promise<string> {
  switch (format) {
    case "terminal":
      return renderVerdict(verdict, options);
    case "json":
      return renderVerdictJson(verdict);
    default: {
      // What serves machines only is loaded when it is asked for.
      const { verdictRenderers } = await import("../report/verdict-formats.js");
      return verdictRenderers[format](verdict);
    }
  }
}
