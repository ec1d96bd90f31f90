import { defaultLimits } from "../diagnostics/index.js";
import { findAndroidAttributeName } from "./android-attributes.js";
import {
  foregroundServiceTypeNames,
  formatProtectionLevel,
  usesPermissionFlagNames,
} from "./manifest-flags.js";
import {
  coerceToString,
  formatResourceId,
  isInteger,
  isReference,
  ResDataType,
  type ResValue,
} from "./res-value.js";
import type { ResourceTable } from "./resource-table.js";
import { ANDROID_NAMESPACE, type XmlAttribute, type XmlElement } from "./xml-element.js";

/** How {@link renderManifestXml} writes a document. */
export interface RenderManifestOptions {
  /** Resolves references and names what has no text of its own; without it they stand as ids. */
  readonly resources?: ResourceTable;
  /** Characters kept of one value (`Limits.textLength`). */
  readonly textLength?: number;
}

/** Prefixes of namespaces that manifests use; binary XML does not keep them in its elements. */
const KNOWN_PREFIXES = new Map([
  [ANDROID_NAMESPACE, "android"],
  ["http://schemas.android.com/apk/res-auto", "app"],
  ["http://schemas.android.com/tools", "tools"],
  ["http://schemas.android.com/apk/distribution", "dist"],
]);

/** Attributes whose number is a set of flags, and how it reads. */
const FLAG_FORMATS: Readonly<Record<string, (value: number) => string>> = {
  protectionLevel: formatProtectionLevel,
  foregroundServiceType: (value) => foregroundServiceTypeNames(value).join("|"),
  usesPermissionFlags: (value) => usesPermissionFlagNames(value).join("|"),
};

const ATTRIBUTE_PREFIX = "@_";
const ATTRIBUTES = ":@";

/**
 * A document as well-formed, indented XML text for people.
 *
 * Names that are no XML names and characters that XML cannot hold are replaced, long values are cut:
 * the text shows what the document says, it does not rebuild the document. References stand as the
 * value they resolve to, files as `@type/name`, anything else as `@0x7f010001`.
 */
export async function renderManifestXml(
  tree: XmlElement,
  options: RenderManifestOptions = {},
): Promise<string> {
  // Only who asks for readable XML waits for the library.
  const { XMLBuilder } = await import("fast-xml-parser");
  const builder = new XMLBuilder({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE_PREFIX,
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
    format: true,
    indentBy: "  ",
  });
  const prefixes = collectPrefixes(tree);
  const root = toBuilderNode(tree, prefixes, options);
  const declarations = [...prefixes].map(([uri, prefix]) => [
    `${ATTRIBUTE_PREFIX}xmlns:${prefix}`,
    toText(uri, options),
  ]);
  root[ATTRIBUTES] = { ...Object.fromEntries(declarations), ...(root[ATTRIBUTES] as object) };
  return `<?xml version="1.0" encoding="utf-8"?>${builder.build([root])}\n`;
}

/** What XMLBuilder takes with `preserveOrder`: the tag's name with its children, and the attributes. */
type BuilderNode = Record<string, unknown>;

function toBuilderNode(
  element: XmlElement,
  prefixes: ReadonlyMap<string, string>,
  options: RenderManifestOptions,
): BuilderNode {
  const children = element.children.map((child) => toBuilderNode(child, prefixes, options));
  const text = element.text.trim();
  if (text !== "") children.unshift({ "#text": toText(text, options) });
  return {
    [qualify(element.name, element.namespace, prefixes)]: children,
    [ATTRIBUTES]: toBuilderAttributes(element.attributes, prefixes, options),
  };
}

function toBuilderAttributes(
  attributes: readonly XmlAttribute[],
  prefixes: ReadonlyMap<string, string>,
  options: RenderManifestOptions,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const attribute of attributes) {
    // Some tools strip the namespace, and Android does not miss it.
    const isAndroid = findAndroidAttributeName(attribute.resourceId) !== undefined;
    const namespace = isAndroid ? ANDROID_NAMESPACE : attribute.namespace;
    const key = ATTRIBUTE_PREFIX + qualify(attribute.name, namespace, prefixes);
    // XML allows each attribute once, and of two Android takes the first.
    found[key] ??= toText(formatAttribute(attribute, options.resources), options);
  }
  return found;
}

function formatAttribute(
  { name, typedValue, rawValue }: XmlAttribute,
  resources: ResourceTable | undefined,
): string {
  if (isReference(typedValue)) return formatReference(typedValue, resources);
  if (typedValue.dataType === ResDataType.ATTRIBUTE) return `?${formatResourceId(typedValue.data)}`;
  const formatFlags =
    isInteger(typedValue) && Object.hasOwn(FLAG_FORMATS, name) ? FLAG_FORMATS[name] : undefined;
  return formatFlags?.(typedValue.data | 0) ?? coerceToString(typedValue) ?? rawValue ?? "";
}

function formatReference({ data }: ResValue, resources: ResourceTable | undefined): string {
  if (data === 0) return "@null";
  const name = resources?.findName(data);
  const resolved = resources?.resolve(data);
  const text = resolved && coerceToString(resolved.value);
  // A file says more by its resource's name than by its path, which may be shortened.
  if (name !== undefined && (text === undefined || text.startsWith("res/"))) return `@${name}`;
  return text ?? `@${formatResourceId(data)}`;
}

function collectPrefixes(tree: XmlElement): Map<string, string> {
  const prefixes = new Map([[ANDROID_NAMESPACE, "android"]]);
  const add = (uri: string | undefined) => {
    if (uri === undefined || uri === "" || prefixes.has(uri)) return;
    prefixes.set(uri, KNOWN_PREFIXES.get(uri) ?? `ns${prefixes.size}`);
  };
  const visit = (element: XmlElement) => {
    add(element.namespace);
    for (const attribute of element.attributes) add(attribute.namespace);
    element.children.forEach(visit);
  };
  visit(tree);
  return prefixes;
}

function qualify(name: string, namespace: string | undefined, prefixes: ReadonlyMap<string, string>): string {
  const prefix = namespace === undefined ? undefined : prefixes.get(namespace);
  const local = toXmlName(name);
  return prefix === undefined ? local : `${prefix}:${local}`;
}

/** A name that XML accepts and that no library takes for something of its own. */
function toXmlName(name: string): string {
  const cut = name.slice(0, 200).replace(/[^\w.-]/g, "_");
  return /^[A-Za-z][\w.-]*$/.test(cut) && cut.toLowerCase() !== "constructor" ? cut : `_${cut}`;
}

function toText(text: string, { textLength = defaultLimits.textLength }: RenderManifestOptions): string {
  const cut = text.length > textLength ? `${text.slice(0, textLength)}…` : text;
  return cut.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");
}
