import { type Diagnostics, FormatError, type Limits } from "../diagnostics/index.js";
import {
  type AndroidManifest,
  type Application,
  type Instrumentation,
  type PermissionDefinition,
  type Queries,
  toApiLevel,
  type UsesFeature,
  type UsesLibrary,
  type UsesSdk,
} from "./android-manifest.js";
import { AttributeReader, findPlainAttribute } from "./attribute-reader.js";
import { findImpliedPermissions } from "./implied-permissions.js";
import { formatProtectionLevel } from "./manifest-flags.js";
import {
  type ComponentContext,
  childrenNamed,
  namesOf,
  readActivity,
  readComponent,
  readIntentFilters,
  readMetaData,
  readProvider,
  readService,
} from "./read-components.js";
import { readUsesPermissions } from "./read-uses-permissions.js";
import { ResDataType } from "./res-value.js";
import type { ResourceTable } from "./resource-table.js";
import type { XmlElement } from "./xml-element.js";
import { readXmlTree } from "./xml-tree.js";

/**
 * The manifest in a binary AndroidManifest.xml. {@link readXmlTree}, then {@link buildManifest}:
 * their errors, limits and diagnostics apply.
 *
 * @param resources The app's own table; without it, values that refer to resources are not resolved.
 */
export function readManifest(
  bytes: Uint8Array,
  source: string,
  resources: ResourceTable | undefined,
  limits: Limits,
  diagnostics: Diagnostics,
): AndroidManifest {
  return buildManifest(
    readXmlTree(bytes, source, limits, diagnostics),
    source,
    resources,
    limits,
    diagnostics,
  );
}

/**
 * The manifest in a document, with Android's semantics (AOSP `ParsingPackageUtils`).
 *
 * Throws FormatError where Android would know no app in it: no `<manifest>`, no package. What Android
 * would refuse in one element is an `unread` diagnostic and costs that element. Where several
 * elements disagree, Android's choice is taken, and an `odd` diagnostic (`duplicate`) says so.
 * Limits: `textLength` for the package's name, since every expanded name repeats it; `diagnostics`.
 */
export function buildManifest(
  root: XmlElement,
  source: string,
  resources: ResourceTable | undefined,
  limits: Limits,
  diagnostics: Diagnostics,
): AndroidManifest {
  const packageName = readPackageName(root, source, limits);
  const attributes = new AttributeReader(source, packageName, resources, limits, diagnostics);
  const usesSdk = readUsesSdk(root, attributes);
  const usesPermissions = readUsesPermissions(root, attributes);
  const applicationElement = findApplication(root, attributes);
  const application = applicationElement && readApplication(applicationElement, packageName, attributes);
  const context: ComponentContext = {
    attributes,
    targetSdk: toApiLevel(usesSdk.targetSdkVersion),
    application: application ?? { permission: undefined, process: packageName },
  };
  return {
    packageName,
    versionCode: readVersionCode(root, attributes),
    versionName: attributes.string(root, "versionName"),
    sharedUserId: attributes.string(root, "sharedUserId"),
    split: findPlainAttribute(root, "split"),
    configForSplit: findPlainAttribute(root, "configForSplit"),
    isFeatureSplit: attributes.boolean(root, "isFeatureSplit") ?? false,
    compileSdkVersion: readCompileSdkVersion(root, attributes),
    usesSdk,
    usesPermissions,
    impliedPermissions: findImpliedPermissions(usesPermissions, usesSdk),
    permissions: readPermissions(root, attributes),
    permissionGroups: namesOf(childrenNamed(root, "permission-group"), attributes),
    usesFeatures: readUsesFeatures(root, attributes),
    usesLibraries: applicationElement === undefined ? [] : readUsesLibraries(applicationElement, attributes),
    queries: readQueries(root, attributes),
    instrumentations: readInstrumentations(root, attributes),
    application,
    ...readComponents(applicationElement, context),
  };
}

function readPackageName(root: XmlElement, source: string, limits: Limits): string {
  const fail = (code: "bad-value" | "limit", problem: string) =>
    new FormatError(code, { source, structure: "manifest" }, problem);
  if (root.name !== "manifest") throw fail("bad-value", `the root element is <${root.name.slice(0, 100)}>`);
  const packageName = findPlainAttribute(root, "package");
  if (packageName === undefined || packageName === "") throw fail("bad-value", "has no package attribute");
  if (packageName.length > limits.textLength) throw fail("limit", "the package's name exceeds textLength");
  return packageName;
}

/** `PackageInfo.composeLongVersionCode`. */
function readVersionCode(root: XmlElement, attributes: AttributeReader): string {
  const major = BigInt((attributes.integer(root, "versionCodeMajor") ?? 0) >>> 0);
  return String((major << 32n) | BigInt((attributes.integer(root, "versionCode") ?? 0) >>> 0));
}

function readCompileSdkVersion(root: XmlElement, attributes: AttributeReader): number | undefined {
  const declared = attributes.integer(root, "compileSdkVersion");
  if (declared !== undefined) return declared;
  // Before API level 28 aapt noted it in an attribute without a resource id.
  const platform = findPlainAttribute(root, "platformBuildVersionCode");
  return platform !== undefined && /^[0-9]{1,9}$/.test(platform) ? Number(platform) : undefined;
}

