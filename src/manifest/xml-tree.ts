import { ByteView } from "../bytes/index.js";
import { type Diagnostics, diagnoseUnread, FormatError, type Limits } from "../diagnostics/index.js";
import { findAndroidAttributeName } from "./android-attributes.js";
import { RES_CHUNK_HEADER_SIZE, type ResChunkHeader, ResChunkType, readResChunkHeader } from "./res-chunk.js";
import { ResDataType, type ResValue } from "./res-value.js";
import { StringPool } from "./string-pool.js";
import type { XmlAttribute, XmlElement } from "./xml-element.js";

/** Bytes of `ResXMLTree_node`, the header of each node. */
const XML_NODE_SIZE = 16;
/** Bytes of `ResXMLTree_attrExt`. */
const XML_ATTR_EXT_SIZE = 20;
/** Bytes of `ResXMLTree_attribute`. */
const XML_ATTRIBUTE_SIZE = 20;
/** Characters of text allowed for each byte of the document. */
const TEXT_PER_BYTE = 4;

/**
 * The document of a binary XML file (AOSP's `ResXMLTree`).
 *
 * Accepts what Android accepts: the file's own type is not looked at, bytes after the document's size
 * are ignored, unknown chunks are skipped, and of several string pools the last before the first
 * node counts. Throws FormatError where there is no root element to give; damage after it has begun
 * is an `unread` diagnostic, and what stands before the damage is kept.
 *
 * Limits: `xmlDepth`, `xmlElements`, `stringPoolStrings`.
 */
export function readXmlTree(
  bytes: Uint8Array,
  source: string,
  limits: Limits,
  diagnostics: Diagnostics,
): XmlElement {
  const whole = new ByteView(bytes, source);
  const { headerSize, size } = readResChunkHeader(whole, 0, "ResXMLTree_header");
  const view = whole.view(0, size, "ResXMLTree_header");
  const { firstNode, strings, resourceMap } = readPreamble(view, headerSize, limits);
  return new TreeReader(view, strings, resourceMap, limits, diagnostics).read(firstNode);
}

interface Preamble {
  /** Offset of the first chunk that is a node. */
  readonly firstNode: number;
  readonly strings: StringPool;
  /** Resource ids of attribute names, by index of the name in {@link strings}. */
  readonly resourceMap: ByteView | undefined;
}

function readPreamble(view: ByteView, start: number, limits: Limits): Preamble {
  let strings: StringPool | undefined;
  let resourceMap: ByteView | undefined;
  let offset = start;
  while (offset < view.length) {
    const chunk = readResChunkHeader(view, offset, "ResChunk_header");
    if (chunk.type === ResChunkType.STRING_POOL) {
      strings = new StringPool(view.view(offset, chunk.size, "ResStringPool_header"), limits);
    } else if (chunk.type === ResChunkType.XML_RESOURCE_MAP) {
      resourceMap = view.view(offset + chunk.headerSize, chunk.size - chunk.headerSize, "resourceMap");
    } else if (chunk.type >= ResChunkType.XML_FIRST_CHUNK && chunk.type <= ResChunkType.XML_LAST_CHUNK) {
      if (strings === undefined)
        throw view.error("bad-value", offset, "ResXMLTree", "no string pool before the first node");
      return { firstNode: offset, strings, resourceMap };
    }
    offset += chunk.size;
  }
  throw view.error("bad-value", 0, "ResXMLTree", "has no root element");
}

/** An element whose end was not met yet. */
interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Walks the nodes of one document; holds the elements that are open. */
class TreeReader {
  readonly #view: ByteView;
  /** Over the same bytes, for reads whose bounds are known. */
  readonly #data: DataView;
  readonly #strings: StringPool;
  readonly #resourceMap: ByteView | undefined;
  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #elements = 0;
  #textLength = 0;

  constructor(
    view: ByteView,
    strings: StringPool,
    resourceMap: ByteView | undefined,
    limits: Limits,
    diagnostics: Diagnostics,
  ) {
    this.#view = view;
    this.#data = new DataView(view.bytes.buffer, view.bytes.byteOffset, view.length);
    this.#strings = strings;
    this.#resourceMap = resourceMap;
    this.#limits = limits;
    this.#diagnostics = diagnostics;
  }

