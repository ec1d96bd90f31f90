import { createHash } from "node:crypto";
import { encodeMutf8 } from "../../src/bytes/index.js";

/** A method for {@link buildDex} to define, or to refer to. */
export interface MethodSpec {
  readonly name: string;
  readonly parameters?: readonly string[];
  /** `V` unless said. */
  readonly returns?: string;
  /** Public static unless said. */
  readonly accessFlags?: number;
  /** Listed among the virtual methods; else among the direct ones. */
  readonly isVirtual?: boolean;
  /** 16-bit code units; a method without is abstract. */
  readonly code?: (ids: Ids) => readonly number[];
}

export interface ClassSpec {
  readonly descriptor: string;
  /** `Ljava/lang/Object;` unless said. */
  readonly superclass?: string;
  readonly interfaces?: readonly string[];
  readonly methods?: readonly MethodSpec[];
}

/** One DEX file; what its code names beyond its own members it lists. */
export interface DexSpec {
  readonly classes: readonly ClassSpec[];
  readonly strings?: readonly string[];
  readonly refs?: readonly { readonly owner: string; readonly method: MethodSpec }[];
}

/** Where things ended up, for code to name them. */
export interface Ids {
  string(text: string): number;
  type(descriptor: string): number;
  method(owner: string, name: string): number;
}

/** A finished DEX file or container; `offsets` says where a structure begins, for a test to break it. */
export interface BuiltDex {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `header`, `string_ids`, `class_def Lt/A;`, `class_data Lt/A;`, `code Lt/A;->m`, `map`; from the second member of a container on with `1 ` and so on before it. */
  readonly offsets: ReadonlyMap<string, number>;
}

const PUBLIC_STATIC = 0x0009;
const NO_INDEX = 0xffff_ffff;

/**
 * Builds a DEX file of one version, or from 41 on a container of several, whose string_data_items all
 * lie in the first. Valid: dexdump and ART take what comes out, and a test then breaks one thing.
 */
export function buildDex(specs: readonly DexSpec[], version = 35): BuiltDex {
  const out = new Writer();
  const offsets = new Map<string, number>();
  const headers: { at: number; end: number }[] = [];
  const members = specs.map((spec) => new MemberIds(spec));
  const stringData = new Map<string, number>();
  for (const [index, member] of members.entries()) {
    const prefix = index === 0 ? "" : `${index} `;
    const at = out.size;
    // Strings of the whole container go into the first member, so that the others share them.
    const texts = index === 0 ? members.flatMap(({ strings }) => strings) : [];
    writeMember(
      out,
      member,
      version,
      at,
      (name, offset) => offsets.set(prefix + name, offset),
      stringData,
      texts,
    );
    headers.push({ at, end: out.size });
  }
  for (const { at, end } of headers) {
    out.setU32(at + 0x20, end - at);
    if (version >= 41) out.setU32(at + 0x70, out.size);
  }
  const bytes = out.finish();
  for (const { at, end } of headers) sign(bytes, at, end);
  return { bytes, offsets };
}

/** Signs a file anew after a change, so that dexdump takes it. */
export function sign(bytes: Uint8Array, at = 0, end = bytes.length): void {
  const sha1 = createHash("sha1")
    .update(bytes.subarray(at + 0x20, end))
    .digest();
  bytes.set(sha1, at + 0x0c);
  let a = 1;
  let b = 0;
  for (let i = at + 0x0c; i < end; i++) {
    a = (a + bytes[i]!) % 65521;
    b = (b + a) % 65521;
  }
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 8, ((b << 16) | a) >>> 0, true);
}

interface Proto {
  readonly shorty: string;
  readonly returns: string;
  readonly parameters: readonly string[];
}

/** The sorted id lists of one member. */
class MemberIds implements Ids {
  readonly spec: DexSpec;
  readonly strings: string[];
  readonly types: string[];
  readonly protos: Proto[];
  readonly methods: { owner: string; name: string; proto: number }[];
  // Tests build files of many thousand classes.
  readonly #stringIdx: ReadonlyMap<string, number>;
  readonly #typeIdx: ReadonlyMap<string, number>;
  readonly #protoIdx: ReadonlyMap<string, number>;
  readonly #methodIdx: ReadonlyMap<string, number>;
  readonly #overloadIdx: ReadonlyMap<string, number>;

