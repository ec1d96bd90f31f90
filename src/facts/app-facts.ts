import type { AppContents, AppFile } from "../app/index.js";
import type { Diagnostic, Diagnostics } from "../diagnostics/index.js";
import type { AndroidManifest } from "../manifest/index.js";
import { FactsError } from "./facts-error.js";
import { joinSections, SectionReader } from "./sections.js";

/** What reading a small text of an app came to. */
export interface KeptText {
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is kept of an app beside the facts of its DEX files. */
export interface AppFactsParts {
  readonly file: AppFile;
  readonly manifest: AndroidManifest | undefined;
  readonly entryNames: readonly string[];
  readonly hasOtherCode: boolean;
  /** Its DEX files in their order: name, and SHA-256 in hexadecimal. */
  readonly dexFiles: readonly { readonly source: string; readonly sha256: string }[];
  /** What opening it came to, and reading its DEX files. */
  readonly diagnostics: readonly Diagnostic[];
  /** With the names of their entries. */
  readonly texts: readonly (readonly [entryName: string, kept: KeptText])[];
}

/** As bytes to keep; `undefined` where they would not be the same when they are read again. */
export function renderAppFacts(parts: AppFactsParts): Uint8Array | undefined {
  let isPlain = true;
  const json = JSON.stringify(parts, (_, value: unknown) => {
    // JSON has neither infinite numbers nor a negative zero.
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) isPlain = false;
    return value;
  });
  // ASCII alone is read without decoding.
  const ascii = json.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return isPlain ? joinSections([Buffer.from(ascii, "latin1")]) : undefined;
}

/** An app's contents by what was kept of them. */
export class AppFacts implements AppContents {
  readonly file: AppFile;
  readonly manifest: AndroidManifest | undefined;
  readonly entryNames: readonly string[];
  readonly hasOtherCode: boolean;
  readonly dexFiles: AppFactsParts["dexFiles"];
  /** What an audit begins with, and goes on adding to. */
  readonly diagnostics: Diagnostics;
  readonly #texts: ReadonlyMap<string, KeptText>;
  #names: ReadonlySet<string> | undefined;

  /**
   * @param name of the file: the same bytes may be kept under several
   * @throws FactsError `spoilt`; `incomplete` where something that was kept speaks of another name
   */
  constructor(kept: Uint8Array, name?: string) {
    const parts = parse(new SectionReader(kept, 1).bytes(0));
    const isSpokenOf = ({ part, message }: Diagnostic) =>
      part.includes(parts.file.name) || message.includes(parts.file.name);
    if (name !== undefined && name !== parts.file.name && parts.diagnostics.some(isSpokenOf))
      throw new FactsError("incomplete", "the file had another name");
    this.file = { ...parts.file, name: name ?? parts.file.name };
    this.manifest = parts.manifest;
    this.entryNames = parts.entryNames;
    this.hasOtherCode = parts.hasOtherCode;
    this.dexFiles = parts.dexFiles;
    this.diagnostics = [...parts.diagnostics];
    this.#texts = new Map(parts.texts);
  }

  hasEntry(name: string): boolean {
    this.#names ??= new Set(this.entryNames);
    return this.#names.has(name);
  }

  /** @throws FactsError `incomplete` for a text that was not asked for when they were taken */
  readText(entryName: string): string | undefined {
    const kept = this.#texts.get(entryName);
    if (kept !== undefined) {
      this.diagnostics.push(...kept.diagnostics);
      return kept.text;
    }
    if (this.hasEntry(entryName)) throw new FactsError("incomplete", "a text was not asked for");
    return undefined;
  }
}

function parse({ buffer, byteOffset, length }: Uint8Array): AppFactsParts {
  const latin1 = Buffer.from(buffer, byteOffset, length).toString("latin1");
  try {
    return JSON.parse(latin1) as AppFactsParts;
  } catch {
    throw new FactsError("spoilt", "they are no JSON");
  }
}
