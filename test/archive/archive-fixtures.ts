import JSZip from "jszip";
import { buildZip, concat, deflate, extraField, le, utf8, type ZipPart } from "../support/zip-builder.js";

/*
 * The archives under fixtures/archives, byte for byte: fixtures.test.ts compares, and writes them with
 * UPDATE_GOLDEN=1. What each is and what Android does with it is told in fixtures/archives/README.md.
 */

const MANIFEST_TEXT = "the manifest, were this a real app";
const DEX_TEXT = "dex\n035 and then the code, the code, the code";

/** Every sound fixture holds these two. */
export const contents = { "AndroidManifest.xml": MANIFEST_TEXT, "classes.dex": DEX_TEXT } as const;

const manifest: ZipPart = { name: "AndroidManifest.xml", content: MANIFEST_TEXT };
const dex: ZipPart = { name: "classes.dex", content: DEX_TEXT };
const storedManifest: ZipPart = { ...manifest, stored: true };

/** An archive that gives its two entries, and what opening and reading them records. */
export interface SoundFixture {
  readonly bytes: Uint8Array | Promise<Uint8Array>;
  /** A piece of each expected diagnostic's message; all of them `odd`. */
  readonly oddities: readonly string[];
}

/** fixtures/archives/ok */
export const soundFixtures: Record<string, SoundFixture> = {
  "plain.zip": { bytes: buildZip([manifest, dex]), oddities: [] },
  "stored.zip": { bytes: buildZip([storedManifest, { ...dex, stored: true }]), oddities: [] },
  "jszip.zip": { bytes: writeWithJszip(false), oddities: [] },
  "jszip-streamed.zip": { bytes: writeWithJszip(true), oddities: [] },
  "data-descriptor.zip": {
    bytes: buildZip([
      { ...storedManifest, descriptor: true },
      { ...dex, descriptor: true },
    ]),
    oddities: [],
  },
  "comment-with-end-signature.zip": {
    bytes: buildZip([manifest, dex], { comment: concat([utf8("PK\x05\x06"), new Uint8Array(18)]) }),
    oddities: ["end record is no good (it counts no entries)"],
  },
  "signing-block.zip": {
    bytes: buildZip([manifest, dex], { beforeDirectory: utf8("where APK Sig Block 42 would be") }),
    oddities: [],
  },
  "zip64.zip": {
    bytes: buildZip([wide(manifest, 0), dex], { zip64: true }),
    oddities: [],
  },
  "zip64-all-three.zip": { bytes: buildZip([wideInGo(manifest, 0), dex], { zip64: true }), oddities: [] },
  "short-extra.zip": {
    bytes: buildZip([{ ...manifest, localExtra: le("1", 0), centralExtra: le("22", 0xcafe, 999) }, dex]),
    oddities: [],
  },
  "long-local-extra.zip": {
    bytes: buildZip([
      { ...storedManifest, localExtra: new Uint8Array(500) },
      { ...dex, localExtra: new Uint8Array(500) },
    ]),
    oddities: [],
  },
  "data-behind-stream.zip": {
    bytes: buildZip([manifest, { ...dex, data: concat([deflate(utf8(DEX_TEXT)), utf8("more")]) }]),
    oddities: [],
  },
  "trailing-bytes.zip": {
    bytes: buildZip([manifest, dex], { trailing: utf8("appended") }),
    oddities: ["8 bytes follow the archive"],
  },
  "comment-cut.zip": {
    bytes: buildZip([manifest, dex], { end: { commentSize: 5 } }),
    oddities: ["comment is 5 bytes shorter"],
  },
  "prefix.zip": {
    bytes: buildZip([manifest, dex], { prefix: utf8("#!/bin/sh\n") }),
    oddities: ["begins with other bytes"],
  },
  "prefix-dex.zip": {
    bytes: buildZip([manifest, dex], { prefix: utf8("dex\n035\0 the code that ran") }),
    oddities: ["CVE-2017-13156"],
  },
  "prefix-shifted.zip": {
    bytes: buildZip([manifest, dex], { prefix: utf8("MZ an installer"), shifted: true }),
    oddities: ["lies 15 bytes behind", "begins with a Windows program"],
  },
  "prefix-shifted-zip64.zip": {
    bytes: buildZip([manifest, dex], { prefix: utf8("MZ an installer"), shifted: true, zip64: true }),
    oddities: ["lies 15 bytes behind", "begins with a Windows program"],
  },
  "duplicate-dex.zip": {
    bytes: buildZip([manifest, dex, { ...dex, content: "dex\n035 the one that was signed" }]),
    oddities: ["a later entry of the same name is left out"],
  },
  "hidden-behind-count.zip": {
    bytes: buildZip([manifest, dex, { name: "classes2.dex", content: "unseen" }], {
      end: { entriesSize: 2 },
    }),
    oddities: ["further headers follow the 2 that are counted"],
  },
  "encrypted-flag.zip": {
    bytes: buildZip([flagged(manifest, 0x0001), flagged(dex, 0x0801)]),
    oddities: ['the encryption flag is set; Android ignores it: "AndroidManifest.xml", "classes.dex"'],
  },
  "encrypted-flag-local.zip": {
    bytes: buildZip([manifest, { ...dex, local: { generalPurposeFlag: 1 } }]),
    oddities: ["classes.dex local file header: the encryption flag is set, only here"],
  },
  "method-unknown.zip": {
    bytes: buildZip([withMethod(storedManifest, 27639), dex]),
    oddities: ["a compression method other than 0 and 8"],
  },
  "method-unknown-size-lie.zip": {
    bytes: buildZip([withMethod(storedManifest, 7261, { compressedSize: 3 }), dex]),
    oddities: ["a compression method other than 0 and 8", "3 bytes compressed and 34 uncompressed"],
  },
  "method-differs-locally.zip": {
    bytes: buildZip([{ ...manifest, local: { compressionMethod: 0 } }, dex]),
    oddities: ["compression method 0, but 8 in the central directory"],
  },
  "stored-size-lie.zip": {
    bytes: buildZip([
      { ...storedManifest, local: { compressedSize: 1 }, central: { compressedSize: 1 } },
      dex,
    ]),
    oddities: ["1 bytes compressed and 34 uncompressed"],
  },
  "local-name-differs.zip": {
    bytes: buildZip([manifest, { ...dex, localName: "classes.xyz" }]),
    oddities: ["the name is not the central directory's"],
  },
  "local-sizes-differ.zip": {
    bytes: buildZip([manifest, { ...dex, local: { uncompressedSize: 7, crc32: 1 } }]),
    oddities: ["crc32 0x1, not 0x"],
  },
  "local-zip64-missing.zip": {
    bytes: buildZip([
      manifest,
      { ...dex, local: { compressedSize: 0xffffffff, uncompressedSize: 0xffffffff } },
    ]),
    oddities: ["a zip64 extra field is missing"],
  },
  "descriptor-missing.zip": {
    bytes: buildZip([manifest, { ...dex, descriptor: true, descriptorBytes: new Uint8Array() }]),
    oddities: ["classes.dex data descriptor: crc32"],
  },
  "crc-wrong.zip": {
    bytes: buildZip([manifest, { ...dex, local: { crc32: 1 }, central: { crc32: 1 } }]),
    oddities: [],
  },
  "names.zip": {
    bytes: buildZip([
      manifest,
      dex,
      { name: "assets/größe-文字.txt" },
      { name: "../outside" },
      { name: "/absolute" },
      { name: "assets\\windows" },
      { name: "assets/dots..txt" },
    ]),
    oddities: [
      'leaves the folder it is extracted to: "../outside", "/absolute"',
      'a backslash: "assets\\windows"',
    ],
  },
  "names-refused.zip": {
    bytes: buildZip([
      manifest,
      dex,
      { name: "nul\0.dex" },
      { name: Uint8Array.of(0x61, 0xff) },
      { name: Uint8Array.of(0x61, 0xfe) },
    ]),
    oddities: ['a NUL; Android refuses the archive: "nul\\u0000.dex"', "not UTF-8"],
  },
};

