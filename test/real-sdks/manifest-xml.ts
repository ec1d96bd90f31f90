import { XMLParser } from "fast-xml-parser";
import type { androidAttributeIds } from "../../src/manifest/android-attributes.js";
import { type AxmlAttribute, type AxmlElement, buildAxml } from "../support/axml-builder.js";

/** What a variant of an app changes in its manifest. */
export interface ManifestChanges {
  readonly minSdkVersion?: number;
  readonly targetSdkVersion?: number;
  /** Permissions that are not requested. */
  readonly without?: readonly string[];
  /** Permissions that are, with `android:maxSdkVersion` where one is given. */
  readonly with?: readonly { readonly permission: string; readonly maxSdkVersion?: number }[];
  /** Of the application. */
  readonly metaData?: Readonly<Record<string, string>>;
}

/** A text manifest as an APK's binary one: no resources, `${applicationId}` filled in. */
export function compileManifest(text: string, changes: ManifestChanges = {}): Uint8Array {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
  });
  const root = (parser.parse(text) as XmlNode[])
    .map(toElement)
    .find((element) => element?.name === "manifest")!;
  const applicationId = root.attributes.find(({ name }) => name === "package")!.value;
  return buildAxml(encode(change(root, changes), applicationId));
}

/** An element as fast-xml-parser gives it in document order. */
type XmlNode = Record<string, XmlNode[]> & { readonly ":@"?: Record<string, string> };

interface TextElement {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly children: readonly TextElement[];
}

function toElement(node: XmlNode): TextElement | undefined {
  const name = Object.keys(node).find((key) => key !== ":@")!;
  if (name === "#text" || name.startsWith("?")) return undefined;
  const attributes = Object.entries(node[":@"] ?? {}).map(([key, value]) => ({ name: key, value }));
  const children = node[name]!.map(toElement).filter((child) => child !== undefined);
  return { name, attributes, children };
}

function change(root: TextElement, changes: ManifestChanges): TextElement {
  const { minSdkVersion, targetSdkVersion, without = [], with: added = [], metaData = {} } = changes;
  const children = root.children
    .filter((child) => child.name !== "uses-permission" || !without.includes(androidAttribute(child, "name")))
    .map((child) => {
      if (child.name === "uses-sdk")
        return element("uses-sdk", { ...levels(child), ...given({ minSdkVersion, targetSdkVersion }) });
      if (child.name !== "application") return child;
      const values = Object.entries(metaData).map(([name, value]) => element("meta-data", { name, value }));
      return { ...child, children: [...child.children, ...values] };
    });
  const permissions = added.map(({ permission, maxSdkVersion }) =>
    element("uses-permission", { name: permission, ...given({ maxSdkVersion }) }),
  );
  return { ...root, children: [...permissions, ...children] };
}

function levels(usesSdk: TextElement): Record<string, string> {
  return {
    minSdkVersion: androidAttribute(usesSdk, "minSdkVersion"),
    targetSdkVersion: androidAttribute(usesSdk, "targetSdkVersion"),
  };
}

function given(values: Readonly<Record<string, number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function element(name: string, attributes: Readonly<Record<string, string>>): TextElement {
  return {
    name,
    attributes: Object.entries(attributes).map(([key, value]) => ({ name: `android:${key}`, value })),
    children: [],
  };
}

function androidAttribute({ attributes }: TextElement, name: string): string {
  return attributes.find((attribute) => attribute.name === `android:${name}`)!.value;
}

function encode({ name, attributes, children }: TextElement, applicationId: string): AxmlElement {
  return {
    name,
    attributes: attributes
      .filter((attribute) => !attribute.name.startsWith("xmlns:"))
      .map((attribute) =>
        encodeAttribute(attribute.name, attribute.value.replace(/\$\{applicationId\}/g, applicationId)),
      ),
    children: children.map((child) => encode(child, applicationId)),
  };
}

/** Attributes that hold text, whatever it looks like: aapt gives a type to the values of all others. */
const TEXT = new Set([
  "name",
  "versionName",
  "authorities",
  "permission",
  "process",
  "scheme",
  "host",
  "path",
]);

function encodeAttribute(fullName: string, text: string): AxmlAttribute {
  const name = fullName.replace(/^android:/, "");
  const isTyped = !TEXT.has(name) && name !== "package";
  const value = !isTyped
    ? text
    : /^(?:true|false)$/.test(text)
      ? text === "true"
      : /^\d+$/.test(text)
        ? Number(text)
        : text;
  return name === fullName
    ? { plain: name, value }
    : { android: name as keyof typeof androidAttributeIds, value };
}
