import { isAscii } from "node:buffer";
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

/**
 * Characters that facts of an app may come to, far above any real one: a few bytes of a manifest can name one long text
 * again and again, and in JSON it stands each time.
 */
const MOST_CHARACTERS = 2 ** 24;

/** As bytes to keep; `undefined` where they would not be the same when they are read again, or too many. */
export function renderAppFacts(parts: AppFactsParts): Uint8Array | undefined {
  const characters = countCharacters(parts, MOST_CHARACTERS);
  return characters > MOST_CHARACTERS ? undefined : joinSections([Buffer.from(JSON.stringify(parts))]);
}

/** About what a value comes to as JSON, no further than `most`; infinite where JSON cannot say it. */
function countCharacters(value: unknown, most: number): number {
  if (typeof value === "string") return value.length + 2;
  // JSON has neither infinite numbers nor a negative zero.
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? 8 : Infinity;
  if (typeof value !== "object" || value === null) return 5;
  let characters = 2;
  for (const key in value) {
    characters += key.length + countCharacters(value[key as keyof typeof value], most - characters);
    if (characters > most) break;
  }
  return characters;
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
    const told = [parts.diagnostics, ...parts.texts.map(([, { diagnostics }]) => diagnostics)];
    if (name !== undefined && name !== parts.file.name && told.some((list) => list.some(isSpokenOf)))
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
  const bytes = Buffer.from(buffer, byteOffset, length);
  try {
    // ASCII alone is read without decoding.
    const parts = JSON.parse(bytes.toString(isAscii(bytes) ? "latin1" : "utf8")) as AppFactsParts;
    if (isWhole(parts)) return parts;
  } catch {
    // What is no JSON, or of another shape, is spoilt like what is not whole.
  }
  throw new FactsError("spoilt", "they are not what is kept of an app");
}

/** Looks at no more than what is used here: what a stage does with a manifest of another shape is caught where facts are used. */
function isWhole({ file, hasOtherCode, entryNames, dexFiles, diagnostics, texts }: AppFactsParts): boolean {
  return (
    typeof file.name === "string" &&
    typeof hasOtherCode === "boolean" &&
    entryNames.every((name) => typeof name === "string") &&
    dexFiles.every(({ source, sha256 }) => typeof source === "string" && typeof sha256 === "string") &&
    diagnostics.every(isDiagnostic) &&
    texts.every(([name, kept]) => typeof name === "string" && kept.diagnostics.every(isDiagnostic))
  );
}

function isDiagnostic({ part, message }: Diagnostic): boolean {
  return typeof part === "string" && typeof message === "string";
}