/** fixtures/archives/broken: the name begins with the code that something in the archive is refused with. */
export const brokenFixtures: Record<string, Uint8Array> = {
  "truncated--empty-file.zip": new Uint8Array(),
  "truncated--cut-download.zip": buildZip([manifest, dex]).subarray(0, 120),
  "truncated--cut-behind-nested-archive.zip": cutBehindNested(),
  "truncated--header-reaches-beyond-directory.zip": buildZip([
    manifest,
    { ...dex, central: { nameSize: 500 } },
  ]),
  "bad-magic--png.zip": utf8("\x89PNG\r\n\x1a\n and so on, longer than an end record"),
  "bad-magic--directory-header.zip": buildZip([manifest, { ...dex, central: { signature: 0x02014b51 } }]),
  "bad-magic--local-header.zip": buildZip([manifest, { ...dex, local: { signature: 0x04034b51 } }]),
  "bad-magic--no-directory-there.zip": buildZip([manifest, dex], { end: { cdOff: 3, cdSize: 20 } }),
  "bad-offset--directory-behind-end.zip": buildZip([manifest, dex], { end: { cdOff: 0x7fffffff } }),
  "bad-offset--local-header.zip": buildZip([manifest, { ...dex, central: { localHeaderOff: 0x7fffffff } }]),
  "bad-offset--data-into-directory.zip": buildZip([manifest, { ...dex, central: { compressedSize: 400 } }]),
  "bad-offset--zip64-end.zip": buildZip([manifest, dex], { zip64: true, zip64End: { cdOff: 0x7fffffff } }),
  "bad-value--zip64-extra-missing.zip": buildZip([
    manifest,
    { ...dex, central: { localHeaderOff: 0xffffffff } },
  ]),
  "bad-value--zip64-beyond-any-file.zip": buildZip([
    manifest,
    { ...dex, central: { localHeaderOff: 0xffffffff }, centralExtra: extraField(1, le("44", 0, 0xffffffff)) },
  ]),
  "bad-compression--not-deflated.zip": buildZip([manifest, { ...dex, data: utf8("\x07 is no block type") }]),
  "bad-compression--stream-cut.zip": buildZip([
    manifest,
    { ...dex, data: deflate(utf8(DEX_TEXT)).subarray(0, -4) },
  ]),
  "bad-compression--shorter-than-declared.zip": buildZip([manifest, sized(dex, DEX_TEXT.length + 1)]),
  "bad-compression--longer-than-declared.zip": buildZip([manifest, sized(dex, DEX_TEXT.length - 1)]),
  "bad-compression--more-than-possible.zip": buildZip([manifest, sized(dex, 1 << 29)]),
  "limit--declares-too-much.zip": buildZip([manifest, sized(dex, 0xfffffffe)]),
  "unsupported--bzip2.zip": buildZip([
    manifest,
    { ...withMethod(dex, 12), central: { compressionMethod: 12, uncompressedSize: 9999 } },
  ]),
};

