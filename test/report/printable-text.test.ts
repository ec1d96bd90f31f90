import { describe, expect, test } from "vitest";
import { displayWidth, ellipsize, takeColumns } from "../../src/report/display-width.js";
import { escapeUnseen, printable } from "../../src/report/printable-text.js";

describe("printable", () => {
  test.each([
    ["plain text", "com.acme.Sdk 1.2", "com.acme.Sdk 1.2"],
    ["accents and other scripts", "Ünïcødé 现代汉语 български", "Ünïcødé 现代汉语 български"],
    ["a colour", "\x1b[31mred", "\\x1b[31mred"],
    ["a C1 control sequence introducer", "\x9b2J", "\\x9b2J"],
    ["line breaks and tabs", "a\r\nb\tc", "a\\r\\nb\\tc"],
    ["a backspace and DEL", "a\bb\x7f", "a\\x08b\\x7f"],
    ["a right-to-left override", "gpj\u202eexe", "gpj\\u{202e}exe"],
    ["an isolate", "\u2066a\u2069", "\\u{2066}a\\u{2069}"],
    ["zero-width characters", "a\u200bb\u200dc\ufeff", "a\\u{200b}b\\u{200d}c\\u{feff}"],
    ["invisible fillers", "\u3164\u00ad", "\\u{3164}\\xad"],
    ["tag characters", "\u{e0041}", "\\u{e0041}"],
    ["a line separator", "a\u2028b", "a\\u{2028}b"],
    ["a space that is none", "a\u00a0b", "a\\xa0b"],
    ["a lone surrogate", "a\ud800", "a\\u{d800}"],
    ["private use", "\ue0b0", "\\u{e0b0}"],
    ["a pile of combining marks", "e\u0301\u0302\u0303", "e\u0301\u0302\\u{303}"],
  ])("%s", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test("no code point that a terminal obeys or that shows as nothing gets through", () => {
    const all = Array.from({ length: 0x30000 }, (_, codePoint) => String.fromCodePoint(codePoint)).join("a");
    expect(printable(all, 1e7)).not.toMatch(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
    );
  });

  test("long text is cut and says so, however much of it there is", () => {
    expect(printable("abcdef", 4)).toBe("abc…");
    expect(printable("abcd", 4)).toBe("abcd");
    expect(printable("\x1b".repeat(50_000_000), 100)).toHaveLength(100);
    expect(printable("😀😀😀", 2)).toBe("😀…");
  });
});

test("escapeUnseen leaves the form of the escape to the caller", () => {
  expect(escapeUnseen("a\u202eb", (codePoint) => `&#${codePoint};`)).toBe("a&#8238;b");
});

describe("displayWidth", () => {
  test.each([
    ["", 0],
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 1],
    ["汉语", 4],
    ["한", 2],
    ["😀", 2],
    ["…·", 2],
  ])("%j takes %i columns", (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  test("cuts between characters, never within the width's reach", () => {
    expect(takeColumns("汉语", 3)).toBe("汉");
    expect(ellipsize("汉语字", 4)).toBe("汉…");
    expect(ellipsize("abc", 3)).toBe("abc");
    expect(ellipsize("abcd", 3)).toBe("ab…");
    expect(ellipsize("abcd", 0)).toBe("");
  });
});