  constructor(spec: DexSpec) {
    this.spec = spec;
    const members = [
      ...spec.classes.flatMap(({ descriptor: owner, methods = [] }) =>
        methods.map((method) => ({ owner, method })),
      ),
      ...(spec.refs ?? []),
    ];
    const protos = unique(
      members.map(({ method }) => protoOf(method)),
      (proto) => JSON.stringify(proto),
    );
    const classTypes = spec.classes.flatMap((c) => [
      c.descriptor,
      c.superclass ?? "Ljava/lang/Object;",
      ...(c.interfaces ?? []),
    ]);
    const protoTypes = protos.flatMap(({ returns, parameters }) => [returns, ...parameters]);
    this.types = sortTexts([...classTypes, ...protoTypes, ...members.map(({ owner }) => owner)]);
    this.strings = sortTexts([
      ...this.types,
      ...protos.map(({ shorty }) => shorty),
      ...members.map(({ method }) => method.name),
      ...(spec.strings ?? []),
    ]);
    this.#typeIdx = indexBy(this.types, (type) => type);
    this.#stringIdx = indexBy(this.strings, (text) => text);
    const protoKey = (proto: Proto) => [proto.returns, ...proto.parameters].map((type) => this.type(type));
    this.protos = protos.sort((a, b) => compareLists(protoKey(a), protoKey(b)));
    this.#protoIdx = indexBy(this.protos, (proto) => JSON.stringify(proto));
    const methods = members.map(({ owner, method }) => ({
      owner,
      name: method.name,
      proto: this.#proto(method),
    }));
    const methodKey = (m: { owner: string; name: string; proto: number }) => [
      this.type(m.owner),
      this.string(m.name),
      m.proto,
    ];
    this.methods = unique(methods, (m) => JSON.stringify(m)).sort((a, b) =>
      compareLists(methodKey(a), methodKey(b)),
    );
    this.#methodIdx = indexBy(this.methods, ({ owner, name }) => `${owner}->${name}`);
    this.#overloadIdx = indexBy(this.methods, ({ owner, name, proto }) => `${owner}->${name} ${proto}`);
  }

