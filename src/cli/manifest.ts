import { refuseOtherKinds } from "../app/index.js";
import { type Archive, openArchive, openFileSource, readEntrySync } from "../archive/index.js";
import {
  type Diagnostics,
  defaultLimits,
  FormatError,
  isSystemError,
  readOrDiagnose,
  UsageError,
} from "../diagnostics/index.js";
import { readResourceTable, readXmlTree, renderManifestXml } from "../manifest/index.js";
import { escapeUnseen } from "../report/index.js";
import { tellFailure, tellNoted, writeStdout } from "./console.js";
import { describeInputFailure } from "./describe-failure.js";
import type { Ending } from "./exit-codes.js";

/** `bycatch manifest`'s options. */
export interface ManifestOptions {
  /** Whether references show as the values they resolve to. */
  readonly resolve?: boolean;
}

/** `bycatch manifest`: an app's AndroidManifest.xml as readable XML. */
export async function printManifest(path: string, { resolve = false }: ManifestOptions): Promise<Ending> {
  const diagnostics: Diagnostics = [];
  let xml: string;
  try {
    xml = await readManifestXml(path, resolve, diagnostics);
  } catch (error) {
    const failure = describeInputFailure(path, error);
    tellFailure(failure);
    return failure.ending;
  }
  await writeXml(xml);
  const unread = diagnostics.filter(({ effect }) => effect === "unread");
  for (const diagnostic of unread) tellNoted(path, diagnostic);
  return unread.length > 0 ? "incomplete" : "done";
}

async function readManifestXml(path: string, isResolved: boolean, diagnostics: Diagnostics): Promise<string> {
  const source = openFileSource(path);
  try {
    const archive = openArchive(source, defaultLimits, diagnostics);
    refuseOtherKinds(archive);
    const entry = archive.findEntry("AndroidManifest.xml");
    if (entry === undefined) {
      throw new FormatError(
        "unsupported",
        { source: source.name, structure: "archive" },
        "has code and no AndroidManifest.xml",
      );
    }
    const tree = readXmlTree(
      readEntrySync(archive, entry, defaultLimits),
      entry.name,
      defaultLimits,
      diagnostics,
    );
    const resources = isResolved ? readResources(archive, diagnostics) : undefined;
    const xml = await renderManifestXml(tree, resources === undefined ? {} : { resources });
    return escapeXml(xml);
  } finally {
    source.close();
  }
}

function readResources(archive: Archive, diagnostics: Diagnostics) {
  const entry = archive.findEntry("resources.arsc");
  if (entry === undefined) return undefined;
  return readOrDiagnose(diagnostics, () =>
    readResourceTable(readEntrySync(archive, entry, defaultLimits), entry.name, defaultLimits, diagnostics),
  );
}

/** What a terminal would obey or hide, as references: the same XML. */
function escapeXml(xml: string): string {
  return escapeUnseen(xml, (codePoint) =>
    codePoint === 0x0a || codePoint === 0x09
      ? String.fromCharCode(codePoint)
      : `&#x${codePoint.toString(16)};`,
  );
}

async function writeXml(xml: string): Promise<void> {
  try {
    await writeStdout(xml);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError("standard output", `cannot be written (${error.code})`, "", { cause: error });
  }
}
