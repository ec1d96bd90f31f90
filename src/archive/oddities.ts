import type { ByteView } from "../bytes/index.js";
import { type DiagnosticCode, type Diagnostics, diagnoseUnread, type Limits } from "../diagnostics/index.js";
import type { ArchiveEntry } from "./archive.js";
import type { ByteSource } from "./byte-source.js";
import { type CentralDirectory, ENCRYPTED_FLAGS } from "./central-directory.js";
import { DESCRIBED_SIZE, describeFile } from "./describe-file.js";
import type { EndOfCentralDirectory } from "./end-of-central-directory.js";
import { printableName } from "./entry-name.js";

/** Everything that opening an archive saw. */
export interface Opening {
  readonly source: ByteSource;
  readonly end: EndOfCentralDirectory;
  readonly tail: ByteView;
  readonly directory: CentralDirectory;
}

const LOCAL_SIGNATURE = 0x04034b50;

/** Records something that Android reads differently, or refuses. */
export function pushOddity(
  diagnostics: Diagnostics,
  place: { part: string; offset?: number; structure: string },
  problem: string,
  code: DiagnosticCode = "archive-oddity",
): void {
  const { part, offset, structure } = place;
  const at = offset === undefined ? "" : `@0x${offset.toString(16)}`;
  diagnostics.push({
    effect: "odd",
    code,
    part,
    ...(offset === undefined ? {} : { offset }),
    message: `${part}${at} ${structure}: ${problem}`,
  });
}

/** Records what an archive's end, beginning and directory hold that a reader of the report should know. */
export function diagnoseOpening(opening: Opening, limits: Limits, diagnostics: Diagnostics): void {
  const { source, end, directory } = opening;
  const odd = (offset: number, structure: string, problem: string) =>
    pushOddity(diagnostics, { part: source.name, offset, structure }, problem);
  for (const { offset, problem } of end.oddities) odd(offset, "archive", problem);
  const beginning = end.entriesSize === 0 ? undefined : oddBeginning(opening);
  if (beginning !== undefined) odd(0, "archive", beginning);
  if (end.entriesSize === 0) odd(end.eocdOff, "archive", "holds no entries; Android refuses the archive");
  diagnostics.push(...directory.spoilt.map(diagnoseUnread));
  if (directory.spoiltMore > 0) {
    const message = `${source.name} central directory: ${directory.spoiltMore} more entries are not read for the same reason`;
    diagnostics.push({ effect: "unread", code: "bad-value", part: source.name, message });
  }
  if (directory.hiddenOff !== undefined) {
    const problem = `further headers follow the ${end.entriesSize} that are counted; Android does not see them, other readers do`;
    odd(directory.hiddenOff, "central directory", problem);
  }
  diagnoseDuplicates(opening, limits, diagnostics);
  for (const [problem, entries] of oddEntries(opening)) {
    if (entries.length === 0) continue;
    odd(end.cdOff, "central directory", `${problem}: ${listNames(entries, limits)}`);
  }
}

function diagnoseDuplicates({ source, directory }: Opening, limits: Limits, diagnostics: Diagnostics): void {
  const { repeated } = directory;
  if (repeated.length === 0) return;
  const problem =
    "a later entry of the same name is left out. Android refuses the archive; before 4.4 it ran the first and could verify the last (CVE-2013-4787)";
  pushOddity(
    diagnostics,
    { part: source.name, structure: "central directory" },
    `${problem}: ${listNames(repeated, limits)}`,
    "duplicate",
  );
}

/** libziparchive wants a local file header at offset 0, since a DEX file there ran as an app (Janus). */
function oddBeginning({ source, tail }: Opening): string | undefined {
  const size = Math.min(DESCRIBED_SIZE, source.size);
  const first = tail.base === 0 ? tail.bytes.subarray(0, size) : source.read(0, size);
  if (new DataView(first.buffer, first.byteOffset, size).getUint32(0, true) === LOCAL_SIGNATURE)
    return undefined;
  const what = describeFile(first);
  const janus = what?.includes("DEX")
    ? "; before the patches of December 2017 it ran that code (CVE-2017-13156)"
    : "";
  return `the file begins with ${what ?? "other bytes than an entry's"}; Android refuses the archive${janus}`;
}

function oddEntries({ end, directory }: Opening): [problem: string, entries: ArchiveEntry[]][] {
  const those = (isOdd: (entry: ArchiveEntry, utf8: boolean) => boolean) =>
    directory.suspects.filter(({ entry, utf8 }) => isOdd(entry, utf8)).map(({ entry }) => entry);
  return [
    [
      "the encryption flag is set; Android ignores it",
      those(({ generalPurposeFlag }) => (generalPurposeFlag & ENCRYPTED_FLAGS) !== 0),
    ],
    [
      "a compression method other than 0 and 8; Android's resource loader takes it for stored, its code loader refuses it",
      those(({ compressionMethod }) => compressionMethod !== 0 && compressionMethod !== 8),
    ],
    [
      "a local header behind the directory; Android refuses the archive",
      those(({ localHeaderOff }) => localHeaderOff >= end.cdOff),
    ],
    ["a name with a NUL; Android refuses the archive", those(({ name }) => name.includes("\0"))],
    ["a name that is not UTF-8; Android refuses the archive", those((_, utf8) => !utf8)],
    ["a name that leaves the folder it is extracted to", those(({ name }) => escapesFolder(name))],
    ["a name with a backslash", those(({ name }) => name.includes("\\"))],
  ];
}

/** Absolute, or with a `..` segment, whichever slash separates them. */
function escapesFolder(name: string): boolean {
  return name.startsWith("/") || name.split(/[/\\]/).includes("..");
}

/** How many names a message spells out. */
const NAMES_LISTED = 3;

function listNames(entries: readonly ArchiveEntry[], limits: Limits): string {
  const listed = entries
    .slice(0, NAMES_LISTED)
    .map(({ name }) => `"${printableName(name, limits.textLength)}"`);
  return entries.length > NAMES_LISTED
    ? `${entries.length} entries, such as ${listed.join(", ")}`
    : listed.join(", ");
}
