import type { Diagnostic, Diagnostics, Limits } from "../diagnostics/index.js";
import { type AndroidAttributeName, androidAttributeIds } from "./android-attributes.js";
import type { ResourceReference } from "./android-manifest.js";
import {
  coerceToString,
  formatResourceId,
  isInteger,
  isReference,
  ResDataType,
  type ResValue,
} from "./res-value.js";
import type { ResourceTable } from "./resource-table.js";
import type { XmlAttribute, XmlElement } from "./xml-element.js";

/**
 * Gives the values of a manifest's attributes as Android's `TypedArray` does: by resource id, with
 * references resolved and types converted.
 *
 * A reference that cannot be resolved counts as an attribute that is not there; where that could
 * hide something, the caller asks with {@link required}.
 */
export class AttributeReader {
  readonly #source: string;
  readonly #packageName: string;
  readonly #resources: ResourceTable | undefined;
  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  // Elements can share a long string: what is made of it is made once, else it would be made as often.
  readonly #expanded = new Map<string, string>();
  readonly #lists = new Map<string, readonly string[]>();
  #reported = 0;

  constructor(
    source: string,
    packageName: string,
    resources: ResourceTable | undefined,
    limits: Limits,
    diagnostics: Diagnostics,
  ) {
    this.#source = source;
    this.#packageName = packageName;
    this.#resources = resources;
    this.#limits = limits;
    this.#diagnostics = diagnostics;
  }

  /** `getNonConfigurationString`: any type, as text. */
  string(element: XmlElement, name: AndroidAttributeName): string | undefined {
    const value = this.value(element, name);
    return value && coerceToString(value);
  }

  /** `getNonResourceString`: only what stands in the document; a reference is not followed. */
  nonResourceString(element: XmlElement, name: AndroidAttributeName): string | undefined {
    return findAttribute(element, name)?.typedValue.text;
  }

  /** A class name in full (AOSP `ParsingUtils.buildClassName`): `.Foo` and `Foo` are the package's. */
  className(element: XmlElement, name: AndroidAttributeName): string | undefined {
    const text = this.string(element, name);
    if (text === undefined || text === "") return undefined;
    if (text.startsWith(".")) return this.#expand(text);
    return text.includes(".") ? text : this.#expand(`.${text}`);
  }

  /** A process name in full: `:remote` is private to the package. */
  processName(element: XmlElement): string | undefined {
    const text = this.string(element, "process");
    return text?.startsWith(":") ? this.#expand(text) : text;
  }

  /** Names that semicolons separate, as authorities are. */
  list(element: XmlElement, name: AndroidAttributeName): readonly string[] {
    const text = this.string(element, name) ?? "";
    const known = this.#lists.get(text);
    if (known !== undefined) return known;
    const list = text.split(";").filter((part) => part !== "");
    this.#lists.set(text, list);
    return list;
  }

  #expand(suffix: string): string {
    const known = this.#expanded.get(suffix);
    if (known !== undefined) return known;
    const name = this.#packageName + suffix;
    this.#expanded.set(suffix, name);
    return name;
  }

  /** `getBoolean`. */
  boolean(element: XmlElement, name: AndroidAttributeName): boolean | undefined {
    const value = this.value(element, name);
    if (value === undefined) return undefined;
    if (isInteger(value)) return value.data !== 0;
    return value.text === undefined ? undefined : ["1", "true", "TRUE"].includes(value.text);
  }

  /** `getInt`: signed. */
  integer(element: XmlElement, name: AndroidAttributeName): number | undefined {
    const value = this.value(element, name);
    if (value === undefined) return undefined;
    return isInteger(value) ? value.data | 0 : parseInteger(value.text);
  }

  /** `getResourceId`, with what the resource is. */
  reference(element: XmlElement, name: AndroidAttributeName): ResourceReference | undefined {
    const value = findAttribute(element, name)?.typedValue;
    if (value === undefined || !isReference(value) || value.data === 0) return undefined;
    const resolved = this.#resources?.resolve(value.data);
    return { id: value.data, value: resolved && coerceToString(resolved.value) };
  }

  /** The value itself, references followed; `undefined` where there is none or none can be found. */
  value(element: XmlElement, name: AndroidAttributeName): ResValue | undefined {
    const value = findAttribute(element, name)?.typedValue;
    if (value === undefined || value.dataType === ResDataType.NULL) return undefined;
    if (!isReference(value)) return value;
    return value.data === 0 ? undefined : this.#resources?.resolve(value.data)?.value;
  }

  /** Tells of an attribute that refers to what cannot be looked up, because something hangs on it. */
  required(element: XmlElement, ...names: AndroidAttributeName[]): void {
    for (const { resourceId, typedValue } of element.attributes) {
      if (!isReference(typedValue) || typedValue.data === 0) continue;
      const name = names.find((candidate) => androidAttributeIds[candidate] === resourceId);
      if (name === undefined || this.#resources?.resolve(typedValue.data) !== undefined) continue;
      const problem = `android:${name} refers to ${formatResourceId(typedValue.data)}`;
      this.report(element, "unread", "missing-part", `${problem}, which is in no resource table at hand`);
    }
  }

  /** Records what is odd or unread about an element. Limit: `diagnostics`. */
  report(element: XmlElement, effect: Diagnostic["effect"], code: Diagnostic["code"], problem: string): void {
    this.#reported++;
    const { diagnostics } = this.#limits;
    if (this.#reported > diagnostics) {
      if (this.#reported > diagnostics + 1) return;
      const message = `${this.#source}: more than ${diagnostics} diagnostics`;
      this.#diagnostics.push({ effect: "unread", code: "limit", part: this.#source, message });
      return;
    }
    const message = `${this.#source} line ${element.line} <${element.name.slice(0, 100)}>: ${problem}`;
    this.#diagnostics.push({ effect, code, part: this.#source, message });
  }
}

/** The first attribute that Android takes for `android:<name>`: its resource id decides, not its text. */
export function findAttribute(element: XmlElement, name: AndroidAttributeName): XmlAttribute | undefined {
  const id = androidAttributeIds[name];
  for (const attribute of element.attributes) if (attribute.resourceId === id) return attribute;
  return undefined;
}

/** An attribute of no namespace and no resource id, such as `package`. As Android does, raw text first. */
export function findPlainAttribute(element: XmlElement, name: string): string | undefined {
  const attribute = element.attributes.find((a) => a.name === name && a.namespace === undefined);
  return attribute && (attribute.rawValue ?? coerceToString(attribute.typedValue));
}

/** `XmlUtils.convertValueToInt`, for values that were written as text. */
function parseInteger(text: string | undefined): number | undefined {
  const match = /^(-?)(?:0[xX]([0-9a-fA-F]{1,8})|#([0-9a-fA-F]{1,8})|([0-9]{1,10}))$/.exec(text ?? "");
  if (match === null) return undefined;
  const magnitude = match[4] === undefined ? Number.parseInt(match[2] ?? match[3]!, 16) : Number(match[4]);
  return (match[1] === "-" ? -magnitude : magnitude) | 0;
}
