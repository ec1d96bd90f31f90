import {
  type Archive,
  type ArchiveEntry,
  type ByteSource,
  openArchive,
  readEntry,
  readEntrySync,
} from "../archive/index.js";
import { type DexFile, readDexFiles } from "../dex/index.js";
import {
  type Diagnostics,
  diagnoseUnread,
  FormatError,
  type Limits,
  readOrDiagnose,
} from "../diagnostics/index.js";
import { type AndroidManifest, readManifest, readResourceTable } from "../manifest/index.js";
import type { App } from "./app.js";

/** DEX files that are inflated on zlib's threads while an earlier one is being read. */
const INFLATE_AHEAD = 2;

/** Bytes of an entry that `readText` takes: a properties or version file, not an asset. */
const MOST_TEXT_BYTES = 64 * 1024;

/**
 * Opens an APK. Its first DEX files begin to be inflated, on other threads, before its manifest is read.
 *
 * @throws FormatError if it is no archive, or an archive that holds no Android app (`unsupported` for
 *   app bundles, sets of splits and libraries, which are not read yet)
 */
export function openApp(source: ByteSource, limits: Limits, diagnostics: Diagnostics): App {
  const archive = openArchive(source, limits, diagnostics);
  refuseOtherKinds(archive);
  const dexFiles = readAppDexFiles(archive, limits, diagnostics);
  return {
    describeFiles: async () => [{ name: source.name, sha256: await source.sha256(), size: source.size }],
    manifest: readAppManifest(archive, limits, diagnostics),
    entryNames: archive.entries.map((entry) => entry.name),
    hasEntry: (name) => archive.findEntry(name) !== undefined,
    readText: (entryName) => readSmallText(archive, entryName, limits, diagnostics),
    dexFiles: () => dexFiles,
    close: () => source.close(),
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
];

function refuseOtherKinds(archive: Archive): void {
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

function readAppDexFiles(
  archive: Archive,
  limits: Limits,
  diagnostics: Diagnostics,
): AsyncGenerator<DexFile> {
  const entries = findDexEntries(archive, limits, diagnostics);
  const inflating: Promise<Uint8Array | FormatError>[] = [];
  const begin = (entry: ArchiveEntry | undefined) => {
    if (entry !== undefined) inflating.push(inflateEntry(archive, entry, limits));
  };
  entries.slice(0, INFLATE_AHEAD).forEach(begin);
  return readInflated(entries, inflating, begin, limits, diagnostics);
}

async function* readInflated(
  entries: readonly ArchiveEntry[],
  inflating: Promise<Uint8Array | FormatError>[],
  begin: (entry: ArchiveEntry | undefined) => void,
  limits: Limits,
  diagnostics: Diagnostics,
): AsyncGenerator<DexFile> {
  for (let index = 0; index < entries.length; index++) {
    const bytes = await inflating.shift()!;
    begin(entries[index + INFLATE_AHEAD]);
    if (bytes instanceof FormatError) {
      diagnostics.push(diagnoseUnread(bytes));
      continue;
    }
    yield* readOrDiagnose(diagnostics, () =>
      readDexFiles(bytes, entries[index]!.name, limits, diagnostics),
    ) ?? [];
  }
}

/** The file's fault as a value: a promise that nobody awaits yet must not reject. */
async function inflateEntry(
  archive: Archive,
  entry: ArchiveEntry,
  limits: Limits,
): Promise<Uint8Array | FormatError> {
  try {
    return await readEntry(archive, entry, limits);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return error;
  }
}
