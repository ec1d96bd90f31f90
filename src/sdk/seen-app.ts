import type { AppContents } from "../app/index.js";
import type { Evidence } from "../evidence/index.js";
import type { PackageTable } from "../program/index.js";

/** A string constant that rules may know, where it stands. */
export interface SeenString {
  readonly text: string;
  /** Package (`Lcom/acme/`) or class whose code holds it. */
  readonly holder: string;
  readonly evidence: () => Evidence;
}

/** A package, or a class apart from its package, that the app defines classes of that its build did not make. */
export interface SeenPackage {
  /** `Lcom/acme/`, `Lcom/acme/Sdk;`. */
  readonly name: string;
  /** One class of it, and the DEX file that has it. */
  readonly example: string;
  readonly entry: string;
}

/** All of an app that can be a witness for an SDK: what rules are matched against. */
export interface SeenApp {
  /** Empty where it is not known. */
  readonly applicationId: string;
  readonly components: readonly string[];
  readonly authorities: readonly string[];
  /** Permissions that the app defines. */
  readonly permissions: readonly string[];
  /** Names of `<meta-data>`, of the application and of components. */
  readonly metaData: readonly string[];
  readonly entryNames: readonly string[];
  hasEntry(name: string): boolean;
  readonly packages: readonly SeenPackage[];
  readonly strings: readonly SeenString[];
}

/** A string constant in the code of a package, by its number. */
interface StringOfPackage {
  readonly text: string;
  readonly packageNumber: number;
  readonly evidence: () => Evidence;
}

/** Gathers what can be a witness from a manifest, the archive's names and the code. */
export function seeApp(
  app: AppContents,
  packages: PackageTable,
  strings: readonly StringOfPackage[],
): SeenApp {
  const { manifest } = app;
  const components =
    manifest === undefined
      ? []
      : [...manifest.activities, ...manifest.services, ...manifest.receivers, ...manifest.providers];
  const metaData = [
    manifest?.application?.metaData ?? [],
    ...components.map((component) => component.metaData),
  ].flat();
  return {
    applicationId: manifest?.packageName ?? "",
    components: components.map(({ name }) => name),
    authorities: manifest?.providers.flatMap((provider) => provider.authorities) ?? [],
    permissions: manifest?.permissions.map(({ name }) => name) ?? [],
    metaData: [...new Set(metaData.map(({ name }) => name))],
    entryNames: app.entryNames,
    hasEntry: (name) => app.hasEntry(name),
    packages: packages.names.flatMap((name, number) =>
      isMadeByBuild(packages, number) || !packages.has(number)
        ? []
        : [{ name, example: packages.examples[number]!, entry: packages.exampleEntries[number]! }],
    ),
    strings: strings.map(({ text, packageNumber, evidence }) => ({
      text,
      holder: packages.names[packageNumber]!,
      evidence,
    })),
  };
}

/**
 * Whether a package holds nothing but `R` and `BuildConfig`: the build of the app makes these for every library
 * with resources, and for one that carries no code of the package (firebase-measurement-connector's `R`).
 */
function isMadeByBuild({ classes, generated }: PackageTable, number: number): boolean {
  return classes[number]! > 0 && generated[number] === classes[number];
}
