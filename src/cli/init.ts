import { existsSync } from "node:fs";
import { UsageError } from "../diagnostics/index.js";
import { proposePolicy } from "../policy/index.js";
import { printable } from "../report/printable-text.js";
import { DEFAULT_LOCKFILE, DEFAULT_POLICY, updateLockfile } from "./check.js";
import { tellFailure, writeStdout } from "./console.js";
import type { Ending } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import { protectInputs } from "./outputs.js";
import { type AppOptions, readApp } from "./read-app.js";
import { ReportFile } from "./report-file.js";

/** `bycatch init`'s options, as commander hands them over. */
export interface InitOptions extends AppOptions {
  readonly rules?: readonly string[];
  readonly policy?: string;
  readonly lock?: string;
  readonly force?: boolean;
  readonly allowIncomplete?: boolean;
}

/**
 * `bycatch init`: proposes a policy and a lockfile that an app passes as it is, and says what is in them.
 *
 * @throws UsageError before any work starts, where one of them is there already
 */
export async function init(input: string, options: InitOptions, shippedRules: URL): Promise<Ending> {
  const { policy = DEFAULT_POLICY, lock = DEFAULT_LOCKFILE } = options;
  const outputs = [policy, lock].map((path) => ({ format: "text", path }));
  protectInputs(outputs, [input]);
  const old = [policy, lock].find((path) => existsSync(path));
  if (old !== undefined && !options.force)
    throw new UsageError(
      "init",
      `${old} is there already`,
      `Keep it${old === policy && !existsSync(lock) ? `, and write ${lock} with \`bycatch lock\`` : ""}; or write both anew with --force.`,
    );
  const result = await readApp(input, await loadRules(options.rules ?? [], shippedRules), options);
  if ("ending" in result) {
    tellFailure(result);
    return result.ending;
  }
  if (!updateLockfile(lock, result, options.allowIncomplete ?? false)) return "incomplete";
  const { text, notes } = proposePolicy(result);
  const file = new ReportFile(policy);
  file.write(text);
  file.finish();
  const named = [
    ...(policy === DEFAULT_POLICY ? [] : [`--policy ${policy}`]),
    ...(lock === DEFAULT_LOCKFILE ? [] : [`--lock ${lock}`]),
  ];
  const lines = [
    `${policy}  what must not be in a build: rules that this one passes, for you to tighten`,
    `${lock}  what rides along in this one: a build with more fails`,
    ...(notes.length === 0 ? [] : ["", "Worth a thought:", ...notes.map((note) => `  - ${note}`)]),
    "",
    "Next: read both, commit them, and let every build be checked:",
    `  ${["bycatch check", input, ...named].join(" ")}`,
  ];
  await writeStdout(`${lines.map((line) => printable(line, 2_000)).join("\n")}\n`);
  return "done";
}
