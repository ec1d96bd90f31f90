import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import JSZip from "jszip";
import { compileToDex, type DexedJars, hasJava } from "../support/dx.js";
import { type CorpusEntry, corpus, fetchCorpus, findCorpusFile } from "../support/fetch-corpus.js";
import { buildZip } from "../support/zip-builder.js";
import { compileManifest, type ManifestChanges } from "./manifest-xml.js";
import { readManifestText, type SdkVerdict } from "./verdict.js";

/** SDKs compiled for Android; `missing` says why there are none. */
export type CompiledSdks = { readonly missing: string } | { readonly dexed: ReadonlyMap<string, DexedJars> };

const cache = fileURLToPath(new URL("../../.cache/real-sdks/", import.meta.url));

/** Fetches the SDKs' own binaries and compiles each to a DEX file; both are kept in .cache. */
export async function compileSdks(verdicts: readonly SdkVerdict[]): Promise<CompiledSdks> {
  if (!hasJava()) return { missing: "there is no java to run dx with" };
  const dx = findDx();
  const wanted = new Set([dx, ...verdicts.flatMap(entriesOf)]);
  const failures = await fetchCorpus((entry) => wanted.has(entry));
  if (failures.length > 0)
    return { missing: failures.map(({ package: name, reason }) => `${name}: ${reason}`).join("; ") };
  const dexed = new Map<string, DexedJars>();
  const left = [...verdicts];
  const compileNext = async () => {
    for (let verdict = left.shift(); verdict !== undefined; verdict = left.shift()) {
      dexed.set(verdict.id, await compileToDex(await readJars(verdict), findCorpusFile(dx)!, cache));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
  return { dexed };
}

/** Compiles JARs as {@link compileSdks} compiles those of an SDK: call it first, it fetches dx. */
export function compileJar(jar: Uint8Array): Promise<DexedJars> {
  return compileToDex([jar], findCorpusFile(findDx())!, cache);
}

/** The JARs of one SDK, which {@link compileSdks} has fetched. */
export function readJars(verdict: SdkVerdict): Promise<Uint8Array[]> {
  return Promise.all(entriesOf(verdict).map(readJar));
}

function findDx(): CorpusEntry {
  return corpus.find(({ kind, package: name }) => kind === "tool" && name.startsWith("tns-android@"))!;
}

function entriesOf({ id, from }: SdkVerdict): CorpusEntry[] {
  return from.map(({ package: name, path }) => {
    const entry = corpus.find((item) => item.package === name && item.path === path);
    if (entry === undefined) throw new Error(`${id}: corpus.json has no ${path} of ${name}`);
    return entry;
  });
}

/** A JAR as it is; of an AAR, its classes.jar. */
async function readJar(entry: CorpusEntry): Promise<Uint8Array> {
  const bytes = readFileSync(findCorpusFile(entry)!);
  if (entry.kind === "jar") return bytes;
  return (await JSZip.loadAsync(bytes)).file("classes.jar")!.async("uint8array");
}

/** An APK of some DEX files and one of the manifests of fixtures/real-sdks. */
export function buildSdkApp(
  app: string,
  dexFiles: readonly Uint8Array[],
  changes: ManifestChanges = {},
): Uint8Array {
  return buildZip([
    { name: "AndroidManifest.xml", content: compileManifest(readManifestText(app), changes) },
    ...dexFiles.map((content, index) => ({
      name: `classes${index === 0 ? "" : index + 1}.dex`,
      content,
      stored: true,
    })),
  ]);
}
