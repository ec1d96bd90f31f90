import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { ManifestChanges } from "./manifest-xml.js";

/** A verdict on one SDK build, written by hand from its class files: fixtures/real-sdks/verdicts. */
export interface SdkVerdict {
  /** Name of the file, without its ending. */
  readonly id: string;
  /** The app that it is built into. */
  readonly app: string;
  /** Files of the corpus: JARs, or AARs whose classes.jar is meant. */
  readonly from: readonly { readonly package: string; readonly path: string }[];
  /** Class files in it. */
  readonly classes: number;
  /** How many of them cannot be compiled; see test/support/dx.ts. */
  readonly "left-out"?: number;
  readonly parties: Readonly<Record<string, PartyVerdict>>;
}

/** What is expected of one party. */
export interface PartyVerdict {
  /** Class prefixes, smali form: its classes and nobody else's. */
  readonly code: readonly string[];
  readonly classes: number;
  /** Not given where its binaries do not say it as a constant. */
  readonly version?: string;
  /** That it is in the app; certain unless said. */
  readonly confidence?: string;
  /** Confidence of the finding on each data type that its code refers to. */
  readonly findings: Readonly<Record<string, string>>;
  /** Every access, and no other. */
  readonly accesses: readonly AccessVerdict[];
  /** Accesses in its code that the audit does not find, each with the reason: a measure of what it misses. */
  readonly missed?: readonly { readonly yields: string; readonly in: string; readonly because: string }[];
}

/** One access: an API that a party's code uses. */
export interface AccessVerdict {
  /** Id of the rule. */
  readonly yields: string;
  readonly api: string;
  readonly confidence: string;
  /** `<caller> <code unit>`, with `<kind>: ` in front where it is neither a call nor a field read. */
  readonly at: readonly string[];
  /** What the code does with it, where that bears on the rule. */
  readonly judged?: string;
}

/** What a change of the manifest does to limits: fixtures/real-sdks/limits.yaml. */
export interface LimitCase {
  readonly name: string;
  readonly app: string;
  readonly changes: ManifestChanges;
  readonly expect: readonly {
    readonly party: string;
    readonly api: string;
    readonly "data-type": string;
    /** `<kind> <leaves>[ since <level>][: <permissions>]`. */
    readonly limits: readonly string[];
  }[];
}

const folder = new URL("../../fixtures/real-sdks/", import.meta.url);

/** The verdicts, by name. */
export function readVerdicts(): SdkVerdict[] {
  const names = readdirSync(new URL("verdicts/", folder)).sort();
  return names.map((name) => ({
    ...readYaml<Omit<SdkVerdict, "id">>(`verdicts/${name}`),
    id: name.replace(/\.yaml$/, ""),
  }));
}

/** The cases of limits.yaml. */
export function readLimitCases(): LimitCase[] {
  return readYaml("limits.yaml");
}

/** The manifest of an app of fixtures/real-sdks, as text. */
export function readManifestText(app: string): string {
  return readFileSync(new URL(`${app}-app.xml`, folder), "utf8");
}

function readYaml<Type>(path: string): Type {
  return parse(readFileSync(fileURLToPath(new URL(path, folder)), "utf8")) as Type;
}