async function writeWithJszip(streamFiles: boolean): Promise<Uint8Array> {
  const zip = new JSZip();
  const date = new Date("2020-01-01T00:00:00Z");
  for (const [name, text] of Object.entries(contents)) zip.file(name, text, { date });
  return zip.generateAsync({ type: "uint8array", compression: "DEFLATE", streamFiles, platform: "DOS" });
}

function cutBehindNested(): Uint8Array {
  const nested = buildZip([{ name: "inner.txt", content: "not the app" }]);
  const whole = buildZip([{ name: "nested.zip", content: nested, stored: true }, dex]);
  return whole.subarray(0, 30 + "nested.zip".length + nested.length + 50);
}

function flagged(part: ZipPart, generalPurposeFlag: number): ZipPart {
  return { ...part, local: { generalPurposeFlag }, central: { generalPurposeFlag } };
}

function withMethod(
  part: ZipPart,
  compressionMethod: number,
  fields: { compressedSize?: number } = {},
): ZipPart {
  return { ...part, local: { compressionMethod, ...fields }, central: { compressionMethod, ...fields } };
}

function sized(part: ZipPart, uncompressedSize: number): ZipPart {
  return { ...part, local: { uncompressedSize }, central: { uncompressedSize } };
}

/** Sizes and place moved to zip64 fields, in both headers. */
function wide(part: ZipPart, localHeaderOff: number): ZipPart {
  const saturated = { compressedSize: 0xffffffff, uncompressedSize: 0xffffffff };
  const size = utf8(MANIFEST_TEXT).length;
  const packed = deflate(utf8(MANIFEST_TEXT)).length;
  return {
    ...part,
    local: saturated,
    localExtra: extraField(1, le("88", size, packed)),
    central: { ...saturated, localHeaderOff: 0xffffffff },
    centralExtra: concat([
      extraField(0xcafe, le("2", 0)),
      extraField(1, le("888", size, packed, localHeaderOff)),
    ]),
  };
}

/** Only the place is saturated, but the field holds all three, as Go's writer leaves it. */
function wideInGo(part: ZipPart, localHeaderOff: number): ZipPart {
  const { centralExtra } = wide(part, localHeaderOff);
  return { ...part, central: { localHeaderOff: 0xffffffff }, centralExtra: centralExtra ?? new Uint8Array() };
}
