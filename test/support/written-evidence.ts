import { defaultLimits } from "../../src/diagnostics/index.js";
import { PackageTable, packageOf } from "../../src/program/index.js";
import type { RuleIndex } from "../../src/ruleset/index.js";
import { matchSdks, type SdkMatch, seeApp } from "../../src/sdk/index.js";
import { buildManifest, fakeApp, type ManifestShape } from "./app-builder.js";

/** What was seen in an app, written down. */
export interface WrittenApp {
  /** Smali form. */
  readonly classes?: readonly string[] | undefined;
  /** Those of {@link classes} that the app's build generated. */
  readonly generated?: readonly string[] | undefined;
  /** `undefined`: there is no manifest. */
  readonly manifest?: ManifestShape | undefined;
  /** Archive entries. */
  readonly files?: readonly string[] | undefined;
  /** String constants. */
  readonly strings?: readonly string[] | undefined;
  /** The class whose code holds them: a renamed one unless said. */
  readonly holder?: string | undefined;
}

/** Matches rules against an app that was written down. */
export function matchWritten(
  { classes = [], generated = [], manifest, files, strings = [], holder = "La/a;" }: WrittenApp,
  rules: RuleIndex,
  ownRoots: readonly string[] = [],
): SdkMatch[] {
  const packages = new PackageTable();
  const apart = new Set(rules.classesApart());
  for (const descriptor of classes) addClass(packages, apart, descriptor, generated.includes(descriptor));
  addClass(packages, apart, holder);
  const packageNumber = packages.names.length - 1;
  packages.classes[packageNumber] = 0; // known by its strings alone
  const seen = strings.map((text) => ({
    text,
    packageNumber,
    evidence: () => ({ kind: "string" as const, entry: "classes.dex", value: text }),
  }));
  const app = fakeApp(manifest === undefined ? undefined : buildManifest(manifest), files);
  return matchSdks(seeApp(app, packages, seen), rules, defaultLimits, ownRoots);
}

/** As `PackageTable.addClasses` does with a class of a DEX file. */
function addClass(
  packages: PackageTable,
  apart: ReadonlySet<string>,
  descriptor: string,
  isGenerated = false,
): void {
  const outermost = descriptor.replace(/(?<=\/.+?)\$.*/, ";");
  packages.names.push(apart.has(outermost) ? outermost : packageOf(descriptor));
  packages.classes.push(1);
  packages.generated.push(isGenerated ? 1 : 0);
  packages.codeUnits.push(0);
  packages.examples.push(descriptor);
  packages.exampleEntries.push("classes.dex");
}