function readUsesSdk(root: XmlElement, attributes: AttributeReader): UsesSdk {
  const elements = childrenNamed(root, "uses-sdk");
  const element = elements.at(-1);
  if (element === undefined) return { minSdkVersion: 1, targetSdkVersion: 1, maxSdkVersion: undefined };
  if (elements.length > 1) {
    attributes.report(element, "odd", "duplicate", "more than one; the last one counts");
  }
  attributes.required(element, "minSdkVersion", "targetSdkVersion");
  const minSdkVersion = readSdkVersion(element, "minSdkVersion", attributes) ?? 1;
  return {
    minSdkVersion,
    targetSdkVersion: readSdkVersion(element, "targetSdkVersion", attributes) ?? minSdkVersion,
    maxSdkVersion: attributes.integer(element, "maxSdkVersion"),
  };
}

function readSdkVersion(
  element: XmlElement,
  name: "minSdkVersion" | "targetSdkVersion",
  attributes: AttributeReader,
) {
  const value = attributes.value(element, name);
  return value?.dataType === ResDataType.STRING ? value.text : value && value.data | 0;
}

function findApplication(root: XmlElement, attributes: AttributeReader): XmlElement | undefined {
  const [first, second] = childrenNamed(root, "application");
  if (second !== undefined) {
    attributes.report(second, "odd", "duplicate", "more than one; the first one counts");
  }
  return first;
}

function readApplication(element: XmlElement, packageName: string, attributes: AttributeReader): Application {
  attributes.required(element, "name", "enabled", "permission");
  return {
    name: attributes.className(element, "name"),
    label: attributes.string(element, "label"),
    enabled: attributes.boolean(element, "enabled") ?? true,
    hasCode: attributes.boolean(element, "hasCode") ?? true,
    debuggable: attributes.boolean(element, "debuggable") ?? false,
    testOnly: attributes.boolean(element, "testOnly") ?? false,
    allowBackup: attributes.boolean(element, "allowBackup") ?? true,
    usesCleartextTraffic: attributes.boolean(element, "usesCleartextTraffic"),
    requestLegacyExternalStorage: attributes.boolean(element, "requestLegacyExternalStorage"),
    networkSecurityConfig: attributes.reference(element, "networkSecurityConfig"),
    fullBackupContent: attributes.reference(element, "fullBackupContent"),
    dataExtractionRules: attributes.reference(element, "dataExtractionRules"),
    appComponentFactory: attributes.className(element, "appComponentFactory"),
    backupAgent: attributes.className(element, "backupAgent"),
    zygotePreloadName: attributes.className(element, "zygotePreloadName"),
    manageSpaceActivity: attributes.className(element, "manageSpaceActivity"),
    permission: attributes.string(element, "permission") || undefined,
    process: attributes.processName(element) ?? packageName,
    metaData: readMetaData(element, "meta-data", attributes),
    properties: readMetaData(element, "property", attributes),
  };
}

type Components = Pick<AndroidManifest, "activities" | "services" | "receivers" | "providers">;

function readComponents(application: XmlElement | undefined, context: ComponentContext): Components {
  const read = <T>(
    tags: readonly string[],
    readOne: (element: XmlElement, context: ComponentContext) => T | undefined,
  ) =>
    (application?.children ?? [])
      .filter((element) => tags.includes(element.name))
      .flatMap((element) => readOne(element, context) ?? []);
  return {
    activities: read(["activity", "activity-alias"], readActivity),
    services: read(["service"], readService),
    receivers: read(["receiver"], (element) => readComponent(element, context)),
    providers: read(["provider"], readProvider),
  };
}

function readPermissions(root: XmlElement, attributes: AttributeReader): PermissionDefinition[] {
  return childrenNamed(root, "permission").flatMap((element) => {
    const name = attributes.string(element, "name");
    if (name === undefined) return [];
    return [
      {
        name,
        protectionLevel: formatProtectionLevel(attributes.integer(element, "protectionLevel") ?? 0),
        permissionGroup: attributes.string(element, "permissionGroup"),
      },
    ];
  });
}

function readUsesFeatures(root: XmlElement, attributes: AttributeReader): UsesFeature[] {
  return childrenNamed(root, "uses-feature").map((element) => {
    const name = attributes.nonResourceString(element, "name");
    return {
      name,
      required: attributes.boolean(element, "required") ?? true,
      glEsVersion: name === undefined ? attributes.integer(element, "glEsVersion") : undefined,
    };
  });
}

const LIBRARY_KINDS = {
  "uses-library": "library",
  "uses-native-library": "native-library",
  "uses-static-library": "static-library",
  "uses-sdk-library": "sdk-library",
} as const satisfies Record<string, UsesLibrary["kind"]>;

function readUsesLibraries(application: XmlElement, attributes: AttributeReader): UsesLibrary[] {
  return Object.entries(LIBRARY_KINDS).flatMap(([tag, kind]) =>
    childrenNamed(application, tag).flatMap((element) => {
      const name = attributes.nonResourceString(element, "name");
      if (name === undefined) return [];
      return [{ name, kind, required: attributes.boolean(element, "required") ?? true }];
    }),
  );
}

function readQueries(root: XmlElement, attributes: AttributeReader): Queries {
  const queries = childrenNamed(root, "queries");
  const children = (tag: string) => queries.flatMap((element) => childrenNamed(element, tag));
  return {
    packages: namesOf(children("package"), attributes),
    intents: queries.flatMap((element) => readIntentFilters(element, "intent", attributes)),
    providers: children("provider").flatMap((element) => attributes.list(element, "authorities")),
  };
}

function readInstrumentations(root: XmlElement, attributes: AttributeReader): Instrumentation[] {
  return childrenNamed(root, "instrumentation").flatMap((element) => {
    const name = attributes.className(element, "name");
    if (name === undefined) return [];
    return [{ name, targetPackage: attributes.string(element, "targetPackage") }];
  });
}
