import type { AppContents } from "../app/index.js";
import {
  type ClassHierarchy,
  readReturnedString,
  readStaticString,
  readStringPattern,
} from "../program/index.js";
import { globPattern, type PartyRule } from "../ruleset/index.js";

type VersionWay = NonNullable<PartyRule["rule"]["version"]>[number];

/** The version in a text such as `4.2.5`, `android4.28.5`, `okhttp/2.7.5`: it comes from the file and reaches a report. */
const VERSION = /^[A-Za-z_ /-]{0,20}(\d[\w.+-]{0,40})$/;

/** Whether a text can be a version: nothing else becomes one, whatever a rule asks. */
export function mayBeVersion(text: string): boolean {
  return VERSION.test(text.trim());
}

/** The version of what a rule recognised, by the first of the rule's ways that gives one. */
export function findVersion(
  party: PartyRule,
  app: AppContents,
  hierarchy: ClassHierarchy,
): string | undefined {
  for (const way of party.rule.version ?? []) {
    const version = VERSION.exec(readVersionText(way, app, hierarchy)?.trim() ?? "")?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

function readVersionText(way: VersionWay, app: AppContents, hierarchy: ClassHierarchy): string | undefined {
  if ("file" in way) return readVersionFile(app, way.file, way.key);
  if ("field" in way) return readStaticString(hierarchy, way.field);
  if ("method" in way) return readReturnedString(hierarchy, way.method);
  if ("string" in way) return readStringPattern(hierarchy.dexFiles, way.string);
  return readVersionMetaData(app, way["meta-data"]);
}

/** The entry that a rule means by a path, which may be a pattern; it need not be there. */
export function findVersionFile(app: AppContents, path: string): string | undefined {
  const pattern = path.includes("*") ? globPattern(path) : undefined;
  return pattern === undefined ? path : app.entryNames.find((entry) => pattern.test(entry));
}

/** A properties file's value of a key, or a file's whole text; of several that a pattern fits, the first one's. */
function readVersionFile(app: AppContents, path: string, key: string | undefined): string | undefined {
  const name = findVersionFile(app, path);
  const text = name === undefined ? undefined : app.readText(name);
  if (text === undefined || key === undefined) return text;
  for (const line of text.split(/\r?\n/)) {
    const separator = line.search(/[=:]/);
    if (separator > 0 && line.slice(0, separator).trim() === key) return line.slice(separator + 1);
  }
  return undefined;
}

function readVersionMetaData(app: AppContents, name: string): string | undefined {
  const value = app.manifest?.application?.metaData.find((item) => item.name === name)?.value;
  return value === undefined ? undefined : String(value);
}
