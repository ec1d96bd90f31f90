import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteView } from "../../src/bytes/index.js";
import { FormatError } from "../../src/diagnostics/index.js";
import { hex } from "../support/hex.js";

const bytes = hex("01 02 03 04 85 06 07 88");

describe("ByteView", () => {
  const view = new ByteView(bytes, "some.bin");

  test("reads little-endian values at any offset", () => {
    expect(view.u8(4, "x")).toBe(0x85);
    expect(view.u16(0, "x")).toBe(0x0201);
    expect(view.u16(3, "x")).toBe(0x8504);
    expect(view.u32(0, "x")).toBe(0x04030201);
    expect(view.u32(4, "x")).toBe(0x88070685);
    expect(view.i32(4, "x")).toBe(0x88070685 | 0);
    expect(new ByteView(hex("00 00 c0 3f"), "f").f32(0, "x")).toBe(1.5);
    expect(new ByteView(hex("01 00 00 00 01 00 00 00"), "q").u64(0, "x")).toBe(2 ** 32 + 1);
  });

  test("a value that begins or ends outside is truncated, with place, structure and both ends", () => {
    expect(() => view.u32(5, "header_item")).toThrow(
      new FormatError(
        "truncated",
        { source: "some.bin", offset: 5, structure: "header_item" },
        "needs 4 bytes, but the file ends at 0x8",
      ),
    );
    for (const offset of [-1, 8, 2 ** 32, Number.NaN])
      expect(() => view.u8(offset, "x"), `${offset}`).toThrow(FormatError);
  });

  test("a 64-bit value beyond 2^53 is no place in a file", () => {
    expect(() => new ByteView(hex("00 00 00 00 00 00 20 00"), "q").u64(0, "x")).toThrow(/beyond any file/);
  });

  test("a window shares bytes and names places in the whole", () => {
    const window = view.view(2, 4, "part");
    expect(window.length).toBe(4);
    expect(window.u8(0, "x")).toBe(3);
    expect(window.bytes.buffer).toBe(bytes.buffer);
    expect(() => window.u16(3, "part")).toThrow("some.bin@0x5 part: needs 2 bytes, but the file ends at 0x6");
    expect(() => view.view(6, 3, "part")).toThrow(FormatError);
  });

  test("need accepts exactly the runs inside", () => {
    const near = fc.integer({ min: -3, max: 12 });
    fc.assert(
      fc.property(near, near, (offset, size) => {
        const inside = offset >= 0 && size >= 0 && offset + size <= 8;
        const check = () => view.need(offset, size, "x");
        if (inside) check();
        else expect(check).toThrow(FormatError);
      }),
    );
  });
});
