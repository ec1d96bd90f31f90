import { type ColorChoice, wantsColor, writeStdout } from "./console.js";
import type { Output } from "./outputs.js";
import { ReportFile } from "./report-file.js";

/** Writes a whole text where it was asked for; a file appears under its name when it is whole. */
export async function writeOutput({ path }: Output<string>, text: string): Promise<void> {
  if (path === undefined) return writeStdout(text);
  const file = new ReportFile(path);
  file.write(text);
  file.finish();
}

/** Whether to colour an output. A file is no terminal: it is coloured only if that was asked for. */
export function isColored({ path }: Output<string>, choice: ColorChoice): boolean {
  return path === undefined ? wantsColor(choice) : choice === "always";
}
