import { type Archive, readEntrySync } from "../archive/index.js";
import { type Diagnostics, type Limits, readOrDiagnose } from "../diagnostics/index.js";
import { ANDROID_NAMESPACE, readXmlTree, type XmlElement } from "../manifest/index.js";

/** What the compiled XML resources of an app name of its code. */
export interface LayoutNames {
  /** Dotted names of classes of which Android makes objects: views, fragments. Sorted, each once. */
  readonly classes: readonly string[];
  /** Names of methods that a click calls on the activity, `android:onClick`. Sorted, each once. */
  readonly clickMethods: readonly string[];
}

/** Reads all compiled XML below `res/`: names of resources say nothing in a shrunk app. */
export function readLayoutNames(archive: Archive, limits: Limits, diagnostics: Diagnostics): LayoutNames {
  const classes = new Set<string>();
  const clickMethods = new Set<string>();
  for (const entry of archive.entries) {
    if (!entry.name.startsWith("res/") || !entry.name.endsWith(".xml")) continue;
    const root = readOrDiagnose(diagnostics, () => {
      const bytes = readEntrySync(archive, entry, limits);
      // res/raw holds files as they are, text among them.
      return isCompiled(bytes) ? readXmlTree(bytes, entry.name, limits, diagnostics) : undefined;
    });
    if (root !== undefined) collect(root, classes, clickMethods);
  }
  return { classes: [...classes].sort(), clickMethods: [...clickMethods].sort() };
}

/** RES_XML_TYPE, with a header of 8 bytes. */
function isCompiled(bytes: Uint8Array): boolean {
  return bytes[0] === 0x03 && bytes[1] === 0x00 && bytes[2] === 0x08 && bytes[3] === 0x00;
}

function collect(root: XmlElement, classes: Set<string>, clickMethods: Set<string>): void {
  const open = [root];
  for (let element = open.pop(); element !== undefined; element = open.pop()) {
    if (element.name.includes(".")) classes.add(element.name);
    for (const { name, namespace, rawValue, typedValue } of element.attributes) {
      const value = typedValue.text ?? rawValue;
      if (value === undefined) continue;
      if (name === "onClick" && namespace === ANDROID_NAMESPACE) clickMethods.add(value);
      const isClass = name === "class" || (name === "name" && element.name === "fragment");
      if (isClass && value.includes(".")) classes.add(value);
    }
    open.push(...element.children);
  }
}
