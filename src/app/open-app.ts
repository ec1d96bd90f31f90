import {
  type Archive,
  type ArchiveEntry,
  type ByteSource,
  openArchive,
  partName,
  readEntry,
  readEntrySync,
} from "../archive/index.js";
import { type DexFile, type NameMapping, readDexFiles } from "../dex/index.js";
import {
  type Diagnostics,
  diagnoseUnread,
  FormatError,
  type Limits,
  readOrDiagnose,
} from "../diagnostics/index.js";
import { type AndroidManifest, readManifest, readResourceTable } from "../manifest/index.js";
import type { App } from "./app.js";
import { readLayoutNames } from "./read-layouts.js";
import { restoreManifestNames } from "./restore-manifest-names.js";

/** DEX files that are inflated on zlib's threads while an earlier one is being read. */
const INFLATE_AHEAD = 4;

/** From this size on, in bytes, inflating on another thread is worth the way there and back. */
const WORTH_A_THREAD = 1 << 18;

/** Bytes of an entry that `readText` takes: a properties or version file, not an asset. */
const MOST_TEXT_BYTES = 64 * 1024;

/**
 * Opens an APK. Its first DEX files begin to be inflated, on other threads, before its manifest is read.
 *
 * @param mapping gives classes and members their original names, in code and manifest
 * @throws FormatError if it is no archive, or an archive that holds no Android app (`unsupported` for
 *   app bundles, sets of splits and libraries, which are not read yet)
 */
export function openApp(
  source: ByteSource,
  limits: Limits,
  diagnostics: Diagnostics,
  mapping?: NameMapping,
): App {
  const archive = openArchive(source, limits, diagnostics);
  refuseOtherKinds(archive);
  const dexEntries = findDexEntries(archive, limits, diagnostics);
  const otherDex = findOtherDex(archive, dexEntries);
  diagnoseOtherDex(archive, otherDex, limits, diagnostics);
  const dexFiles = readAppDexFiles(archive, dexEntries, limits, diagnostics, mapping);
  const entryNames = archive.entries.map((entry) => entry.name);
  const manifest = readAppManifest(archive, limits, diagnostics);
  if (dexEntries.length === 0 && needsCode(manifest)) {
    diagnostics.push({
      effect: "unread",
      code: "missing-part",
      part: "classes.dex",
      message: `${source.name} has no classes.dex, and its manifest names components: their code is not known`,
    });
  }
  return {
    describeFiles: async () => [{ name: source.name, sha256: await source.sha256(), size: source.size }],
    manifest:
      manifest === undefined || mapping === undefined ? manifest : restoreManifestNames(manifest, mapping),
    entryNames,
    hasOtherCode: otherDex.length > 0 || entryNames.some((name) => name.startsWith("lib/")),
    hasEntry: (name) => archive.findEntry(name) !== undefined,
    readText: (entryName) => readSmallText(archive, entryName, limits, diagnostics),
    readLayoutNames: () => readLayoutNames(archive, limits, diagnostics),
    get spentBytes() {
      return archive.budget.spentBytes;
    },
    dexFiles: () => dexFiles,
  };
}

/** Kinds of archives that people hand us and that are not read, by an entry that only they have. */
const otherKinds: readonly { readonly has: RegExp; readonly is: string; readonly instead: string }[] = [
  {
    has: /^BundleConfig\.pb$/,
    is: "an Android App Bundle (AAB)",
    instead: "Build an APK from it with bundletool (--mode=universal) and scan that.",
  },
  {
    has: /^base\/manifest\/AndroidManifest\.xml$/,
    is: "an Android App Bundle (AAB)",
    instead: "Build an APK from it with bundletool (--mode=universal) and scan that.",
  },
  {
    has: /^(toc\.pb|(splits\/)?base(-master)?\.apk|[^/]+\.apk)$/,
    is: "a set of APKs (.apks, .xapk, .apkm)",
    instead: "Unzip it and scan the APKs in it.",
  },
  { has: /^classes\.jar$/, is: "an Android library (AAR)", instead: "Scan an app that it is built into." },
  {
    has: /^META-INF\/MANIFEST\.MF$/,
    is: "a Java archive (JAR)",
    instead: "Scan an app that it is built into.",
  },
  { has: /\.class$/, is: "a Java archive (JAR)", instead: "Scan an app that it is built into." },
];

/**
 * Refuses an archive that is no APK, in the words for what it is instead.
 *
 * @throws FormatError `unsupported` for app bundles, sets of APKs and libraries; `bad-magic` for others
 */
export function refuseOtherKinds(archive: Archive): void {
  const hasDex = archive.findEntry("classes.dex") !== undefined;
  const hasBinaryManifest = archive.findEntry("AndroidManifest.xml") !== undefined;
  if (hasDex || (hasBinaryManifest && archive.findEntry("classes.jar") === undefined)) return;
  for (const { has, is, instead } of otherKinds) {
    if (!archive.entries.some((entry) => has.test(entry.name))) continue;
    throw new FormatError(
      "unsupported",
      { source: archive.source.name, structure: "archive" },
      `this is ${is}, which is not read yet. ${instead}`,
    );
  }
  throw new FormatError(
    "bad-magic",
    { source: archive.source.name, structure: "archive" },
    "this archive is no APK: it has neither classes.dex nor AndroidManifest.xml",
  );
}

