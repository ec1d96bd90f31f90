import { readFileSync } from "node:fs";
import JSZip from "jszip";

/** An entry of a ZIP file, inflated; `undefined` where there is none. */
export async function readZipEntry(file: string, entry: string): Promise<Uint8Array | undefined> {
  const zip = await JSZip.loadAsync(readFileSync(file));
  return zip.file(entry)?.async("uint8array");
}
