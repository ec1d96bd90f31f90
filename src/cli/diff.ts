import type { Rung } from "../findings/index.js";
import { compareBuilds, type Difference, hasMore } from "../policy/index.js";
import { type ColorChoice, findWidth, tellFailure } from "./console.js";
import { type Ending, worstOf } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import {
  type DifferenceFormat,
  differenceFormats,
  type Output,
  parseOutputs,
  protectInputs,
} from "./outputs.js";
import { readBuild, refuseUnlessApk } from "./read-build.js";
import { readMapping } from "./scan.js";
import { isColored, writeOutput } from "./write-output.js";

declare const BYCATCH_VERSION: string;

/** `bycatch diff`'s options, as commander hands them over. */
export interface DiffOptions {
  readonly rules?: readonly string[];
  readonly firstParty?: readonly string[];
  /** How far to look at APKs; as usual unless given. */
  readonly depth?: Rung;
  readonly mapping?: string;
  readonly oldMapping?: string;
  readonly exitCode?: boolean;
  readonly format: DifferenceFormat;
  readonly output?: readonly string[];
  readonly color: ColorChoice;
  readonly width?: number;
}

/**
 * `bycatch diff`: what changed from one build to another. Two APKs are audited with the same rules.
 *
 * @throws UsageError before any work starts, for a file that stands for no build, or where an output refuses
 */
export async function diff(
  oldPath: string,
  newPath: string,
  options: DiffOptions,
  shippedRules: URL,
): Promise<Ending> {
  const { firstParty, mapping, oldMapping, depth } = options;
  const outputs = parseOutputs(options.output ?? [], options.format, differenceFormats);
  protectInputs(
    outputs,
    [oldPath, newPath, mapping, oldMapping].filter((path) => path !== undefined),
  );
  const rules = await loadRules(options.rules ?? [], shippedRules);
  const [oldNames, newNames] = [
    oldMapping === undefined ? undefined : await readMapping(oldMapping, "--old-mapping"),
    mapping === undefined ? undefined : await readMapping(mapping),
  ];
  const common = { firstParty: firstParty ?? [], depth };
  const before = await readBuild(oldPath, rules, { ...common, names: oldNames });
  const after = await readBuild(newPath, rules, { ...common, names: newNames });
  if ("ending" in before || "ending" in after) {
    const failures = [before, after].filter((build) => "ending" in build);
    for (const failure of failures) tellFailure(failure);
    return worstOf(failures.map(({ ending }) => ending));
  }
  refuseUnlessApk("--old-mapping", oldMapping !== undefined, before);
  refuseUnlessApk("--mapping", mapping !== undefined, after);
  refuseUnlessApk("--first-party", firstParty !== undefined, before, after);
  const difference = compareBuilds(before, after, { name: "bycatch", version: BYCATCH_VERSION });
  await writeDifference(difference, outputs, options);
  const isWhole = before.inventory.unread.length + after.inventory.unread.length === 0;
  return worstOf([
    options.exitCode === true && hasMore(difference) ? "fail" : "done",
    isWhole ? "done" : "incomplete",
  ]);
}

async function writeDifference(
  difference: Difference,
  outputs: readonly Output<DifferenceFormat>[],
  options: DiffOptions,
): Promise<void> {
  const { differenceRenderers } = await import("../report/difference-formats.js");
  const width = options.width ?? findWidth();
  for (const output of outputs) {
    const color = isColored(output, options.color);
    await writeOutput(output, differenceRenderers[output.format](difference, { color, width }));
  }
}
