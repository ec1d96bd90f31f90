import { defaultLimits } from "../../src/diagnostics/index.js";
import { PackageTable, packageOf } from "../../src/program/index.js";
import type { RuleIndex } from "../../src/ruleset/index.js";
import { matchSdks, type SdkMatch, type SeenString } from "../../src/sdk/index.js";
import { buildManifest, fakeApp, type ManifestShape } from "./app-builder.js";

/** What was seen in an app, written down. */
export interface WrittenApp {
  /** Smali form. */
  readonly classes?: readonly string[] | undefined;
  /** `undefined`: there is no manifest. */
  readonly manifest?: ManifestShape | undefined;
  /** Archive entries. */
  readonly files?: readonly string[] | undefined;
  /** String constants. */
  readonly strings?: readonly string[] | undefined;
}

/** Matches rules against an app that was written down. */
export function matchWritten(
  { classes = [], manifest, files, strings = [] }: WrittenApp,
  rules: RuleIndex,
): SdkMatch[] {
  const packages = new PackageTable();
  const apart = new Set(rules.classesApart());
  for (const descriptor of classes) addClass(packages, apart, descriptor);
  const seen = strings.map(
    (text): SeenString => ({ text, evidence: () => ({ kind: "string", entry: "classes.dex", value: text }) }),
  );
  const app = fakeApp(manifest === undefined ? undefined : buildManifest(manifest), files);
  return matchSdks(app, packages, seen, rules, defaultLimits);
}

/** As `PackageTable.addClasses` does with a class of a DEX file. */
function addClass(packages: PackageTable, apart: ReadonlySet<string>, descriptor: string): void {
  const outermost = descriptor.replace(/(?<=\/.+?)\$.*/, ";");
  packages.names.push(apart.has(outermost) ? outermost : packageOf(descriptor));
  packages.classes.push(1);
  packages.generated.push(0);
  packages.codeUnits.push(0);
  packages.examples.push(descriptor);
  packages.exampleEntries.push("classes.dex");
}
