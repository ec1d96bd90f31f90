import { expect, test } from "vitest";
import {
  renderRowsCsv,
  renderRowsCsvHeader,
  renderRowsJson,
  renderRowTable,
} from "../../src/report/render-rows.js";
import type { ResultColumn, ResultValue } from "../../src/store/index.js";

const text = (name: string): ResultColumn => ({ name, type: "VARCHAR", isNumber: false });
const number = (name: string): ResultColumn => ({ name, type: "BIGINT", isNumber: true });
const wide = { color: false, width: undefined };
const hostile = "a\u001b[2J\r\n\u202eb\u200b";

test("numbers stand to the right and have as many decimals, texts to the left", () => {
  const rows: ResultValue[][] = [
    ["acme", 9, 12.5],
    ["b", 1000, 3],
    [null, "9007199254740993", null],
  ];
  expect(renderRowTable([text("party"), number("apps"), number("percent")], rows, wide)).toBe(
    [
      "party              apps  percent",
      "acme                  9     12.5",
      "b                  1000      3.0",
      "       9007199254740993",
      "",
    ].join("\n"),
  );
});

test("no rows are the names of the columns, and no columns are nothing", () => {
  expect(renderRowTable([text("a"), number("b")], [], wide)).toBe("a  b\n");
  expect(renderRowTable([text("a")], [], { color: true, width: 80 })).toBe("\u001b[1ma\u001b[22m\n");
});

test("what a terminal obeys or hides is escaped, in names too", () => {
  const page = renderRowTable([text(hostile)], [[hostile], [[hostile]], [{ [hostile]: hostile }]], wide);
  expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
  expect(page.split("\n")).toHaveLength(5);
});

test("lists of texts are told one after another, all else as JSON", () => {
  const rows: ResultValue[][] = [[["x", "y"]], [[]], [[1, null]], [{ a: true }], [false]];
  expect(renderRowTable([text("v")], rows, wide)).toBe('v\nx, y\n\n[1,null]\n{"a":true}\nfalse\n');
});

test("texts are cut inside until the table fits, the widest first; numbers never", () => {
  const columns = [text("name"), text("path"), number("n")];
  const rows = [["short name", "android.permission.ACCESS_BACKGROUND_LOCATION", 123456789]];
  for (let width = 40; width < 80; width++) {
    const lines = renderRowTable(columns, rows, { color: false, width }).trimEnd().split("\n");
    for (const line of lines) expect(line.length, `${width}`).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(
      /^short name\s+android.*LOCATION\s+123456789$|^short name\s+\w+….*TION\s+123456789$/,
    );
  }
  // Where not all can be had, a line is rather too long than empty.
  const many = Array.from({ length: 10 }, (_, index) => text(`column number ${index}`));
  const [line] = renderRowTable(many, [], { color: false, width: 40 }).split("\n");
  expect(line).toMatch(/^\S+…\S+ {2,}.*number 9$|…/);
});

test("wide characters take two columns, and are not cut in the middle", () => {
  const rows = [["極光推送極光推送極光推送極光推送極光推送極光推送"]];
  const [, line] = renderRowTable([text("名前")], rows, { color: false, width: 40 }).split("\n");
  expect(line).toMatch(/^[極光推送]{6}…[極光推送]{13}$/);
});

test("a long text is cut for people and whole for programs", () => {
  const long = "x".repeat(100_000);
  expect(renderRowTable([text("a")], [[long]], wide).length).toBeLessThan(400);
  expect(renderRowsCsv([[long]])).toBe(`${long}\r\n`);
  expect(renderRowsJson([text("a")], [[long]])).toEqual([`{"a":"${long}"}`]);
});

test("CSV: formulas are defused, lists are JSON, nothing is empty", () => {
  expect(renderRowsCsvHeader([text("a"), text("=b")])).toBe("a,'=b\r\n");
  const row = ["=1+1", -5, null, ["x", 'y"'], { a: 1 }, true, hostile, "a,b"];
  expect(renderRowsCsv([row])).toBe(
    `'=1+1,-5,,"[""x"",""y\\""""]","{""a"":1}",true,a\\x1b[2J\\r\\n\\u{202e}b\\u{200b},"a,b"\r\n`,
  );
  expect(renderRowsCsv([])).toBe("");
});

test("JSON says the same value, and is safe to print", () => {
  const [line = ""] = renderRowsJson([text("a"), text("__proto__")], [[hostile, [1, "x"]]]);
  expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(Object.entries(JSON.parse(line))).toEqual([
    ["a", hostile],
    ["__proto__", [1, "x"]],
  ]);
});
