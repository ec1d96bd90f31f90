import { type ByteView, decodeUtf16 } from "../bytes/index.js";
import { type Diagnostics, type Limits, readOrDiagnose } from "../diagnostics/index.js";
import { ResChunkType, readResChunkHeader } from "./res-chunk.js";
import { StringPool } from "./string-pool.js";

const PACKAGE_NAME_UNITS = 128;
/** `ResTable_package` without typeIdOffset, which older compilers did not write. */
const MIN_PACKAGE_SIZE = 284;
/** `ResTable_type` up to its configuration's size. */
const MIN_TYPE_SIZE = 24;
const CONFIG_OFFSET = 20;

const FLAG_SPARSE = 0x01;
const FLAG_OFFSET16 = 0x02;
const ENTRY_FLAG_COMPLEX = 0x0001;
const ENTRY_FLAG_COMPACT = 0x0008;
const NO_ENTRY = 0xffffffff;
const NO_ENTRY_16 = 0xffff;

/** `ResTable_type`: the entries of one resource type in one configuration. */
interface TypeChunk {
  /** Exactly the chunk. */
  readonly view: ByteView;
  readonly headerSize: number;
  readonly flags: number;
  readonly entryCount: number;
  readonly entriesStart: number;
  /** Whether this is the default configuration, the one without any qualifier. */
  readonly isDefault: boolean;
}

/** `Res_value` whose string, if it is one, was not looked up. */
interface RawResValue {
  readonly dataType: number;
  readonly data: number;
}

/** `ResTable_package`: the resources of one package id, indexed by type. */
export class ResourcePackage {
  readonly id: number;
  readonly name: string;
  readonly #view: ByteView;
  readonly #limits: Limits;
  readonly #typeIdOffset: number;
  /** By type id as in resource ids, default configurations first, else in the file's order. */
  readonly #types = new Map<number, TypeChunk[]>();
  readonly #stagedAliases = new Map<number, number>();
  readonly #pools = new Map<number, StringPool>();