  string(text: string): number {
    return found(this.#stringIdx.get(text), text);
  }

  type(descriptor: string): number {
    return found(this.#typeIdx.get(descriptor), descriptor);
  }

  /** Of overloads the first. */
  method(owner: string, name: string): number {
    return found(this.#methodIdx.get(`${owner}->${name}`), name);
  }

  overload(owner: string, method: MethodSpec): number {
    return found(this.#overloadIdx.get(`${owner}->${method.name} ${this.#proto(method)}`), method.name);
  }

  #proto(method: MethodSpec): number {
    const wanted = JSON.stringify(protoOf(method));
    return found(this.#protoIdx.get(wanted), wanted);
  }
}

/** Where each item of a list is; of those with one key, the first. */
function indexBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  return new Map(items.map((item, index): [string, number] => [key(item), index]).reverse());
}

function protoOf({ parameters = [], returns = "V" }: MethodSpec): Proto {
  const short = (type: string) => (type.length > 1 ? "L" : type);
  return { shorty: [returns, ...parameters].map(short).join(""), returns, parameters };
}

type Note = (name: string, offset: number) => void;

function writeMember(
  out: Writer,
  ids: MemberIds,
  version: number,
  at: number,
  note: Note,
  stringData: Map<string, number>,
  texts: readonly string[],
): void {
  const { spec } = ids;
  const sections: { type: number; size: number; offset: number }[] = [{ type: 0, size: 1, offset: at }];
  const section = (type: number, name: string, size: number, headerField?: number) => {
    out.align(4);
    const offset = size === 0 ? 0 : out.size;
    if (headerField !== undefined) {
      out.setU32(at + headerField, size);
      out.setU32(at + headerField + 4, offset);
    }
    if (size > 0) sections.push({ type, size, offset });
    note(name, out.size);
  };
  note("header", at);
  writeHeader(out, version, at);
  section(1, "string_ids", ids.strings.length, 0x38);
  const stringIdsAt = out.size;
  for (const _ of ids.strings) out.u32(0);
  section(2, "type_ids", ids.types.length, 0x40);
  for (const type of ids.types) out.u32(ids.string(type));
  section(3, "proto_ids", ids.protos.length, 0x48);
  const protosAt = out.size;
  for (const proto of ids.protos) out.u32(ids.string(proto.shorty), ids.type(proto.returns), 0);
  out.setU32(at + 0x50, 0);
  section(5, "method_ids", ids.methods.length, 0x58);
  for (const { owner, name, proto } of ids.methods) {
    out.u16(ids.type(owner), proto);
    out.u32(ids.string(name));
  }
  section(6, "class_defs", spec.classes.length, 0x60);
  const defsAt = out.size;
  for (const { descriptor, superclass = "Ljava/lang/Object;" } of spec.classes) {
    note(`class_def ${descriptor}`, out.size);
    out.u32(ids.type(descriptor), 1, ids.type(superclass), 0, NO_INDEX, 0, 0, 0);
  }
  const dataAt = out.size;

  const codes = new Map<string, number>();
  const withCode = spec.classes.flatMap((c) =>
    (c.methods ?? []).filter((m) => m.code).map((method) => ({ c, method })),
  );
  section(0x2001, "code", withCode.length);
  for (const { c, method } of withCode) {
    out.align(4);
    const name = `${c.descriptor}->${method.name}`;
    note(`code ${name}`, out.size);
    codes.set(name, out.size);
    const insns = method.code!(ids);
    const ins = (method.parameters ?? []).length;
    out.u16(ins + 4, ins, 4, 0);
    out.u32(0, insns.length);
    out.u16(...insns);
  }

  const lists = [
    ...ids.protos.map(({ parameters }, i) => ({ types: parameters, field: protosAt + i * 12 + 8 })),
    ...spec.classes.map(({ interfaces = [] }, i) => ({ types: interfaces, field: defsAt + i * 32 + 12 })),
  ].filter(({ types }) => types.length > 0);
  section(0x1001, "type_lists", lists.length);
  for (const { types, field } of lists) {
    out.align(4);
    out.setU32(field, out.size);
    out.u32(types.length);
    out.u16(...types.map((type) => ids.type(type)));
  }

  section(0x2002, "string_data", unique(texts, (text) => text).length);
  for (const text of unique(texts, (text) => text)) {
    stringData.set(text, out.size);
    out.uleb(text.length);
    out.bytes(encodeMutf8(text));
    out.bytes([0]);
  }
  for (const [i, text] of ids.strings.entries()) out.setU32(stringIdsAt + i * 4, stringData.get(text)!);

  const defined = spec.classes.filter(({ methods = [] }) => methods.length > 0);
  if (defined.length > 0) sections.push({ type: 0x2000, size: defined.length, offset: out.size });
  for (const [index, c] of spec.classes.entries()) {
    if (!c.methods?.length) continue;
    note(`class_data ${c.descriptor}`, out.size);
    out.setU32(defsAt + index * 32 + 24, out.size);
    writeClassData(out, ids, c, codes);
  }

  out.align(4);
  note("map", out.size);
  sections.push({ type: 0x1000, size: 1, offset: out.size });
  out.setU32(at + 0x34, out.size);
  out.u32(sections.length);
  for (const { type, size, offset } of sections) {
    out.u16(type, 0);
    out.u32(size, offset);
  }
  if (version < 41) {
    out.setU32(at + 0x68, out.size - dataAt);
    out.setU32(at + 0x6c, dataAt);
  }
}

function writeHeader(out: Writer, version: number, at: number): void {
  out.bytes(Buffer.from(`dex\n0${version}\0`, "latin1"));
  while (out.size < at + 0x70) out.bytes([0]);
  out.setU32(at + 0x24, version < 41 ? 0x70 : 0x78);
  out.setU32(at + 0x28, 0x12345678);
  if (version >= 41) out.u32(0, at);
}

function writeClassData(
  out: Writer,
  ids: MemberIds,
  { descriptor, methods = [] }: ClassSpec,
  codes: Map<string, number>,
): void {
  const sorted = methods
    .map((method) => ({ method, idx: ids.overload(descriptor, method) }))
    .sort((a, b) => a.idx - b.idx);
  out.uleb(0);
  out.uleb(0);
  const lists = [false, true].map((isVirtual) =>
    sorted.filter(({ method }) => (method.isVirtual ?? false) === isVirtual),
  );
  for (const list of lists) out.uleb(list.length);
  for (const list of lists) {
    let previous = 0;
    for (const { method, idx } of list) {
      out.uleb(idx - previous);
      out.uleb(method.accessFlags ?? PUBLIC_STATIC);
      out.uleb(codes.get(`${descriptor}->${method.name}`) ?? 0);
      previous = idx;
    }
  }
}

/** UTF-16 code units decide, as they do for `<`. */
function sortTexts(texts: readonly string[]): string[] {
  return unique(texts, (text) => text).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}

function found(index: number | undefined, what: string): number {
  if (index === undefined) throw new Error(`the DEX file does not list ${what}`);
  return index;
}

/** Little-endian bytes, growing. */
class Writer {
  #bytes: number[] = [];

  get size(): number {
    return this.#bytes.length;
  }

  bytes(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  u16(...values: number[]): void {
    for (const value of values) this.#bytes.push(value & 0xff, (value >> 8) & 0xff);
  }

  u32(...values: number[]): void {
    for (const value of values) this.u16(value & 0xffff, value >>> 16);
  }

  uleb(value: number): void {
    this.bytes(encodeUleb128(value));
  }

  setU32(offset: number, value: number): void {
    for (let i = 0; i < 4; i++) this.#bytes[offset + i] = (value >>> (i * 8)) & 0xff;
  }

  align(size: number): void {
    while (this.#bytes.length % size !== 0) this.#bytes.push(0);
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.align(4);
    return Uint8Array.from(this.#bytes);
  }
}

/** `value` as uleb128, in as few bytes as it takes. */
export function encodeUleb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
