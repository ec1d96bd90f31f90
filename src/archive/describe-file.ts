/** How many bytes {@link describeFile} wants to see. */
export const DESCRIBED_SIZE = 16;

const KNOWN_BEGINNINGS: readonly (readonly [beginning: string, what: string])[] = [
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["GIF8", "a GIF image"],
  ["RIFF", "a RIFF file (WebP, WAV)"],
  ["%PDF", "a PDF document"],
  ["dex\n", "a DEX file on its own, without the APK around it"],
  ["cdex", "a compact DEX file on its own"],
  ["\x7fELF", "an ELF binary (a native library or program)"],
  ["MZ", "a Windows program"],
  ["\xca\xfe\xba\xbe", "a Java class file"],
  ["\x03\x00\x08\x00", "a binary XML file on its own (a manifest without its APK)"],
  ["\x02\x00\x0c\x00", "a resource table on its own"],
  ["\x1f\x8b", "a gzip file (perhaps a .tar.gz)"],
  ["BZh", "a bzip2 file"],
  ["\xfd7zXZ", "an xz file"],
  ["\x28\xb5\x2f\xfd", "a Zstandard file"],
  ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive"],
  ["Rar!", "a RAR archive"],
  ["SQLite format 3", "an SQLite database"],
  ["ANDROID BACKUP", "an Android backup"],
  ["version https://", "a Git LFS pointer (fetch the file it stands for)"],
  ["\0\0\0\0\0\0\0\0", "zeros (an interrupted download leaves such files)"],
];

/** What a file that is no archive seems to be, from its first bytes; `undefined` if they say nothing. */
export function describeFile(firstBytes: Uint8Array): string | undefined {
  const text = Buffer.from(firstBytes).toString("latin1");
  const known = KNOWN_BEGINNINGS.find(([beginning]) => text.startsWith(beginning));
  if (known !== undefined) return known[1];
  const word = text
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart()
    .toLowerCase();
  if (word.startsWith("<!doctype h") || word.startsWith("<html")) {
    return "a web page (a download that asked to log in, perhaps)";
  }
  if (word.startsWith("<")) return "an XML file";
  if (word.startsWith("{")) return "a JSON file";
  return undefined;
}
