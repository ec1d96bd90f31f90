// The least that any scan in Node must do: start, read the central directory, inflate the DEX files and the
// manifest. It trusts the archive; the scanner may not.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

const fd = openSync(process.argv[2], "r");
const { size } = fstatSync(fd);
const tail = read(Math.max(0, size - 65_557), Math.min(size, 65_557));
const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
let inflated = 0;
for (let at = 0; at < directory.length; ) {
  const nameSize = directory.readUInt16LE(at + 28);
  const name = directory.toString("latin1", at + 46, at + 46 + nameSize);
  if (/^(classes\d*\.dex|AndroidManifest\.xml)$/.test(name)) inflated += inflateEntry(at).length;
  at += 46 + nameSize + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
}
closeSync(fd);
console.log(inflated);

function inflateEntry(at) {
  const local = directory.readUInt32LE(at + 42);
  const header = read(local, 30);
  const start = local + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const data = read(start, directory.readUInt32LE(at + 20));
  if (directory.readUInt16LE(at + 10) === 0) return data;
  return inflateRawSync(data, { maxOutputLength: directory.readUInt32LE(at + 24) });
}

function read(offset, length) {
  const bytes = Buffer.allocUnsafeSlow(length);
  readSync(fd, bytes, 0, length, offset);
  return bytes;
}
