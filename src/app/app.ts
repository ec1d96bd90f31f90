import type { DexFile } from "../dex/index.js";
import type { AndroidManifest } from "../manifest/index.js";
import type { LayoutNames } from "./read-layouts.js";

/** A file that makes up an app. */
export interface AppFile {
  /** Without its folder: results do not depend on where a file lay. */
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

/** What of a finished build is not code, as the later stages see it. */
export interface AppContents {
  /** `undefined` if there is none or it could not be read. */
  readonly manifest: AndroidManifest | undefined;
  /** Names of all archive entries, in the order of the central directory. */
  readonly entryNames: readonly string[];
  hasEntry(name: string): boolean;
  /** Whether there is code that is not read: native libraries, DEX files that Android does not load. */
  readonly hasOtherCode: boolean;
  /** Text of a small archive entry; `undefined` if there is none or it cannot be read. */
  readText(entryName: string): string | undefined;
}

/**
 * A finished build as the later stages see it. The readers' formats end here.
 *
 * DEX files come one at a time while the next ones are being inflated; what cannot be read has become a
 * diagnostic.
 */
export interface App extends AppContents {
  /** Hashes the files: all of their bytes are read, large files on another thread. */
  describeFiles(): Promise<AppFile[]>;
  /** What the app's layouts and its other compiled XML name of its code; all of it is read when this is asked for. */
  readLayoutNames(): LayoutNames;
  /** Declared bytes of the entries read so far: what `Limits.totalBytes` counts. */
  readonly spentBytes: number;
  /** The DEX files in the runtime's order: classes.dex, classes2.dex, … They come once. */
  dexFiles(): AsyncGenerator<DexFile>;
}