function readAppManifest(
  archive: Archive,
  limits: Limits,
  diagnostics: Diagnostics,
): AndroidManifest | undefined {
  const entry = archive.findEntry("AndroidManifest.xml");
  if (entry === undefined) {
    diagnostics.push({
      effect: "unread",
      code: "missing-part",
      part: "AndroidManifest.xml",
      message: `${archive.source.name} has no AndroidManifest.xml: permissions and components are not known`,
    });
    return undefined;
  }
  const table = archive.findEntry("resources.arsc");
  const resources =
    table === undefined
      ? undefined
      : readOrDiagnose(diagnostics, () =>
          readResourceTable(readEntrySync(archive, table, limits), table.name, limits, diagnostics),
        );
  return readOrDiagnose(diagnostics, () =>
    readManifest(readEntrySync(archive, entry, limits), entry.name, resources, limits, diagnostics),
  );
}

function readSmallText(
  archive: Archive,
  entryName: string,
  limits: Limits,
  diagnostics: Diagnostics,
): string | undefined {
  const entry = archive.findEntry(entryName);
  if (entry === undefined || entry.uncompressedSize > MOST_TEXT_BYTES) return undefined;
  const bytes = readOrDiagnose(diagnostics, () => readEntrySync(archive, entry, limits));
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
}

/** Whether Android would look for code: a configuration split and an app of nothing but resources have none. */
function needsCode(manifest: AndroidManifest | undefined): boolean {
  if (manifest?.application?.hasCode !== true || manifest.split !== undefined) return false;
  const { activities, services, receivers, providers } = manifest;
  return activities.length + services.length + receivers.length + providers.length > 0;
}

/** classes.dex, classes2.dex, … up to the first number that is missing, as the runtime's loader goes. */
function findDexEntries(archive: Archive, limits: Limits, diagnostics: Diagnostics): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  for (let number = 1; ; number++) {
    const entry = archive.findEntry(number === 1 ? "classes.dex" : `classes${number}.dex`);
    if (entry === undefined) break;
    if (number > limits.dexFiles) {
      diagnostics.push({
        effect: "unread",
        code: "limit",
        part: entry.name,
        message: `${entry.name} and what follows was not read (limit dexFiles, ${limits.dexFiles})`,
      });
      break;
    }
    entries.push(entry);
  }
  return entries;
}

/** DEX files that Android itself does not load: the app can, at run time, and what they hold is not known. */
function findOtherDex(archive: Archive, loaded: readonly ArchiveEntry[]): ArchiveEntry[] {
  const names = new Set(loaded.map((entry) => entry.name));
  return archive.entries.filter(({ name }) => name.endsWith(".dex") && !names.has(name));
}

function diagnoseOtherDex(
  archive: Archive,
  others: readonly ArchiveEntry[],
  limits: Limits,
  diagnostics: Diagnostics,
): void {
  for (const entry of others.slice(0, limits.evidencePerItem)) {
    const part = partName(archive, entry, limits);
    const message = `${part} is not among the files that Android loads, and was not read: the app may load it itself`;
    diagnostics.push({ effect: "odd", code: "missing-part", part, message });
  }
}

function readAppDexFiles(
  archive: Archive,
  entries: readonly ArchiveEntry[],
  limits: Limits,
  diagnostics: Diagnostics,
  mapping: NameMapping | undefined,
): AsyncGenerator<DexFile> {
  const begun = entries.slice(0, INFLATE_AHEAD).map((entry) => beginInflating(archive, entry, limits));
  return readInflated(archive, entries, begun, limits, diagnostics, mapping);
}

async function* readInflated(
  archive: Archive,
  entries: readonly ArchiveEntry[],
  begun: Inflating[],
  limits: Limits,
  diagnostics: Diagnostics,
  mapping: NameMapping | undefined,
): AsyncGenerator<DexFile> {
  for (const [index, entry] of entries.entries()) {
    const next = entries[index + INFLATE_AHEAD];
    if (next !== undefined) begun.push(beginInflating(archive, next, limits));
    const inflating = begun[index]!;
    const bytes = typeof inflating === "function" ? inflating() : await inflating;
    delete begun[index]; // the bytes belong to the DEX file now
    if (bytes instanceof FormatError) diagnostics.push(diagnoseUnread(bytes));
    else {
      const read = () => readDexFiles(bytes, entry.name, limits, diagnostics, mapping);
      yield* readOrDiagnose(diagnostics, read) ?? [];
    }
  }
}

/** An entry on its way; the file's fault is a value, since a promise that nobody awaits yet must not reject. */
type Inflating = (() => Uint8Array | FormatError) | Promise<Uint8Array | FormatError>;

function beginInflating(archive: Archive, entry: ArchiveEntry, limits: Limits): Inflating {
  if (entry.uncompressedSize < WORTH_A_THREAD) {
    return () => {
      try {
        return readEntrySync(archive, entry, limits);
      } catch (error) {
        return faultOfFile(error);
      }
    };
  }
  return readEntry(archive, entry, limits).catch(faultOfFile);
}

function faultOfFile(error: unknown): FormatError {
  if (error instanceof FormatError) return error;
  throw error;
}
