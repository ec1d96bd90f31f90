import type { CodeItem } from "./code-item.js";
import type { DexFile } from "./dex-file.js";

/** First code unit of a packed-switch-payload; its low byte is `nop`. */
export const PACKED_SWITCH_IDENT = 0x0100;
/** First code unit of a sparse-switch-payload. */
export const SPARSE_SWITCH_IDENT = 0x0200;
/** First code unit of a fill-array-data-payload. */
export const ARRAY_DATA_IDENT = 0x0300;

/**
 * Size in 16-bit code units of the payload at index `at` of `units`, 0 where none begins there.
 *
 * For a walk over instructions that meets opcode 0: what is no payload is a `nop` of one unit. The
 * size is what the payload says; it may reach past the end of the method.
 */
export function payloadUnits(units: Uint16Array, at: number): number {
  switch (units[at]) {
    case PACKED_SWITCH_IDENT:
      return 4 + (units[at + 1] ?? 0) * 2;
    case SPARSE_SWITCH_IDENT:
      return 2 + (units[at + 1] ?? 0) * 4;
    case ARRAY_DATA_IDENT: {
      const size = (units[at + 2] ?? 0) + (units[at + 3] ?? 0) * 0x1_0000;
      return 4 + Math.ceil(((units[at + 1] ?? 0) * size) / 2);
    }
    default:
      return 0;
  }
}

/** One case of a switch. */
export interface SwitchCase {
  readonly key: number;
  /** Code unit where the case goes on. */
  readonly target: number;
}

/**
 * Reads the packed- or sparse-switch-payload at `payload`, a code unit of the method, for the switch
 * instruction at `switchUnit`, which the targets count from.
 */
export function readSwitchPayload(
  dex: DexFile,
  item: CodeItem,
  switchUnit: number,
  payload: number,
): SwitchCase[] {
  const at = payloadOffset(dex, item, payload);
  const { view } = dex;
  const ident = view.u16(at, "switch-payload");
  const size = view.u16(at + 2, "switch-payload");
  const cases: SwitchCase[] = [];
  if (ident === PACKED_SWITCH_IDENT) {
    const firstKey = view.i32(at + 4, "packed-switch-payload");
    for (let i = 0; i < size; i++) {
      const target = switchUnit + view.i32(at + 8 + i * 4, "packed-switch-payload");
      cases.push({ key: (firstKey + i) | 0, target });
    }
  } else if (ident === SPARSE_SWITCH_IDENT) {
    for (let i = 0; i < size; i++) {
      const key = view.i32(at + 4 + i * 4, "sparse-switch-payload");
      const target = switchUnit + view.i32(at + 4 + (size + i) * 4, "sparse-switch-payload");
      cases.push({ key, target });
    }
  } else throw view.error("bad-value", at, "switch-payload", `ident 0x${ident.toString(16)} is no switch's`);
  const outside = cases.find(({ target }) => target < 0 || target >= item.insnsSize);
  if (outside === undefined) return cases;
  throw view.error("bad-offset", at, "switch-payload", `target ${outside.target} is outside the method`);
}

/** fill-array-data-payload: the elements of an array, as bytes of the file. */
export interface ArrayPayload {
  /** In bytes. */
  readonly elementWidth: number;
  /** Elements. */
  readonly size: number;
  /** Little-endian elements, not copied. */
  readonly data: Uint8Array;
}

/** Reads the fill-array-data-payload at `payload`, a code unit of the method. */
export function readArrayPayload(dex: DexFile, item: CodeItem, payload: number): ArrayPayload {
  const at = payloadOffset(dex, item, payload);
  const { view } = dex;
  const ident = view.u16(at, "fill-array-data-payload");
  if (ident !== ARRAY_DATA_IDENT) {
    throw view.error(
      "bad-value",
      at,
      "fill-array-data-payload",
      `ident 0x${ident.toString(16)} is not 0x300`,
    );
  }
  const elementWidth = view.u16(at + 2, "fill-array-data-payload");
  const size = view.u32(at + 4, "fill-array-data-payload");
  const data = dex.bytes.subarray(at + 8, at + 8 + elementWidth * size);
  return { elementWidth, size, data };
}

/** Byte offset of a payload that lies in the method as a whole. */
function payloadOffset(dex: DexFile, item: CodeItem, payload: number): number {
  const inside = payload >= 0 && payload < item.insnsSize;
  const at = item.insnsOff + payload * 2;
  const units = inside ? payloadUnits(dex.codeUnits, at / 2) : 0;
  if (units > 0 && payload + units <= item.insnsSize) return at;
  throw dex.view.error(
    "bad-offset",
    item.codeOff,
    "code_item insns",
    `no payload lies at code unit ${payload}`,
  );
}
