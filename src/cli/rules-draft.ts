import { openApp } from "../app/index.js";
import { openFileSource } from "../archive/index.js";
import { type Diagnostics, defaultLimits, UsageError } from "../diagnostics/index.js";
import { readPackageContents } from "../program/index.js";
import { loadCompiledRules, RuleIndex } from "../ruleset/index.js";
import { draftRule } from "../sdk/index.js";
import { tell, tellFailure, tellNoted, writeStdout } from "./console.js";
import { describeInputFailure } from "./describe-failure.js";
import type { Ending } from "./exit-codes.js";

/** What `bycatch rules draft` is told. */
export interface DraftOptions {
  /** Dotted. */
  readonly package: string;
  readonly id?: string;
  readonly name?: string;
  readonly vendor?: string;
  readonly category: string;
}

/** `bycatch rules draft`: the rule of an SDK as far as an app that carries it shows it, as YAML. */
export async function draftRuleOf(path: string, options: DraftOptions, shippedRules: URL): Promise<Ending> {
  const diagnostics: Diagnostics = [];
  let yaml: string;
  try {
    yaml = await draftYaml(path, options, new RuleIndex(loadCompiledRules(shippedRules)), diagnostics);
  } catch (error) {
    const failure = describeInputFailure(path, error);
    tellFailure(failure);
    return failure.ending;
  }
  await writeStdout(yaml);
  const unread = diagnostics.filter(({ effect }) => effect === "unread");
  for (const diagnostic of unread.slice(0, 10)) tellNoted(path, diagnostic);
  return unread.length > 0 ? "incomplete" : "done";
}

async function draftYaml(
  path: string,
  options: DraftOptions,
  rules: RuleIndex,
  diagnostics: Diagnostics,
): Promise<string> {
  const packageName = options.package;
  const source = openFileSource(path);
  try {
    const app = openApp(source, defaultLimits, diagnostics);
    const dexFiles = [];
    for await (const dex of app.dexFiles()) dexFiles.push(dex);
    const prefix = `L${packageName.replaceAll(".", "/")}/`;
    const contents = readPackageContents(dexFiles, prefix, defaultLimits);
    if (contents.classes.length === 0) {
      const fix = "`bycatch scan --verbose` names the packages of those that no rule knows.";
      throw new UsageError("--package", `${path} defines no class below ${packageName}`, fix);
    }
    const owner = rules.findOwner(prefix);
    if (owner !== undefined) tell(`${packageName} belongs to the rule ${owner.rule.id}`);
    const id = options.id ?? idOf(packageName);
    const [file] = await app.describeFiles();
    const { renderDraft } = await import("../ruleset/render-draft.js");
    return renderDraft(
      draftRule({
        packageName,
        contents,
        manifest: app.manifest,
        entryNames: app.entryNames,
        rules,
        id,
        name: options.name ?? id,
        vendor: options.vendor ?? idOf(packageName.split(".").slice(0, 2).join(".")),
        category: options.category,
        source: `${file!.name} (SHA-256 ${file!.sha256})`,
        readOn: new Date().toISOString().slice(0, 10),
      }),
    );
  } finally {
    source.close();
  }
}

/** `acme-sdk` of `com.acme.sdk`. */
function idOf(packageName: string): string {
  const segments = packageName.toLowerCase().split(".");
  const named = segments.length > 1 && segments[0]!.length <= 3 ? segments.slice(1) : segments;
  return (
    named
      .join("-")
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "sdk"
  );
}
