import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import JSZip from "jszip";
import { buildManifestBytes } from "../support/app-builder.js";
import { compileToDex, hasJava } from "../support/dx.js";
import { type CorpusEntry, corpus, fetchCorpus, findCorpusFile } from "../support/fetch-corpus.js";
import { buildZip } from "../support/zip-builder.js";
import type { Label } from "./labels.js";

const cache = fileURLToPath(new URL("../../.cache/real-sdks/", import.meta.url));

/** The bytes of an app to measure; or why there are none. */
export type Input = { readonly bytes: Uint8Array } | { readonly missing: string };

/** An APK as it is; an SDK's AARs or JARs compiled to DEX, with a manifest that says nothing. */
export async function readInput({ entries }: Label): Promise<Input> {
  const [first] = entries;
  const isApp = first!.kind === "apk";
  if (!isApp && !hasJava()) return { missing: "there is no java to run dx with" };
  const dx = corpus.find(({ kind, package: name }) => kind === "tool" && name.startsWith("tns-android@"))!;
  const wanted = new Set<CorpusEntry>(isApp ? entries : [...entries, dx]);
  const failures = await fetchCorpus((entry) => wanted.has(entry));
  if (failures.length > 0)
    return { missing: failures.map(({ package: name, reason }) => `${name}: ${reason}`).join("; ") };
  if (isApp) return { bytes: new Uint8Array(readFileSync(findCorpusFile(first!)!)) };
  const jars = await Promise.all(entries.map(readJar));
  const { dex } = await compileToDex(jars, findCorpusFile(dx)!, cache);
  return {
    bytes: buildZip([
      { name: "AndroidManifest.xml", content: buildManifestBytes({}) },
      { name: "classes.dex", content: dex, stored: true },
    ]),
  };
}

/** A JAR as it is; of an AAR, its classes.jar. */
async function readJar(entry: CorpusEntry): Promise<Uint8Array> {
  const bytes = readFileSync(findCorpusFile(entry)!);
  if (entry.kind === "jar") return bytes;
  return (await JSZip.loadAsync(bytes)).file("classes.jar")!.async("uint8array");
}