  read(firstNode: number): XmlElement {
    try {
      this.#readNodes(firstNode);
    } catch (error) {
      if (!(error instanceof FormatError) || this.#root === undefined) throw error;
      this.#diagnostics.push(diagnoseUnread(error));
    }
    if (this.#root !== undefined) return this.#root;
    throw this.#view.error("bad-value", firstNode, "ResXMLTree", "has no root element");
  }

  #readNodes(firstNode: number): void {
    let offset = firstNode;
    // Android takes the end of the document for the end of whatever is still open.
    while (offset < this.#view.length) {
      const chunk = readResChunkHeader(this.#view, offset, "ResXMLTree_node");
      this.#readNode(offset, chunk);
      // What follows the root element is not looked at on a device either.
      if (this.#root !== undefined && this.#open.length === 0) return;
      offset += chunk.size;
    }
  }

  #readNode(offset: number, chunk: ResChunkHeader): void {
    switch (chunk.type) {
      case ResChunkType.XML_START_ELEMENT:
        this.#startElement(offset, chunk);
        return;
      case ResChunkType.XML_END_ELEMENT:
        this.#open.pop();
        return;
      case ResChunkType.XML_CDATA:
        this.#addText(offset, chunk);
    }
  }

  #startElement(offset: number, chunk: ResChunkHeader): void {
    this.#checkLimits(offset);
    const element = this.#readStartElement(offset, chunk);
    this.#open.at(-1)?.children.push(element);
    this.#root ??= element;
    this.#open.push(element);
  }

  #checkLimits(offset: number): void {
    const { xmlDepth, xmlElements } = this.#limits;
    if (this.#open.length >= xmlDepth) {
      throw this.#view.error(
        "limit",
        offset,
        "ResXMLTree",
        `elements nest deeper than xmlDepth, ${xmlDepth}`,
      );
    }
    if (++this.#elements > xmlElements) {
      throw this.#view.error("limit", offset, "ResXMLTree", `more elements than xmlElements, ${xmlElements}`);
    }
  }

  /** ResXMLTree_node with ResXMLTree_attrExt. */
  #readStartElement(offset: number, chunk: ResChunkHeader): OpenElement {
    const structure = "ResXMLTree_attrExt";
    const view = this.#view;
    const ext = offset + chunk.headerSize;
    const end = offset + chunk.size;
    if (chunk.headerSize < XML_NODE_SIZE || ext + XML_ATTR_EXT_SIZE > end) {
      throw view.error("bad-value", offset, structure, `headerSize ${chunk.headerSize}, size ${chunk.size}`);
    }
    const firstAttribute = ext + view.u16(ext + 8, structure);
    const attributeSize = view.u16(ext + 10, structure);
    const attributeCount = view.u16(ext + 12, structure);
    // AOSP's validateNode: keeps the attributes of all elements together within the file's size.
    if (firstAttribute + XML_ATTRIBUTE_SIZE * attributeCount > end) {
      throw view.error("bad-offset", offset, structure, `${attributeCount} attributes exceed the chunk`);
    }
    const attributes: XmlAttribute[] = [];
    for (let index = 0; index < attributeCount; index++) {
      const at = firstAttribute + index * attributeSize;
      if (at + XML_ATTRIBUTE_SIZE > end) {
        throw view.error("bad-offset", at, "ResXMLTree_attribute", `attributeSize is ${attributeSize}`);
      }
      attributes.push(this.#readAttribute(at));
    }
    return {
      name: this.#strings.get(view.u32(ext + 4, structure)) ?? "",
      namespace: this.#strings.get(view.u32(ext, structure)),
      attributes,
      children: [],
      text: "",
      line: view.u32(offset + RES_CHUNK_HEADER_SIZE, "ResXMLTree_node"),
    };
  }

  /** ResXMLTree_attribute, whose bounds the caller has checked: most of a document is attributes. */
  #readAttribute(offset: number): XmlAttribute {
    const data = this.#data;
    const nameIndex = data.getUint32(offset + 4, true);
    const resourceId = this.#resourceIdOf(nameIndex);
    return {
      namespace: this.#strings.get(data.getUint32(offset, true)),
      // The name's text may be empty, or say something else than the id: Android reads the id.
      name: findAndroidAttributeName(resourceId) ?? this.#strings.get(nameIndex) ?? "",
      resourceId,
      rawValue: this.#strings.get(data.getUint32(offset + 8, true)),
      typedValue: this.#readResValue(offset + 12),
    };
  }

  #resourceIdOf(nameIndex: number): number | undefined {
    if (this.#resourceMap === undefined || nameIndex >= this.#resourceMap.length >> 2) return undefined;
    return this.#resourceMap.u32(nameIndex * 4, "resourceMap") || undefined;
  }

  /** Res_value, whose bounds the caller has checked. */
  #readResValue(offset: number): ResValue {
    const dataType = this.#view.bytes[offset + 3]!;
    const data = this.#data.getUint32(offset + 4, true);
    return { dataType, data, text: dataType === ResDataType.STRING ? this.#strings.get(data) : undefined };
  }

  #addText(offset: number, chunk: ResChunkHeader): void {
    const open = this.#open.at(-1);
    if (open === undefined) return;
    const text = this.#strings.get(this.#view.u32(offset + chunk.headerSize, "ResXMLTree_cdataExt")) ?? "";
    this.#textLength += text.length;
    // Nodes share strings, so that a small file could otherwise ask for more text than memory holds.
    if (this.#textLength > this.#view.length * TEXT_PER_BYTE) {
      throw this.#view.error(
        "limit",
        offset,
        "ResXMLTree_cdataExt",
        "repeated text makes the document too large",
      );
    }
    open.text += text;
  }
}
