import { readFileSync } from "node:fs";
import JSZip from "jszip";
import { type DexFile, readDexFiles } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";

/** The DEX files of an APK as a device and dexdump number them: `classes.dex`, `classes2.dex`, … to the first gap. */
export async function readApkDex(path: string, diagnostics: Diagnostics): Promise<DexFile[]> {
  const zip = await JSZip.loadAsync(readFileSync(path));
  const dexFiles: DexFile[] = [];
  for (let number = 1; ; number++) {
    const entry = zip.file(number === 1 ? "classes.dex" : `classes${number}.dex`);
    if (entry === null) return dexFiles;
    dexFiles.push(...readDexFiles(await entry.async("uint8array"), entry.name, defaultLimits, diagnostics));
  }
}
