import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareMutf8, decodeMutf8, decodeUtf16, encodeMutf8 } from "../../src/bytes/index.js";
import { hex } from "../support/hex.js";

const table: readonly [bytes: string, text: string][] = [
  ["", ""],
  ["61 7f", "a\x7f"],
  ["c0 80", "\0"],
  ["61 c0 80 62", "a\0b"],
  ["c2 80", "\u0080"],
  ["df bf", "\u07ff"],
  ["e0 a0 80", "\u0800"],
  ["ef bf bf", "\uffff"],
  ["ed a0 bd ed b8 80", "\u{1f600}"],
  ["ed a0 bd", "\ud83d"],
];

/** Any UTF-16, lone surrogates and NUL included. */
const utf16 = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe("MUTF-8", () => {
  test.each(table)("%s is %j, both ways", (encoded, text) => {
    const bytes = hex(encoded);
    expect(decodeMutf8(bytes, 0, bytes.length)).toBe(text);
    expect(encodeMutf8(text)).toEqual(bytes);
  });

  test.each([
    ["80", "\ufffd"],
    ["61 c2", "a\ufffd"],
    ["c2 41", "\ufffdA"],
    ["e2 82", "\ufffd\ufffd"],
    ["f0 9f 98 80", "\ufffd\ufffd\ufffd\ufffd"],
    ["ff", "\ufffd"],
  ])("%s fits no pattern and decodes to %j", (encoded, text) => {
    const bytes = hex(encoded);
    expect(decodeMutf8(bytes, 0, bytes.length)).toBe(text);
  });

  test("only the bytes asked for are decoded", () => {
    expect(decodeMutf8(hex("61 62 63 64"), 1, 3)).toBe("bc");
    expect(decodeMutf8(hex("61 c3 a9 64"), 1, 3)).toBe("é");
  });

  test("any UTF-16 text survives the round trip, and holds no NUL byte on the way", () => {
    fc.assert(
      fc.property(utf16, (text) => {
        const bytes = encodeMutf8(text);
        expect(bytes.includes(0)).toBe(false);
        expect(decodeMutf8(bytes, 0, bytes.length)).toBe(text);
      }),
    );
  });

  test("bytes compare as their UTF-16 code units do", () => {
    const terminated = (text: string) => Uint8Array.from([...encodeMutf8(text), 0]);
    fc.assert(
      fc.property(utf16, utf16, utf16, (start, a, b) => {
        const [x, y] = [start + a, start + b];
        const expected = x < y ? -1 : x > y ? 1 : 0;
        expect(Math.sign(compareMutf8(terminated(x), 0, terminated(y), 0))).toBe(expected);
      }),
    );
  });

  test("NUL sorts after the end of a text and before every other character", () => {
    const texts = ["", "\0", "\0a", "\u0001", "A", "A\0", "A\u0001", "\u0080", "\ud83d", "\uffff"];
    for (const [i, a] of texts.entries()) {
      for (const [j, b] of texts.entries()) {
        const order = compareMutf8(encodeMutf8(a), 0, encodeMutf8(b), 0);
        expect(Math.sign(order), `${JSON.stringify(a)} against ${JSON.stringify(b)}`).toBe(Math.sign(i - j));
      }
    }
  });
});

describe("UTF-16", () => {
  test("is decoded from where it lies", () => {
    expect(decodeUtf16(hex("ff 61 00 3d d8 00 de"), 1, 3)).toBe("a\u{1f600}");
  });
});
