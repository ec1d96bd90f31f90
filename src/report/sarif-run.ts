import { createHash } from "node:crypto";
import type { Evidence } from "../evidence/index.js";
import type { AppSummary, AuditResult } from "../findings/index.js";
import { describeValue } from "./evidence-text.js";
import { printable } from "./printable-text.js";
import { longReference } from "./reference-text.js";
import { escapeInJson } from "./render-json.js";

/** A SARIF object, as it is written: {@link https://docs.oasis-open.org/sarif/sarif/v2.1.0/ SARIF 2.1.0}. */
export type SarifObject = { readonly [name: string]: unknown };

/** What a SARIF log has before, between and after its runs. */
export const sarifFrame = {
  before: '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[\n',
  between: ",\n",
  after: "\n]}\n",
} as const;

/** A run as a part of a log. */
export function renderRun(run: SarifObject): string {
  return escapeInJson(JSON.stringify(run, undefined, 1));
}

/** What all runs say of the tool. */
export function describeDriver(
  { version, rulesVersion }: AuditResult["tool"],
  rules: readonly SarifObject[],
): SarifObject {
  return {
    driver: {
      name: "Bycatch",
      fullName: `Bycatch ${version}, rules ${rulesVersion}`,
      version,
      semanticVersion: version,
      rules,
    },
  };
}

/** A rule's name beside its id: `NoDataBroker` of `no-data-broker`. */
export function pascalName(id: string): string {
  return id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Category under which GitHub keeps the results of an app apart from another's: one upload has each once. */
export function automationDetails(
  command: string,
  app: Pick<AppSummary, "packageName" | "files">,
): SarifObject {
  const name = app.packageName ?? app.files[0]?.name ?? "app";
  return { id: `bycatch-${command}/${encodePath(name)}/` };
}

/**
 * A message. What SARIF would take for a link or a placeholder is escaped (3.11.5, 3.11.6).
 *
 * @param text escaped for a terminal already
 */
export function message(text: string): SarifObject {
  return { text: text.replace(/[\\[\]]/g, "\\$&").replace(/[{}]/g, "$&$&") };
}

/** What makes a result the same in the next build: the id of what it is about, and never a position in code. */
export function fingerprint(id: string): SarifObject {
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 16);
  // GitHub compares results by this name alone, and would otherwise hash a line of a file.
  return { "bycatchId/v1": id, primaryLocationLineHash: `${hash}:1` };
}

/** A path as a URI reference. */
export function encodePath(path: string): string {
  return path.replace(/^\/+/, "").toWellFormed().split("/").map(encodeURIComponent).join("/");
}

/** Files that the results of one run point to: the app, and what is inside it. */
export class SarifArtifacts {
  readonly #artifacts: SarifObject[];
  readonly #entries = new Map<string, SarifObject>();
  readonly #isOneFile: boolean;

  constructor({ files }: Pick<AppSummary, "files">) {
    this.#isOneFile = files.length === 1;
    this.#artifacts = files.map(({ name, sha256, size }) => ({
      location: { uri: encodePath(name) },
      length: size,
      mimeType: "application/vnd.android.package-archive",
      roles: ["analysisTarget"],
      hashes: { "sha-256": sha256 },
    }));
  }

  /** All that were asked for so far, in that order. */
  get list(): readonly SarifObject[] {
    return this.#artifacts;
  }

  /** The app itself. GitHub shows no result without a line, though a binary has none. */
  app(): SarifObject {
    const { location } = (this.#artifacts[0] ?? { location: { uri: "app" } }) as { location: SarifObject };
    return {
      artifactLocation: { ...location, ...(this.#artifacts.length === 0 ? {} : { index: 0 }) },
      region: { startLine: 1 },
    };
  }

  /** An entry of the app. */
  entry(name: string): SarifObject {
    let location = this.#entries.get(name);
    if (location === undefined) {
      const uri = encodePath(name);
      location = { uri, index: this.#artifacts.length };
      this.#entries.set(name, location);
      // Of several files it is not known which one holds it.
      const parent = this.#isOneFile ? { parentIndex: 0 } : {};
      this.#artifacts.push({ location: { uri }, ...parent });
    }
    return { artifactLocation: location };
  }
}

/** Where evidence is: an entry of the app; and of code the method, and the code unit in it. */
export function evidenceLocation(evidence: Evidence, id: number, artifacts: SarifArtifacts): SarifObject {
  const { kind, entry, value, caller, codeUnit } = evidence;
  const logical = caller === undefined ? (kind === "class" ? value : undefined) : caller;
  const at = codeUnit === undefined ? "" : ` at code unit 0x${codeUnit.toString(16)}`;
  const what = kind === "override" ? "overrides it" : `${kind} ${describeValue(evidence)}`;
  return {
    id,
    physicalLocation: artifacts.entry(entry),
    ...(logical === undefined
      ? {}
      : { logicalLocations: [logicalLocation(logical, caller === undefined ? "type" : "function")] }),
    message: message(printable(what + at, 500)),
    properties: { evidence: kind, value, ...(codeUnit === undefined ? {} : { codeUnit }) },
  };
}

/**
 * A place in the code: the method, in an entry of the app, and the code unit in it.
 *
 * @param said what is to be known of it, escaped
 */
export function codeLocation(
  { entry, caller, codeUnit }: { entry: string; caller: string; codeUnit: number | undefined },
  said: string,
  artifacts: SarifArtifacts,
): SarifObject {
  const at = codeUnit === undefined ? "" : ` at code unit 0x${codeUnit.toString(16)}`;
  return {
    physicalLocation: artifacts.entry(entry),
    logicalLocations: [logicalLocation(caller, "function")],
    message: message(said + at),
    ...(codeUnit === undefined ? {} : { properties: { codeUnit } }),
  };
}

/** A method of the app's, wherever its code is. */
export function methodLocation(reference: string): SarifObject {
  return {
    logicalLocations: [logicalLocation(reference, "function")],
    message: message(printable(longReference(reference), 500)),
  };
}

function logicalLocation(reference: string, kind: "type" | "function"): SarifObject {
  const name = /(?:->)?([^/;>(]+);?(?:\(.*)?$/.exec(reference)?.[1];
  return { name, fullyQualifiedName: reference, kind };
}
