import type { App } from "../../src/app/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { AndroidManifest } from "../../src/manifest/index.js";
import { readManifest } from "../../src/manifest/index.js";
import { type AxmlAttribute, type AxmlElement, buildAxml } from "./axml-builder.js";
import { buildZip } from "./zip-builder.js";

/** A `<uses-permission>`: its name, or its name and what else it says. */
export type PermissionShape =
  | string
  | {
      readonly name: string;
      readonly minSdkVersion?: number;
      readonly maxSdkVersion?: number;
      readonly neverForLocation?: boolean;
    };

/** A manifest to write; what is not given is left out or ordinary. */
export interface ManifestShape {
  readonly packageName?: string;
  readonly minSdkVersion?: number;
  readonly targetSdkVersion?: number;
  readonly usesPermissions?: readonly PermissionShape[];
  /** Permissions that the app defines. */
  readonly permissions?: readonly string[];
  /** Of the application, by name. */
  readonly metaData?: Readonly<Record<string, string | boolean>>;
  /** Class of the Application. */
  readonly application?: string;
  /** `android:hasCode`; not said unless given. */
  readonly hasCode?: boolean;
  /** Activities on the home screen. */
  readonly launchers?: readonly string[];
  readonly activities?: readonly string[];
  readonly services?: readonly string[];
  readonly receivers?: readonly string[];
  /** Authorities by class name. */
  readonly providers?: Readonly<Record<string, string>>;
}

/** `neverForLocation` of `android:usesPermissionFlags`. */
const NEVER_FOR_LOCATION = { dataType: 0x11, data: 0x00010000 };

/** A binary manifest. */
export function buildManifestBytes(shape: ManifestShape): Uint8Array {
  const { packageName = "org.example.app", minSdkVersion = 24, targetSdkVersion = 34 } = shape;
  const uses = (shape.usesPermissions ?? []).map((permission) => {
    const shape: Exclude<PermissionShape, string> =
      typeof permission === "string" ? { name: permission } : permission;
    const { name, minSdkVersion, maxSdkVersion, neverForLocation } = shape;
    return element("uses-permission", {
      name,
      ...(minSdkVersion === undefined ? {} : { minSdkVersion }),
      ...(maxSdkVersion === undefined ? {} : { maxSdkVersion }),
      ...(neverForLocation === true ? { usesPermissionFlags: NEVER_FOR_LOCATION } : {}),
    });
  });
  const root: AxmlElement = {
    name: "manifest",
    attributes: [{ plain: "package", value: packageName }],
    children: [
      element("uses-sdk", { minSdkVersion, targetSdkVersion }),
      ...uses,
      ...(shape.permissions ?? []).map((name) => element("permission", { name })),
      element(
        "application",
        {
          ...(shape.application === undefined ? {} : { name: shape.application }),
          ...(shape.hasCode === undefined ? {} : { hasCode: shape.hasCode }),
        },
        ...componentsOf(shape),
      ),
    ],
  };
  return buildAxml(root);
}

/** The same, read. */
export function buildManifest(shape: ManifestShape): AndroidManifest {
  return readManifest(buildManifestBytes(shape), "AndroidManifest.xml", undefined, defaultLimits, []);
}

function componentsOf(shape: ManifestShape): AxmlElement[] {
  const launcherFilter = element(
    "intent-filter",
    {},
    element("action", { name: "android.intent.action.MAIN" }),
    element("category", { name: "android.intent.category.LAUNCHER" }),
  );
  return [
    ...Object.entries(shape.metaData ?? {}).map(([name, value]) => element("meta-data", { name, value })),
    ...(shape.launchers ?? []).map((name) => element("activity", { name, exported: true }, launcherFilter)),
    ...(shape.activities ?? []).map((name) => element("activity", { name })),
    ...(shape.services ?? []).map((name) => element("service", { name })),
    ...(shape.receivers ?? []).map((name) => element("receiver", { name, exported: false })),
    ...Object.entries(shape.providers ?? {}).map(([name, authorities]) =>
      element("provider", { name, authorities, exported: false }),
    ),
  ];
}

function element(
  name: string,
  attributes: Readonly<Record<string, AxmlAttribute["value"]>>,
  ...children: AxmlElement[]
): AxmlElement {
  const written = Object.entries(attributes).map(([key, value]) => ({
    android: key as NonNullable<AxmlAttribute["android"]>,
    value,
  }));
  return { name, attributes: written, children };
}

/** An app to build: a manifest, DEX files in their order, and other entries. */
export interface AppShape {
  readonly manifest?: ManifestShape | Uint8Array;
  readonly dexFiles?: readonly Uint8Array[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Rearranges the entries. */
  readonly arrange?: <Item>(entries: Item[]) => Item[];
}

/** An app as the stages behind `app` see it, with nothing but a manifest and names of entries. */
export function fakeApp(manifest: AndroidManifest | undefined, entryNames: readonly string[] = []): App {
  const unused = (): never => {
    throw new Error("a fake app has neither files nor code");
  };
  return {
    manifest,
    entryNames,
    hasOtherCode: false,
    hasEntry: (name) => entryNames.includes(name),
    readText: () => undefined,
    describeFiles: unused,
    readLayoutNames: unused,
    spentBytes: 0,
    dexFiles: unused,
  };
}

/** An APK. */
export function buildApp({
  manifest,
  dexFiles = [],
  files = {},
  arrange = (entries) => entries,
}: AppShape): Uint8Array {
  const entries = [
    ...(manifest === undefined
      ? []
      : [
          {
            name: "AndroidManifest.xml",
            content: manifest instanceof Uint8Array ? manifest : buildManifestBytes(manifest),
          },
        ]),
    ...dexFiles.map((content, index) => ({
      name: index === 0 ? "classes.dex" : `classes${index + 1}.dex`,
      content,
    })),
    ...Object.entries(files).map(([name, content]) => ({ name, content })),
  ];
  return buildZip(arrange(entries));
}
