import type { App } from "../app/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import type { ClassHierarchy } from "../program/index.js";
import type { PartyRule } from "../ruleset/index.js";

/** The version in a text such as `4.2.5` or `android4.28.5`: it comes from the file and reaches a report. */
const VERSION = /^[A-Za-z_ -]{0,20}(\d[\w.+-]{0,40})$/;

/** The version of what a rule recognised, by the first of the rule's ways that gives one. */
export function findVersion(party: PartyRule, app: App, hierarchy: ClassHierarchy): string | undefined {
  for (const way of party.rule.version ?? []) {
    const text =
      "file" in way
        ? readVersionFile(app, way.file, way.key)
        : "field" in way
          ? readVersionField(hierarchy, way.field)
          : readVersionMetaData(app, way["meta-data"]);
    const version = VERSION.exec(text?.trim() ?? "")?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

/** A properties file's value of a key, or a file's whole text. */
function readVersionFile(app: App, path: string, key: string | undefined): string | undefined {
  const text = app.readText(path);
  if (text === undefined || key === undefined) return text;
  for (const line of text.split(/\r?\n/)) {
    const separator = line.search(/[=:]/);
    if (separator > 0 && line.slice(0, separator).trim() === key) return line.slice(separator + 1);
  }
  return undefined;
}

/** The constant initial value of a static String field. */
function readVersionField(hierarchy: ClassHierarchy, fieldRef: string): string | undefined {
  const [descriptor, rest] = fieldRef.split("->") as [string, string];
  const name = rest.slice(0, rest.indexOf(":"));
  const defined = hierarchy.find(descriptor);
  if (defined === undefined) return undefined;
  const { dex } = defined;
  const classDef = dex.classDef(defined.classDefIdx);
  // The walk over the code has reported a class that is spoilt.
  return readOrUndefined(() => {
    const { staticFields } = dex.classData(classDef);
    const index = staticFields.findIndex(({ fieldIdx }) => dex.string(dex.fieldNameIdx(fieldIdx)) === name);
    const value = index < 0 ? undefined : dex.staticValues(classDef)[index];
    return value?.type === "string" ? dex.string(value.idx) : undefined;
  });
}

function readVersionMetaData(app: App, name: string): string | undefined {
  const value = app.manifest?.application?.metaData.find((item) => item.name === name)?.value;
  return value === undefined ? undefined : String(value);
}
