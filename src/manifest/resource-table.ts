import { ByteView } from "../bytes/index.js";
import {
  type Diagnostics,
  diagnoseUnread,
  FormatError,
  type Limits,
  readOrDiagnose,
} from "../diagnostics/index.js";
import { ResChunkType, readResChunkHeader } from "./res-chunk.js";
import { formatResourceId, isReference, ResDataType, type ResValue } from "./res-value.js";
import { ResourcePackage } from "./resource-package.js";
import { StringPool } from "./string-pool.js";

/** What a resource id stands for. */
export interface ResolvedResource {
  /** The last id on the way: the one whose value this is. */
  readonly id: number;
  /** Never a reference. */
  readonly value: ResValue;
}

/**
 * The resources of an app (`resources.arsc`), each decoded when asked for.
 *
 * A device picks the value that fits its configuration; here it is the value of the default
 * configuration, else the first one that the file holds. A bag (style, array, plural) has no value.
 */
export interface ResourceTable {
  /** Ids and names of the packages, in the file's order. */
  readonly packages: readonly { readonly id: number; readonly name: string }[];
  /**
   * The value of a resource, references followed up to `Limits.resourceReferences`; `undefined` for
   * a bag, for what the table does not hold (the framework's resources, those of another split) and
   * for what it holds spoilt, of which a diagnostic tells.
   */
  resolve(id: number): ResolvedResource | undefined;
  /** `type/entry`, as in `string/app_name`; `undefined` where the table has no name for the id. */
  findName(id: number): string | undefined;
}

/**
 * Indexes the chunks of a resource table; no entry and no string is decoded before it is asked for.
 *
 * Throws FormatError if `bytes` are no resource table at all. A spoilt package or chunk is an
 * `unread` diagnostic and costs the resources it holds. Limits: `stringPoolStrings`,
 * `resourceReferences`. Overlays (`overlayable` chunks, runtime overlays) are not applied.
 */
export function readResourceTable(
  bytes: Uint8Array,
  source: string,
  limits: Limits,
  diagnostics: Diagnostics,
): ResourceTable {
  const whole = new ByteView(bytes, source);
  const structure = "ResTable_header";
  const { type, headerSize, size } = readResChunkHeader(whole, 0, structure, 12);
  if (type !== ResChunkType.TABLE) {
    throw whole.error("bad-magic", 0, structure, `type is 0x${type.toString(16)}, expected 0x2`);
  }
  const view = whole.view(0, size, structure);
  const packages: ResourcePackage[] = [];
  let strings: StringPool | undefined;
  readOrDiagnose(diagnostics, () => {
    for (let offset = headerSize; offset < view.length; ) {
      const chunk = readResChunkHeader(view, offset, "ResChunk_header");
      const content = view.view(offset, chunk.size, "ResChunk_header");
      if (chunk.type === ResChunkType.STRING_POOL) {
        // AOSP's LoadedArsc: the first pool counts, others are ignored.
        strings ??= readOrDiagnose(diagnostics, () => new StringPool(content, limits));
      } else if (chunk.type === ResChunkType.TABLE_PACKAGE) {
        const read = () => new ResourcePackage(content, limits, diagnostics);
        const resourcePackage = readOrDiagnose(diagnostics, read);
        if (resourcePackage !== undefined) packages.push(resourcePackage);
      }
      offset += chunk.size;
    }
  });
  return new LazyResourceTable(source, packages, strings, limits, diagnostics);
}

class LazyResourceTable implements ResourceTable {
  readonly #source: string;
  readonly packages: readonly ResourcePackage[];
  readonly #strings: StringPool | undefined;
  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #values = new Map<number, ResValue | undefined>();
  readonly #names = new Map<number, string | undefined>();
  #reported = false;

  constructor(
    source: string,
    packages: readonly ResourcePackage[],
    strings: StringPool | undefined,
    limits: Limits,
    diagnostics: Diagnostics,
  ) {
    this.#source = source;
    this.packages = packages;
    this.#strings = strings;
    this.#limits = limits;
    this.#diagnostics = diagnostics;
  }

  resolve(id: number): ResolvedResource | undefined {
    let current = id;
    for (let followed = 0; followed <= this.#limits.resourceReferences; followed++) {
      const value = this.#findValue(current);
      if (value === undefined || value.dataType === ResDataType.NULL) return undefined;
      if (!isReference(value)) return { id: current, value };
      if (value.data === 0) return undefined;
      current = value.data;
    }
    const { resourceReferences } = this.#limits;
    const place = { source: this.#source, structure: `resource ${formatResourceId(id)}` };
    const problem = `refers on and on, more than resourceReferences, ${resourceReferences}`;
    this.#report(new FormatError("limit", place, problem));
    return undefined;
  }

  findName(id: number): string | undefined {
    if (this.#names.has(id)) return this.#names.get(id);
    const name = this.#inPackages(id, (resourcePackage) => resourcePackage.findName(id));
    this.#names.set(id, name);
    return name;
  }

  #findValue(id: number): ResValue | undefined {
    if (this.#values.has(id)) return this.#values.get(id);
    const value = this.#readValue(id);
    this.#values.set(id, value);
    return value;
  }

  #readValue(id: number): ResValue | undefined {
    const found = this.#inPackages(id, (resourcePackage) => resourcePackage.findValue(id));
    if (found === undefined) return undefined;
    const text = found.dataType === ResDataType.STRING ? this.#strings?.get(found.data) : undefined;
    return { ...found, text };
  }

  /** Several packages of one id form a group on a device: whichever holds the entry gives it. */
  #inPackages<T>(id: number, find: (resourcePackage: ResourcePackage) => T | undefined): T | undefined {
    for (const resourcePackage of this.packages) {
      // A shared library's package has the id 0 until it is loaded, and is addressed so by itself.
      if (resourcePackage.id !== id >>> 24) continue;
      try {
        const found = find(resourcePackage);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.#report(error);
      }
    }
    return undefined;
  }

  /** The first spoilt entry speaks for the table: a hostile one could have as many as it has ids. */
  #report(error: FormatError): void {
    if (!this.#reported) this.#diagnostics.push(diagnoseUnread(error));
    this.#reported = true;
  }
}
