import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteView, Leb128Reader } from "../../src/bytes/index.js";
import { FormatError } from "../../src/diagnostics/index.js";
import { encodeUleb128 } from "../support/dex-builder.js";
import { hex } from "../support/hex.js";

const reader = (bytes: Uint8Array) => new Leb128Reader(new ByteView(bytes, "leb128"), 0);

/** The specification's table: encoded, as sleb128, as uleb128, as uleb128p1; and the edges. */
const table: readonly [encoded: string, signed: number, unsigned: number][] = [
  ["00", 0, 0],
  ["01", 1, 1],
  ["7f", -1, 127],
  ["80 7f", -128, 16256],
  ["3f", 63, 63],
  ["40", -64, 64],
  ["ff 7f", -1, 16383],
  ["80 01", 128, 128],
  ["ff ff 7f", -1, 0x1fffff],
  ["80 80 80 01", 0x200000, 0x200000],
  ["ff ff ff 7f", -1, 0xfffffff],
  ["ff ff ff ff 07", 0x7fffffff, 0x7fffffff],
  ["80 80 80 80 08", -0x80000000, 0x80000000],
  ["ff ff ff ff 0f", -1, 0xffffffff],
  ["80 80 80 80 00", 0, 0],
];

describe("Leb128Reader", () => {
  test.each(table)("%s is %d signed, %d unsigned", (encoded, signed, unsigned) => {
    const bytes = hex(encoded);
    expect(reader(bytes).signed("x")).toBe(signed);
    expect(reader(bytes).unsigned("x")).toBe(unsigned);
    expect(reader(bytes).unsignedPlusOne("x")).toBe(unsigned - 1);
    const after = reader(bytes);
    after.unsigned("x");
    expect(after.offset).toBe(bytes.length);
  });

  test("the fifth byte ends a value, its high bits dropped, as on a device", () => {
    const values = reader(hex("ff ff ff ff ff 05"));
    expect(values.unsigned("x")).toBe(0xffffffff);
    expect(values.unsigned("x")).toBe(5);
  });

  test("a value cut anywhere is truncated, and the reader stays where it was", () => {
    for (const [encoded] of table) {
      const bytes = hex(encoded);
      for (let size = 0; size < bytes.length; size++) {
        const cut = reader(bytes.subarray(0, size));
        expect(() => cut.unsigned("x"), `${encoded} cut to ${size}`).toThrow(FormatError);
        expect(() => cut.signed("x"), `${encoded} cut to ${size}`).toThrow(FormatError);
        expect(cut.offset).toBe(0);
      }
    }
  });

  test("what is encoded is read back, one value after another", () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffffffff }));
    fc.assert(
      fc.property(words, (values) => {
        const bytes = Uint8Array.from(values.flatMap(encodeUleb128));
        const reading = reader(bytes);
        expect(values.map(() => reading.unsigned("x"))).toEqual(values);
        expect(reading.offset).toBe(bytes.length);
      }),
    );
  });

  test("a signed value is read back from its shortest encoding", () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x80000000, max: 0x7fffffff }), (value) => {
        expect(reader(encodeSleb128(value)).signed("x")).toBe(value);
      }),
    );
  });
});

function encodeSleb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return Uint8Array.from([...bytes, rest & 0x7f]);
}