  /**
   * @param view Exactly the package's chunk. Throws FormatError if its header is spoilt; a spoilt
   *   chunk inside is a diagnostic.
   */
  constructor(view: ByteView, limits: Limits, diagnostics: Diagnostics) {
    const structure = "ResTable_package";
    const { headerSize } = readResChunkHeader(view, 0, structure, MIN_PACKAGE_SIZE);
    this.#view = view;
    this.#limits = limits;
    this.id = view.u32(8, structure);
    this.name = decodeUtf16(view.bytes, 12, PACKAGE_NAME_UNITS).split("\0", 1)[0]!;
    this.#typeIdOffset = headerSize > MIN_PACKAGE_SIZE ? view.u32(284, structure) : 0;
    readOrDiagnose(diagnostics, () => this.#index(headerSize, diagnostics));
    for (const [type, chunks] of this.#types) {
      if (chunks.some((chunk) => chunk.isDefault)) {
        this.#types.set(type, [...chunks.filter((c) => c.isDefault), ...chunks.filter((c) => !c.isDefault)]);
      }
    }
  }

  /** The value of an entry; `undefined` for a bag and for an entry that is not there. */
  findValue(id: number): RawResValue | undefined {
    const entry = this.#findEntry(id);
    if (entry === undefined) return undefined;
    const { view, offset, flags } = entry;
    if ((flags & ENTRY_FLAG_COMPACT) !== 0) {
      return { dataType: flags >> 8, data: view.u32(offset + 4, "ResTable_entry") };
    }
    if ((flags & ENTRY_FLAG_COMPLEX) !== 0) return undefined;
    const valueAt = offset + view.u16(offset, "ResTable_entry");
    return { dataType: view.u8(valueAt + 3, "Res_value"), data: view.u32(valueAt + 4, "Res_value") };
  }

  /** `type/entry`; `undefined` where the entry is not there or its name cannot be read. */
  findName(id: number): string | undefined {
    const entry = this.#findEntry(id);
    if (entry === undefined) return undefined;
    const { view, offset, flags } = entry;
    const compact = (flags & ENTRY_FLAG_COMPACT) !== 0;
    const key = compact ? view.u16(offset, "ResTable_entry") : view.u32(offset + 4, "ResTable_entry");
    const type = this.#poolAt(268).get(((id >>> 16) & 0xff) - this.#typeIdOffset - 1);
    const name = this.#poolAt(276).get(key);
    return type === undefined || name === undefined ? undefined : `${type}/${name}`;
  }

  #index(start: number, diagnostics: Diagnostics): void {
    for (let offset = start; offset < this.#view.length; ) {
      const chunk = readResChunkHeader(this.#view, offset, "ResChunk_header");
      const content = this.#view.view(offset, chunk.size, "ResChunk_header");
      if (chunk.type === ResChunkType.TABLE_TYPE) {
        readOrDiagnose(diagnostics, () => this.#addType(content, chunk.headerSize));
      } else if (chunk.type === ResChunkType.TABLE_STAGED_ALIAS) {
        readOrDiagnose(diagnostics, () => this.#addStagedAliases(content, chunk.headerSize));
      }
      offset += chunk.size;
    }
  }

  #addType(view: ByteView, headerSize: number): void {
    const structure = "ResTable_type";
    view.need(0, MIN_TYPE_SIZE, structure);
    const flags = view.u8(9, structure);
    const entryCount = view.u32(12, structure);
    const entriesStart = view.u32(16, structure);
    view.need(headerSize, entryCount * ((flags & FLAG_OFFSET16) !== 0 ? 2 : 4), "ResTable_type offsets");
    const configSize = Math.min(view.u32(CONFIG_OFFSET, "ResTable_config"), headerSize - CONFIG_OFFSET);
    const config = view.bytes.subarray(CONFIG_OFFSET + 4, CONFIG_OFFSET + Math.max(configSize, 4));
    const isDefault = config.every((byte) => byte === 0);
    const typeId = view.u8(8, structure) + this.#typeIdOffset;
    const chunks = this.#types.get(typeId);
    const chunk = { view, headerSize, flags, entryCount, entriesStart, isDefault };
    if (chunks === undefined) this.#types.set(typeId, [chunk]);
    else chunks.push(chunk);
  }

  /** ResTable_staged_alias_header: ids of a platform in the making, and what became of them. */
  #addStagedAliases(view: ByteView, headerSize: number): void {
    const count = view.u32(8, "ResTable_staged_alias_header");
    view.need(headerSize, count * 8, "ResTable_staged_alias_entry");
    for (let index = 0; index < count; index++) {
      const at = headerSize + index * 8;
      const staged = view.u32(at, "ResTable_staged_alias_entry");
      this.#stagedAliases.set(staged, view.u32(at + 4, "ResTable_staged_alias_entry"));
    }
  }

  #findEntry(id: number): { view: ByteView; offset: number; flags: number } | undefined {
    const finalId = this.#stagedAliases.get(id) ?? id;
    for (const chunk of this.#types.get((finalId >>> 16) & 0xff) ?? []) {
      const relative = findEntryOffset(chunk, finalId & 0xffff);
      if (relative === undefined) continue;
      const offset = chunk.entriesStart + relative;
      chunk.view.need(offset, 8, "ResTable_entry");
      return { view: chunk.view, offset, flags: chunk.view.u16(offset + 2, "ResTable_entry") };
    }
    return undefined;
  }

  /** The string pool to which a field of the header points. */
  #poolAt(field: number): StringPool {
    const offset = this.#view.u32(field, "ResTable_package");
    const known = this.#pools.get(offset);
    if (known !== undefined) return known;
    const { size } = readResChunkHeader(this.#view, offset, "ResStringPool_header");
    const pool = new StringPool(this.#view.view(offset, size, "ResStringPool_header"), this.#limits);
    this.#pools.set(offset, pool);
    return pool;
  }
}

/** Offset of an entry from entriesStart; `undefined` where this configuration has none. */
function findEntryOffset(chunk: TypeChunk, entry: number): number | undefined {
  const { view, headerSize, flags, entryCount } = chunk;
  const structure = "ResTable_type offsets";
  if ((flags & FLAG_SPARSE) !== 0) return findSparseEntryOffset(chunk, entry);
  if (entry >= entryCount) return undefined;
  if ((flags & FLAG_OFFSET16) !== 0) {
    const offset = view.u16(headerSize + entry * 2, structure);
    return offset === NO_ENTRY_16 ? undefined : offset * 4;
  }
  const offset = view.u32(headerSize + entry * 4, structure);
  return offset === NO_ENTRY ? undefined : offset;
}

/** ResTable_sparseTypeEntry, sorted by index. */
function findSparseEntryOffset(chunk: TypeChunk, entry: number): number | undefined {
  const structure = "ResTable_sparseTypeEntry";
  let low = 0;
  let high = chunk.entryCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = chunk.headerSize + middle * 4;
    const index = chunk.view.u16(at, structure);
    if (index === entry) return chunk.view.u16(at + 2, structure) * 4;
    if (index < entry) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
