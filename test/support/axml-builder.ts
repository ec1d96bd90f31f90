import { androidAttributeIds } from "../../src/manifest/android-attributes.js";
import { ANDROID_NAMESPACE, ResDataType } from "../../src/manifest/index.js";

/** An attribute to write: `android:name="text"` is `{ android: "name", value: "text" }`. */
export interface AxmlAttribute {
  /** Name of an attribute with a resource id, in Android's namespace. */
  readonly android?: keyof typeof androidAttributeIds;
  /** Name of an attribute without namespace and resource id. */
  readonly plain?: string;
  /** A string, a boolean, an integer, or any `Res_value`. */
  readonly value: string | boolean | number | { readonly dataType: number; readonly data: number };
}

/** An element to write. */
export interface AxmlElement {
  readonly name: string;
  readonly attributes?: readonly AxmlAttribute[];
  readonly children?: readonly (AxmlElement | string)[];
}

/** What a test may break, one thing at a time; without options the file is a regular one. */
export interface AxmlOptions {
  readonly utf8?: boolean;
  /** Type of the file's own chunk, 0x0003. */
  readonly fileType?: number;
  /** What the pool says an attribute is called; the resource map says the truth. */
  readonly spell?: (name: string) => string;
  /** Added to the pool's flags. */
  readonly poolFlags?: number;
  /** Bytes of `ResXMLTree_node`, at least 16. */
  readonly nodeHeaderSize?: number;
  readonly attributeStart?: number;
  readonly attributeSize?: number;
  /** A chunk before the string pool, after it, and between the nodes. */
  readonly extraChunk?: Uint8Array;
  /** Leaves the end tags away. */
  readonly withoutEndTags?: boolean;
  /** After the document. */
  readonly trailing?: Uint8Array;
}

const NO_STRING = 0xffffffff;

/** A binary XML file. */
export function buildAxml(root: AxmlElement, options: AxmlOptions = {}): Uint8Array {
  const names = new Set<keyof typeof androidAttributeIds>();
  visit(root, (element) => {
    for (const { android } of element.attributes ?? []) if (android !== undefined) names.add(android);
  });
  // The names with ids come first: the resource map is an array beside the pool.
  const strings = [...names].map((name) => options.spell?.(name) ?? name);
  const nameIndex = new Map([...names].map((name, index) => [name, index]));
  const intern = (text: string) => {
    const known = strings.indexOf(text, names.size);
    return known === -1 ? strings.push(text) - 1 : known;
  };
  const nodes = concat(...writeElement(root, intern, nameIndex, options));
  const map = chunk(0x0180, [], words(...[...names].map((name) => androidAttributeIds[name])));
  const pool = buildStringPool(strings, options.utf8 ?? false, options.poolFlags);
  const extra = options.extraChunk ?? new Uint8Array();
  const body = concat(extra, pool, extra, map, extra, nodes);
  return concat(chunk(options.fileType ?? 0x0003, [], body), options.trailing ?? new Uint8Array());
}

function visit(element: AxmlElement, see: (element: AxmlElement) => void): void {
  see(element);
  for (const child of element.children ?? []) if (typeof child !== "string") visit(child, see);
}

function writeElement(
  element: AxmlElement,
  intern: (text: string) => number,
  nameIndex: ReadonlyMap<string, number>,
  options: AxmlOptions,
): Uint8Array[] {
  const start = options.attributeStart ?? 20;
  const size = options.attributeSize ?? 20;
  const attributes = element.attributes ?? [];
  const ext = concat(
    words(NO_STRING, intern(element.name)),
    halves(start, size, attributes.length, 0, 0, 0),
    new Uint8Array(start - 20),
    ...attributes.map((attribute) =>
      pad(
        concat(words(...nameWords(attribute, intern, nameIndex)), writeValue(attribute.value, intern)),
        size,
      ),
    ),
  );
  const children = (element.children ?? []).flatMap((child) =>
    typeof child === "string"
      ? [node(0x0104, concat(words(intern(child)), words(8, 0)), options)]
      : writeElement(child, intern, nameIndex, options),
  );
  const end = options.withoutEndTags ? [] : [node(0x0103, words(NO_STRING, intern(element.name)), options)];
  return [node(0x0102, ext, options), options.extraChunk ?? new Uint8Array(), ...children, ...end];
}

