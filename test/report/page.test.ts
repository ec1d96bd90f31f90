import { describe, expect, test } from "vitest";
import { displayWidth } from "../../src/report/display-width.js";
import { Page } from "../../src/report/page.js";

function pageOf(width: number, draw: (page: Page) => void, color = false): string[] {
  const page = new Page(width, color);
  draw(page);
  return page.text().split("\n").slice(0, -1);
}

describe("paragraph", () => {
  test("wraps at spaces, with a margin of its own for the lines that follow", () => {
    const lines = pageOf(12, (page) => page.paragraph([{ text: "one two three four" }], 1, 3));
    expect(lines).toEqual([" one two", "   three", "   four"]);
  });

  test("breaks what is longer than a line anywhere", () => {
    expect(pageOf(6, (page) => page.paragraph([{ text: "ab abcdefghij" }], 0, 2))).toEqual([
      "ab",
      "  abcd",
      "  efgh",
      "  ij",
    ]);
  });

  test("counts a wide character twice", () => {
    expect(pageOf(5, (page) => page.paragraph([{ text: "汉语字汉" }]))).toEqual(["汉语", "字汉"]);
  });

  test("does not break where one span touches the next", () => {
    expect(pageOf(8, (page) => page.paragraph([{ text: "abcd ef" }, { text: "gh" }]))).toEqual([
      "abcd",
      "efgh",
    ]);
  });

  test("nothing gives no line", () => {
    expect(pageOf(8, (page) => page.paragraph([{ text: "" }]))).toEqual([]);
  });

  test("ends, and stays on the page, whatever the margin", () => {
    const lines = pageOf(10, (page) => page.paragraph([{ text: "汉语 abc" }], 9, 9));
    expect(lines.join("").replaceAll(" ", "")).toBe("汉语abc");
  });
});

describe("field", () => {
  test("a label has a column of its own", () => {
    expect(pageOf(20, (page) => page.field([{ text: "ab" }], [{ text: "one two three" }], 8))).toEqual([
      "  ab    one two",
      "        three",
    ]);
  });

  test("a label too long for it pushes the text on, or above it", () => {
    const pushed = pageOf(30, (page) => page.field([{ text: "abcdefgh" }], [{ text: "one two" }], 8));
    expect(pushed).toEqual(["  abcdefgh  one two"]);
    const above = pageOf(20, (page) => page.field([{ text: "abcdefghijklmn" }], [{ text: "one two" }], 8));
    expect(above).toEqual(["  abcdefghijklmn", "        one two"]);
  });

  test("a label without text stands alone", () => {
    expect(pageOf(20, (page) => page.field([{ text: "ab" }], [], 8))).toEqual(["  ab"]);
  });
});

test("empty lines never pile up, and none comes first", () => {
  const lines = pageOf(8, (page) => {
    page.blank();
    page.paragraph([{ text: "a" }]);
    page.blank();
    page.blank();
    page.paragraph([{ text: "b" }]);
  });
  expect(lines).toEqual(["a", "", "b"]);
});

test("colour changes nothing but colour, and ends with each line", () => {
  const draw = (page: Page) => {
    page.paragraph(
      [
        { text: "one two ", tone: "alert" },
        { text: "three four", tone: "dim" },
      ],
      1,
      2,
    );
    page.field([{ text: "ab", tone: "heading" }], [{ text: "cd" }, { text: "  ef", tone: "good" }], 8);
  };
  const plain = pageOf(10, draw);
  const colored = pageOf(10, draw, true);
  expect(colored.map((line) => line.replace(/\x1b\[\d+m/g, ""))).toEqual(plain);
  expect(colored[0]).toBe(" \x1b[33mone two\x1b[39m");
  for (const line of colored) expect((line.match(/\x1b\[/g) ?? []).length % 2).toBe(0);
});

test("text from files cannot leave its place", () => {
  const lines = pageOf(30, (page) => {
    page.field([{ text: "a\nb\x1b[2J" }], [{ text: "c\r\u202ed" }], 8);
  });
  expect(lines.join("\n")).toBe("  a\\nb\\x1b[2J  c\\r\\u{202e}d");
  expect(lines.every((line) => displayWidth(line) <= 30)).toBe(true);
});
