import {
  type Activity,
  type Component,
  type IntentData,
  type IntentDataAttribute,
  type IntentFilter,
  intentDataAttributes,
  type MetaData,
  type Provider,
  type Service,
} from "./android-manifest.js";
import type { AttributeReader } from "./attribute-reader.js";
import { foregroundServiceTypeNames } from "./manifest-flags.js";
import { isInteger, ResDataType, toFloat } from "./res-value.js";
import type { XmlElement } from "./xml-element.js";

/** Providers are exported by default in apps that target less than Android 4.2. */
const PROVIDER_EXPORT_CHANGE = 17;

/** What components take from the elements around them. */
export interface ComponentContext {
  readonly attributes: AttributeReader;
  /** API level that the app targets. */
  readonly targetSdk: number;
  readonly application: { readonly permission: string | undefined; readonly process: string };
}

/** `<activity>` or `<activity-alias>`; `undefined` for one without a name, which Android refuses. */
export function readActivity(element: XmlElement, context: ComponentContext): Activity | undefined {
  const component = readComponent(element, context);
  if (component === undefined) return undefined;
  const isAlias = element.name === "activity-alias";
  const targetActivity = isAlias ? context.attributes.className(element, "targetActivity") : undefined;
  return { ...component, targetActivity };
}

/** `<service>`; `undefined` for one without a name. */
export function readService(element: XmlElement, context: ComponentContext): Service | undefined {
  const component = readComponent(element, context);
  return (
    component && {
      ...component,
      foregroundServiceTypes: foregroundServiceTypeNames(
        context.attributes.integer(element, "foregroundServiceType") ?? 0,
      ),
      isolatedProcess: context.attributes.boolean(element, "isolatedProcess") ?? false,
    }
  );
}

/** `<provider>`; `undefined` for one without a name. */
export function readProvider(element: XmlElement, context: ComponentContext): Provider | undefined {
  const { attributes, targetSdk } = context;
  const component = readComponent(element, context, targetSdk < PROVIDER_EXPORT_CHANGE);
  if (component === undefined) return undefined;
  attributes.required(element, "authorities");
  return {
    ...component,
    authorities: attributes.list(element, "authorities"),
    initOrder: attributes.integer(element, "initOrder") ?? 0,
    readPermission: attributes.string(element, "readPermission") ?? component.permission,
    writePermission: attributes.string(element, "writePermission") ?? component.permission,
    grantUriPermissions: attributes.boolean(element, "grantUriPermissions") ?? false,
  };
}

/**
 * What every component has; `undefined` for one without a name.
 *
 * @param exportedByDefault `undefined` for kinds that are exported by default if they have an intent
 *   filter. From target 31 on Android wants those to say so, and refuses the app otherwise.
 */
export function readComponent(
  element: XmlElement,
  context: ComponentContext,
  exportedByDefault?: boolean,
): Component | undefined {
  const { attributes, application } = context;
  attributes.required(element, "name", "enabled", "exported", "permission");
  const name = attributes.className(element, "name");
  if (name === undefined) {
    attributes.report(element, "unread", "bad-value", "has no android:name; Android refuses the app");
    return undefined;
  }
  const intentFilters = readIntentFilters(element, "intent-filter", attributes);
  const exported = attributes.boolean(element, "exported");
  return {
    name,
    exported: exported ?? exportedByDefault ?? intentFilters.length > 0,
    exportedBy: exported === undefined ? "default" : "declared",
    enabled: attributes.boolean(element, "enabled") ?? true,
    permission: attributes.string(element, "permission") ?? application.permission,
    process: attributes.processName(element) ?? application.process,
    intentFilters,
    metaData: readMetaData(element, "meta-data", attributes),
  };
}

/** The children of `parent` that are intent filters (`intent-filter`, or `intent` in `<queries>`). */
export function readIntentFilters(
  parent: XmlElement,
  tag: string,
  attributes: AttributeReader,
): IntentFilter[] {
  return childrenNamed(parent, tag).map((filter) => ({
    actions: namesOf(childrenNamed(filter, "action"), attributes),
    categories: namesOf(childrenNamed(filter, "category"), attributes),
    data: childrenNamed(filter, "data").map((data) => readIntentData(data, attributes)),
    priority: attributes.integer(filter, "priority") ?? 0,
    autoVerify: attributes.boolean(filter, "autoVerify") ?? false,
  }));
}

function readIntentData(element: XmlElement, attributes: AttributeReader): IntentData {
  const data: Partial<Record<IntentDataAttribute, string>> = {};
  for (const name of intentDataAttributes) {
    const text = attributes.string(element, name);
    if (text !== undefined) data[name] = text;
  }
  return data;
}

/** The children of `parent` that are `meta-data` or `property` elements with a name. */
export function readMetaData(parent: XmlElement, tag: string, attributes: AttributeReader): MetaData[] {
  return childrenNamed(parent, tag).flatMap((element) => {
    attributes.required(element, "name", "value");
    const name = attributes.string(element, "name");
    if (name === undefined) {
      attributes.report(element, "unread", "bad-value", "has no android:name; Android refuses the app");
      return [];
    }
    const resource = attributes.reference(element, "resource");
    return [
      { name, resource, value: resource === undefined ? readMetaDataValue(element, attributes) : undefined },
    ];
  });
}

function readMetaDataValue(element: XmlElement, attributes: AttributeReader): MetaData["value"] {
  const value = attributes.value(element, "value") ?? attributes.value(element, "resource");
  if (value === undefined) return undefined;
  if (value.dataType === ResDataType.INT_BOOLEAN) return value.data !== 0;
  if (value.dataType === ResDataType.FLOAT) return toFloat(value.data);
  return isInteger(value) ? value.data | 0 : value.text;
}

/** The `android:name` of each element that has one. */
export function namesOf(elements: readonly XmlElement[], attributes: AttributeReader): string[] {
  const names: string[] = [];
  for (const element of elements) {
    const name = attributes.string(element, "name");
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** The children of an element with a tag name. */
export function childrenNamed(parent: XmlElement, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of parent.children) if (child.name === name) found.push(child);
  return found;
}