function nameWords(
  { android, plain }: AxmlAttribute,
  intern: (text: string) => number,
  nameIndex: ReadonlyMap<string, number>,
): [namespace: number, name: number] {
  if (android !== undefined) return [intern(ANDROID_NAMESPACE), nameIndex.get(android)!];
  return [NO_STRING, intern(plain ?? "")];
}

/** rawValue and typedValue. */
function writeValue(value: AxmlAttribute["value"], intern: (text: string) => number): Uint8Array {
  if (typeof value === "string") return rawAndTyped(intern(value), ResDataType.STRING, intern(value));
  if (typeof value === "boolean")
    return rawAndTyped(NO_STRING, ResDataType.INT_BOOLEAN, value ? NO_STRING : 0);
  if (typeof value === "number") return rawAndTyped(NO_STRING, ResDataType.INT_DEC, value);
  return rawAndTyped(NO_STRING, value.dataType, value.data);
}

function rawAndTyped(raw: number, dataType: number, data: number): Uint8Array {
  return concat(words(raw), resValue(dataType, data));
}

/** `Res_value`. */
export function resValue(dataType: number, data: number): Uint8Array {
  return concat(halves(8), new Uint8Array([0, dataType]), words(data));
}

function node(type: number, ext: Uint8Array, { nodeHeaderSize = 16 }: AxmlOptions): Uint8Array {
  const header = pad(words(7, NO_STRING), nodeHeaderSize - 8);
  return chunk(type, [header], ext);
}

/** `ResStringPool`. */
export function buildStringPool(strings: readonly string[], utf8: boolean, flags = 0): Uint8Array {
  const encoded = strings.map((text) => (utf8 ? encodeUtf8(text) : encodeUtf16(text)));
  let offset = 0;
  const offsets = encoded.map((bytes) => {
    offset += bytes.length;
    return offset - bytes.length;
  });
  const header = words(strings.length, 0, (utf8 ? 0x100 : 0) | flags, 28 + strings.length * 4, 0);
  return chunk(0x0001, [header], concat(words(...offsets), align(concat(...encoded))));
}

function encodeUtf8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const length = (count: number) => (count < 0x80 ? [count] : [0x80 | (count >> 8), count & 0xff]);
  return new Uint8Array([...length(text.length), ...length(bytes.length), ...bytes, 0]);
}

function encodeUtf16(text: string): Uint8Array {
  const units = [...Array(text.length).keys()].map((index) => text.charCodeAt(index));
  const length = text.length < 0x8000 ? [text.length] : [0x8000 | (text.length >> 16), text.length & 0xffff];
  return halves(...length, ...units, 0);
}

/** A chunk: ResChunk_header, the rest of the header, and the body. */
export function chunk(type: number, header: readonly Uint8Array[], body: Uint8Array): Uint8Array {
  const headerSize = 8 + header.reduce((size, part) => size + part.length, 0);
  return concat(halves(type, headerSize), words(headerSize + body.length), ...header, body);
}

/** 32-bit little-endian. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) bytes.setUint32(index * 4, value, true);
  return new Uint8Array(bytes.buffer);
}

/** 16-bit little-endian. */
export function halves(...values: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 2));
  for (const [index, value] of values.entries()) bytes.setUint16(index * 2, value, true);
  return new Uint8Array(bytes.buffer);
}

/** All bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Zeros behind, up to `size` bytes. */
export function pad(bytes: Uint8Array, size: number): Uint8Array {
  return concat(bytes, new Uint8Array(Math.max(0, size - bytes.length)));
}

function align(bytes: Uint8Array): Uint8Array {
  return pad(bytes, Math.ceil(bytes.length / 4) * 4);
}
