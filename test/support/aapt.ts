import { execFileSync } from "node:child_process";
import {
  ANDROID_NAMESPACE,
  type AndroidManifest,
  type Component,
  isLauncherActivity,
  type MetaData,
  ResDataType,
  type SdkVersion,
  type XmlAttribute,
  type XmlElement,
} from "../../src/manifest/index.js";

/** What aapt says about one APK. */
export interface AaptOutput {
  readonly version: string;
  readonly badging: string;
  readonly permissions: string;
  readonly xmltree: string;
}

/** aapt's words on an APK file; `undefined` where aapt is not installed. */
export function runAapt(apk: string): AaptOutput | undefined {
  try {
    const run = (...args: string[]) => execFileSync("aapt", args, { encoding: "utf8", maxBuffer: 1 << 28 });
    return {
      version: run("version").trim(),
      badging: run("dump", "badging", apk),
      permissions: run("dump", "permissions", apk),
      xmltree: run("dump", "xmltree", apk, "AndroidManifest.xml"),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** One checked-in file that holds an {@link AaptOutput}; its first line names tool and version. */
export function formatAaptFile({ version, badging, permissions, xmltree }: AaptOutput): string {
  return [`# ${version}`, "## badging", badging, "## permissions", permissions, "## xmltree", xmltree].join(
    "\n",
  );
}

/** The reverse of {@link formatAaptFile}. */
export function parseAaptFile(text: string): AaptOutput {
  const match = /^# (.*)\n## badging\n(.*)\n## permissions\n(.*)\n## xmltree\n(.*)$/s.exec(text);
  if (match === null) throw new Error("not a file of aapt's output");
  return { version: match[1]!, badging: match[2]!, permissions: match[3]!, xmltree: match[4]! };
}

/** By a name that says what is meant; `undefined` on aapt's side: it does not say, anything agrees. */
type Facts = Map<string, string | undefined>;

/**
 * Where a manifest that we read and aapt's words on the same APK differ: package, versions, SDK
 * levels, permissions asked for, implied and defined, features, libraries, label, components with
 * their attributes, intent filters and meta-data, launcher activities. One line a difference.
 */
export function compareWithAapt(
  manifest: AndroidManifest,
  badging: string,
  permissions: string,
  xmltree: string,
): string[] {
  const ours = factsOfManifest(manifest);
  const theirs = new Map([
    ...factsOfBadging(badging),
    ...factsOfPermissions(permissions),
    ...factsOfXmltree(parseXmltree(xmltree), manifest),
  ]);
  const differences: string[] = [];
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const [own, other] = [ours.get(name), theirs.get(name)];
    if (!theirs.has(name)) differences.push(`${name}: only ours, ${own}`);
    else if (!ours.has(name)) differences.push(`${name}: only aapt's, ${other}`);
    else if (other !== undefined && own !== other) differences.push(`${name}: ours ${own}, aapt's ${other}`);
  }
  return differences;
}

function factsOfManifest(manifest: AndroidManifest): Facts {
  const facts: Facts = new Map([
    ["package", manifest.packageName],
    ["versionCode", manifest.versionCode],
    ["versionName", manifest.versionName ?? ""],
    ["permissions: package", manifest.packageName],
    ["xmltree: package", manifest.packageName],
    ["minSdkVersion", formatSdk(manifest.usesSdk.minSdkVersion)],
    ["targetSdkVersion", formatSdk(manifest.usesSdk.targetSdkVersion)],
    ["maxSdkVersion", formatSdk(manifest.usesSdk.maxSdkVersion ?? "none")],
    ["debuggable", String(manifest.application?.debuggable ?? false)],
    ["label", manifest.application?.label ?? ""],
  ]);
  const asked = manifest.usesPermissions.map((p) => formatUse(p.sdk23, p.name, p.maxSdkVersion));
  facts.set("uses-permissions", sorted(asked));
  facts.set("permissions: uses-permissions", sorted(asked));
  facts.set("permissions: defined", sorted(manifest.permissions.map((p) => p.name)));
  facts.set("xmltree: permissions", sorted(manifest.permissions.map((p) => p.name)));
  const implied = manifest.impliedPermissions.filter((p) => AAPT_IMPLIES.includes(p.name));
  facts.set(
    "implied permissions",
    sorted(new Set(implied.map((p) => formatUse(false, p.name, p.maxSdkVersion)))),
  );
  const features = manifest.usesFeatures.flatMap((f) =>
    f.name === undefined ? [] : [formatFeature(f.required, f.name)],
  );
  facts.set("features", sorted(features));
  const libraries = manifest.usesLibraries.filter((l) => l.kind === "library");
  facts.set("libraries", sorted(libraries.map((l) => formatFeature(l.required, l.name))));
  // aapt leaves aliases out, though the home screen shows them.
  const launchers = manifest.activities.filter(
    (a) => a.targetActivity === undefined && isLauncherActivity(a),
  );
  facts.set("launchers", sorted(launchers.map((a) => a.name)));
  facts.set(
    "instrumentations",
    sorted(manifest.instrumentations.map((i) => `${i.name} of ${i.targetPackage}`)),
  );
  addMetaData(facts, "application", manifest.application?.metaData ?? []);
  for (const activity of manifest.activities) {
    const kind = activity.targetActivity === undefined ? "activity" : "activity-alias";
    const key = addComponent(facts, kind, activity);
    if (activity.targetActivity !== undefined) facts.set(`${key} targetActivity`, activity.targetActivity);
  }
  for (const receiver of manifest.receivers) addComponent(facts, "receiver", receiver);
  for (const service of manifest.services) {
    const key = addComponent(facts, "service", service);
    facts.set(`${key} foregroundServiceType`, service.foregroundServiceTypes.join("|"));
  }
  for (const provider of manifest.providers) {
    const key = addComponent(facts, "provider", provider);
    facts.set(`${key} authorities`, provider.authorities.join(";"));
    facts.set(`${key} initOrder`, String(provider.initOrder));
  }
  return facts;
}

/** The implied permissions that aapt knows; Android has more. */
const AAPT_IMPLIES = [
  "WRITE_EXTERNAL_STORAGE",
  "READ_EXTERNAL_STORAGE",
  "READ_PHONE_STATE",
  "READ_CALL_LOG",
  "WRITE_CALL_LOG",
].map((name) => `android.permission.${name}`);

function addComponent(facts: Facts, kind: string, component: Component): string {
  const key = uniqueKey(facts, `${kind} ${component.name}`);
  facts.set(key, "is there");
  facts.set(`${key} exported`, `${component.exported} (${component.exportedBy})`);
  facts.set(`${key} enabled`, String(component.enabled));
  facts.set(`${key} permission`, component.permission ?? "");
  facts.set(`${key} process`, component.process);
  const filters = component.intentFilters.map((f) => formatFilter(f.actions, f.categories));
  facts.set(`${key} intent filters`, filters.join(" "));
  addMetaData(facts, key, component.metaData);
  return key;
}

function addMetaData(facts: Facts, owner: string, metaData: readonly MetaData[]): void {
  for (const { name, value, resource } of metaData) {
    const key = uniqueKey(facts, `${owner} meta-data ${name}`);
    facts.set(key, resource === undefined ? formatValue(value) : `resource ${resource.id}`);
  }
}

function factsOfBadging(badging: string): Facts {
  const first = (pattern: RegExp) => pattern.exec(badging)?.[1];
  const all = (pattern: RegExp) => [...badging.matchAll(pattern)];
  const minSdkVersion = first(/^sdkVersion:'(.*)'$/m) ?? "1";
  const implied = new Set(all(/^ +uses-implied-feature: name='(.*?)'/gm).map((m) => m[1]!));
  const features = all(/^ +uses-feature(-not-required)?: name='(.*?)'/gm).filter((m) => !implied.has(m[2]!));
  const impliedPermissions = usesPermissionLines(badging, "uses-implied-permission");
  return new Map([
    ["package", first(/^package: name='(.*?)'/m)],
    ["versionCode", first(/^package: .*? versionCode='(.*?)'/m) || "0"],
    ["versionName", first(/^package: .*? versionName='(.*?)'/m) ?? ""],
    ["minSdkVersion", minSdkVersion],
    ["targetSdkVersion", first(/^targetSdkVersion:'(.*)'$/m) ?? minSdkVersion],
    ["maxSdkVersion", first(/^maxSdkVersion:'(.*)'$/m) ?? "none"],
    ["debuggable", String(/^application-debuggable$/m.test(badging))],
    ["label", first(/^application: label='(.*?)' icon=/m) ?? ""],
    // badging lists what is implied twice, once as if it had been asked for.
    [
      "uses-permissions",
      sorted(new Set(usesPermissionLines(badging).filter((l) => !impliedPermissions.includes(l)))),
    ],
    ["implied permissions", sorted(new Set(impliedPermissions))],
    ["features", sorted(features.map((m) => formatFeature(m[1] === undefined, m[2]!)))],
    [
      "libraries",
      sorted(
        all(/^uses-library(-not-required)?:'(.*)'$/gm).map((m) => formatFeature(m[1] === undefined, m[2]!)),
      ),
    ],
    ["launchers", sorted(all(/^launchable-activity: name='(.*?)'/gm).map((m) => m[1]!))],
  ]);
}

function factsOfPermissions(permissions: string): Facts {
  return new Map([
    ["permissions: package", /^package: (.*)$/m.exec(permissions)?.[1]],
    ["permissions: uses-permissions", sorted(new Set(usesPermissionLines(permissions)))],
    ["permissions: defined", sorted([...permissions.matchAll(/^permission: (.*)$/gm)].map((m) => m[1]!))],
  ]);
}

function usesPermissionLines(text: string, tag = "uses-permission"): string[] {
  const line = new RegExp(`^${tag}(-sdk-23)?: (?:name=)?'(.*?)'(?: maxSdkVersion='(.*?)')?`, "gm");
  return [...text.matchAll(line)].map((m) => formatUse(m[1] !== undefined, m[2]!, m[3]));
}

/** An element of `aapt dump xmltree`; a value is `undefined` where it is a reference. */
interface XmltreeElement {
  readonly name: string;
  readonly attributes: Map<string, string | undefined>;
  readonly children: XmltreeElement[];
}

function parseXmltree(text: string): XmltreeElement {
  const root: XmltreeElement = { name: "", attributes: new Map(), children: [] };
  const open = [{ indent: -1, element: root }];
  for (const line of text.replaceAll(`${ANDROID_NAMESPACE}:`, "android:").split("\n")) {
    const element = /^( *)E: (.*) \(line=\d+\)$/.exec(line);
    if (element !== null) {
      const indent = element[1]!.length;
      while (open.at(-1)!.indent >= indent) open.pop();
      const child: XmltreeElement = { name: element[2]!, attributes: new Map(), children: [] };
      open.at(-1)!.element.children.push(child);
      open.push({ indent, element: child });
      continue;
    }
    const attribute = /^ *A: (?:android:)?([^=(]*)(?:\((0x[0-9a-f]+)\))?=(.*)$/.exec(line);
    // As Android does, an attribute is what its id says and not what it is called.
    if (attribute !== null)
      open.at(-1)!.element.attributes.set(attribute[1]!, parseXmltreeValue(attribute[3]!));
  }
  return root.children[0] ?? root;
}

function parseXmltreeValue(text: string): string | undefined {
  const string = /^"(.*?)"(?: \(Raw: ".*"\))?$/s.exec(text);
  if (string !== null) return string[1]!.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
  const typed = /^\(type 0x([0-9a-f]+)\)0x([0-9a-f]+)/.exec(text);
  if (typed === null) return undefined;
  const data = Number.parseInt(typed[2]!, 16);
  if (Number.parseInt(typed[1]!, 16) === ResDataType.INT_BOOLEAN) return String(data !== 0);
  if (Number.parseInt(typed[1]!, 16) === ResDataType.FLOAT) {
    return String(new Float32Array(new Uint32Array([data]).buffer)[0]);
  }
  return String(data | 0);
}

function factsOfXmltree(root: XmltreeElement, manifest: AndroidManifest): Facts {
  const packageName = root.attributes.get("package") ?? "";
  const facts: Facts = new Map([["xmltree: package", packageName]]);
  const named = (parent: XmltreeElement, name: string) => parent.children.filter((c) => c.name === name);
  facts.set("xmltree: permissions", sorted(named(root, "permission").map((p) => p.attributes.get("name")!)));
  const instrumentations = named(root, "instrumentation").map((element) => {
    const target = element.attributes.get("targetPackage");
    return `${expand(packageName, element.attributes.get("name")!)} of ${target}`;
  });
  facts.set("instrumentations", sorted(instrumentations));
  const application = named(root, "application")[0];
  if (application === undefined) return facts;
  addXmltreeMetaData(facts, "application", application);
  for (const element of application.children) {
    if (!["activity", "activity-alias", "receiver", "service", "provider"].includes(element.name)) continue;
    addXmltreeComponent(facts, element, application, packageName, manifest);
  }
  return facts;
}

function addXmltreeComponent(
  facts: Facts,
  element: XmltreeElement,
  application: XmltreeElement,
  packageName: string,
  manifest: AndroidManifest,
): void {
  const { attributes } = element;
  const get = (name: string, missing: string) => (attributes.has(name) ? attributes.get(name) : missing);
  const key = uniqueKey(facts, `${element.name} ${expand(packageName, attributes.get("name")!)}`);
  const filters = element.children.filter((c) => c.name === "intent-filter");
  const target = manifest.usesSdk.targetSdkVersion;
  const exported =
    element.name === "provider" ? typeof target === "number" && target < 17 : filters.length > 0;
  const declared = get("exported", "missing");
  facts.set(key, "is there");
  facts.set(
    `${key} exported`,
    declared === "missing" ? `${exported} (default)` : declared && `${declared} (declared)`,
  );
  facts.set(`${key} enabled`, get("enabled", "true"));
  facts.set(`${key} permission`, get("permission", application.attributes.get("permission") ?? ""));
  const process = get("process", application.attributes.get("process") ?? packageName);
  facts.set(`${key} process`, process?.startsWith(":") ? packageName + process : process);
  const names = (filter: XmltreeElement, tag: string) =>
    filter.children.filter((c) => c.name === tag).map((c) => c.attributes.get("name")!);
  facts.set(
    `${key} intent filters`,
    filters.map((f) => formatFilter(names(f, "action"), names(f, "category"))).join(" "),
  );
  addXmltreeMetaData(facts, key, element);
  if (element.name === "activity-alias") {
    facts.set(`${key} targetActivity`, expand(packageName, get("targetActivity", "") ?? ""));
  }
  if (element.name === "service") {
    const types = Number(get("foregroundServiceType", "0"));
    const names = FOREGROUND_SERVICE_TYPES.filter(([bit]) => (types & bit) !== 0).map(([, name]) => name);
    facts.set(`${key} foregroundServiceType`, names.join("|"));
  }
  if (element.name === "provider") {
    facts.set(`${key} authorities`, get("authorities", ""));
    facts.set(`${key} initOrder`, get("initOrder", "0"));
  }
}

/** Those of the applications that are compared; the constants of `ServiceInfo`. */
const FOREGROUND_SERVICE_TYPES: [number, string][] = [
  [1, "dataSync"],
  [2, "mediaPlayback"],
  [4, "phoneCall"],
  [8, "location"],
  [16, "connectedDevice"],
  [32, "mediaProjection"],
  [64, "camera"],
  [128, "microphone"],
];

function addXmltreeMetaData(facts: Facts, owner: string, element: XmltreeElement): void {
  for (const { name, attributes } of element.children) {
    if (name !== "meta-data") continue;
    const key = uniqueKey(facts, `${owner} meta-data ${attributes.get("name")}`);
    facts.set(key, attributes.get("value"));
  }
}

function expand(packageName: string, name: string): string {
  if (name.startsWith(".")) return packageName + name;
  return name.includes(".") ? name : `${packageName}.${name}`;
}

function uniqueKey(facts: Facts, key: string): string {
  let unique = key;
  for (let count = 2; facts.has(unique); count++) unique = `${key} (${count})`;
  return unique;
}

function formatSdk(version: SdkVersion): string {
  return String(version);
}

function formatUse(sdk23: boolean, name: string, maxSdkVersion: number | string | undefined): string {
  return `${sdk23 ? "sdk-23 " : ""}${name}${maxSdkVersion === undefined ? "" : ` up to ${maxSdkVersion}`}`;
}

function formatFeature(required: boolean, name: string): string {
  return required ? name : `${name} (not required)`;
}

function formatFilter(actions: readonly string[], categories: readonly string[]): string {
  return `[${actions.join(",")}|${categories.join(",")}]`;
}

function formatValue(value: MetaData["value"]): string {
  return String(typeof value === "number" ? Math.fround(value) : value);
}

function sorted(values: Iterable<string>): string {
  return [...values].sort().join("\n");
}

/**
 * A tree as `aapt dump xmltree` prints it, without the namespace lines and with the elements' depth
 * for indentation: the whole document can be compared.
 */
export function renderAsXmltree(element: XmlElement, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  return [
    `${indent}E: ${element.name} (line=${element.line})`,
    ...element.attributes.map((attribute) => `${indent}  A: ${renderAttribute(attribute)}`),
    ...element.children.flatMap((child) => renderAsXmltree(child, depth + 1)),
  ];
}

function renderAttribute({ namespace, name, resourceId, rawValue, typedValue }: XmlAttribute): string {
  const prefix =
    namespace === undefined ? "" : namespace === ANDROID_NAMESPACE ? "android:" : `${namespace}:`;
  const id = resourceId === undefined ? "" : `(0x${hex8(resourceId)})`;
  const raw = rawValue === undefined ? "" : ` (Raw: "${escapeText(rawValue)}")`;
  return `${prefix}${name}${id}=${renderValue(typedValue)}${raw}`;
}

function renderValue({ dataType, data, text }: XmlAttribute["typedValue"]): string {
  switch (dataType) {
    case ResDataType.STRING:
      return `"${escapeText(text ?? "")}"`;
    case ResDataType.REFERENCE:
      return `@0x${hex8(data)}`;
    case ResDataType.ATTRIBUTE:
      return `?0x${hex8(data)}`;
    default:
      return `(type 0x${dataType.toString(16)})0x${data.toString(16)}`;
  }
}

/** aapt's `dump xmltree` less its namespace lines, with their indentation taken away. */
export function normalizeXmltree(text: string): string[] {
  // Where the document's namespace chunks were stripped, aapt has no prefix to print.
  const prefixed = text.replaceAll(`${ANDROID_NAMESPACE}:`, "android:");
  const lines = prefixed.split("\n").filter((line) => line.trim() !== "");
  const elements = lines.filter((line) => !/^ *[NC]: /.test(line));
  const base = /^ */.exec(elements[0] ?? "")![0].length;
  return elements.map((line) => line.slice(base));
}

function escapeText(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"');
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
