import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/policy/index.js";
import { code, fenceOf, layOut, prose, tableRow } from "../../src/report/markdown-text.js";
import { renderMarkdown } from "../../src/report/result-formats.js";
import { verdictRenderers } from "../../src/report/verdict-formats.js";
import { hostileText, poison } from "../support/hostile-text.js";
import { buildResult, party } from "../support/result-builder.js";
import { buildVerdict, check, problem } from "../support/verdict-builder.js";
import { empty, incomplete, reaching, speedTest } from "./example-results.js";
import { failed, passed, undecided } from "./example-verdicts.js";
import { expectGolden } from "./expect-golden.js";

/** What is left of a line without its code spans, by CommonMark's rule: a run of backticks ends at the next of its length. */
function withoutCode(line: string): string {
  return line.replace(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, "¤");
}

/** What is left of a page without code blocks, code spans and the tags that are ours. */
function outsideCode(page: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of page.split("\n")) {
    const ticks = /^(`{3,})[^`]*$/.exec(line)?.[1];
    if (fence === undefined && ticks !== undefined) fence = ticks;
    else if (fence !== undefined) {
      if (ticks !== undefined && ticks.length >= fence.length && line === ticks) fence = undefined;
    } else lines.push(withoutCode(line));
  }
  expect(fence, "every code block is closed").toBeUndefined();
  return lines.join("\n").replace(/^<!-- bycatch -->$|<\/?(?:details|summary|sub)>/gm, "");
}

/** Cells of a row as GFM splits it: at pipes that no backslash stands before, inside code too. */
const countCells = (row: string) => row.replace(/\\./g, "").split("|").length - 2;

/** Nothing that makes a link, a mention, a reference, an image or HTML of its text. */
const MARKUP = /[<>@\\[\]~]|:\/\/|www\.|#\d|!\[|gh-\d|(?<!\*)\*(?!\*)/i;

function expectHarmless(page: string): void {
  expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  const text = outsideCode(page);
  expect(text.split("\n").filter((line) => MARKUP.test(line))).toEqual([]);
  // A table's rows have as many cells as its head.
  let cells: number | undefined;
  for (const line of page.split("\n")) {
    if (!line.startsWith("| ")) cells = line.startsWith("|---") ? cells : undefined;
    else if (cells === undefined) cells = countCells(line);
    else expect(countCells(line), line).toBe(cells);
  }
}

describe("text in Markdown", () => {
  test.each([
    ["plain", "`plain`"],
    ["a`b", "``a`b``"],
    ["`", "`` ` ``"],
    ["```x", "```` ```x ````"],
    [" x ", "`  x  `"],
    ["", "` `"],
    ["a\nb\u202e", "`a\\nb\\u{202e}`"],
  ])("%j as code", (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test.each([
    ["Harbor Ads could access precise-location", "Harbor Ads could access precise-location"],
    ["com.acme.tracker is new, and so is <b>.", "`com.acme.tracker` is new, and so is `<b>`."],
    ["see https://evil.example now", "see `https://evil.example` now"],
    ["@octocat fixes #1 and gh-2", "`@octocat` fixes `#1` and `gh-2`"],
    ["in deadbeef1 of beef", "in `deadbeef1` of beef"],
    ["*bold* _it_ [x](y)", "`*bold* _it_ [x](y)`"],
    ["Société (FR), it's so", "Société (FR), it's so"],
    ["Tide, Inc. (Tide Holdings, Inc.), of Tide Co.", "Tide, Inc. (Tide Holdings, Inc.), of Tide Co."],
    ["汉字 and עברית", "`汉字` and `עברית`"],
    ["...", "`...`"],
    ["", ""],
  ])("%j as prose", (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  test.each(["a|b", "a\\|b", "a\\\\|b", "|", "\\", "||\\|"])("a cell with %j is one cell", (text) => {
    expect(countCells(tableRow([code(text), "next"]))).toBe(2);
  });

  test("a fence is longer than any run inside", () => {
    expect(fenceOf(["x", "a ```` b"])).toBe("`````");
    expect(fenceOf([])).toBe("```");
  });

  test("a page that would be too long says what it left out, and closes what it opened", () => {
    const rows = Array.from({ length: 100 }, (_, index) => `- row ${index}`);
    const page = layOut([{ head: "head", rows, tail: "tail" }], 500);
    expect(page.length).toBeLessThanOrEqual(500);
    expect(page).toMatch(/^head\n- row 0\n[\s\S]*\ntail\n[\s\S]*\*\*\d+ more lines were left out\*\*/);
    const left = Number(/\*\*(\d+) more/.exec(page)![1]);
    expect(page.match(/^- row/gm)!.length + left).toBe(100);
    expect(layOut([{ head: "head", rows, tail: "tail" }], 5_000)).not.toContain("left out");
  });
});

describe("a verdict as a comment", () => {
  const verdicts: Record<string, () => Verdict> = { failed, undecided, passed };

  test("a build that failed", () => {
    expectGolden("verdict.golden.md", verdictRenderers.markdown(failed()));
  });

  test("a build that passed", () => {
    expect(verdictRenderers.markdown(passed())).toBe(`<!-- bycatch -->
## Bycatch: passed

\`com.example.speedtest\` \`5.4.1\` (\`app-release.apk\`): 2 checks passed, 1 warning.

<details>
<summary>Warnings and notes (1)</summary>

|  | Check | What | To do |
|---|---|---|---|
| warning | \`known-owners\` | \`com.acme.tracker\` is nobody's |  |

</details>

<details>
<summary>Checks that passed (2)</summary>

- \`known-owners\`: Every third party is known
- \`no-sms\`: Nobody reads SMS

</details>

<sub>bycatch \`0.0.0\`, rules \`0123456789abcdef\`</sub>
`);
  });

  test.each(Object.keys(verdicts))("%s: no text breaks out", (name) => {
    expectHarmless(verdictRenderers.markdown(verdicts[name]!()));
    expectHarmless(verdictRenderers.markdown(poison(verdicts[name]!())));
  });

  test("the lockfile's lines stand in a block that they cannot end", () => {
    const line = "``` third-party x\n```\n</details>";
    const problems = [problem("lockfile/x", "x", { change: { after: line } })];
    const page = verdictRenderers.markdown(buildVerdict([check("lockfile", problems)]));
    expect(page).toContain("\n````diff\n+ ``` third-party x\\n```\\n</details>\n````\n");
  });

  test("is never longer than GitHub lets a comment be", () => {
    const problems = Array.from({ length: 3_000 }, (_, index) =>
      problem(`x/${index}`, hostileText, { change: { after: `third-party x${index}` }, fix: hostileText }),
    );
    const checks = [check("x", problems), check("y", problems, { excepted: problems })];
    const page = verdictRenderers.markdown(buildVerdict(checks));
    expect(page.length).toBeLessThanOrEqual(65_536);
    expect(page).toMatch(/\*\*[\d,]+ more lines were left out\*\*/);
    expectHarmless(page);
  });
});

describe("a result as a job's summary", () => {
  const results = { speedTest, reaching, incomplete, empty };

  test("an app with everything", () => {
    expectGolden("speed-test.golden.md", renderMarkdown(incomplete()));
    expectGolden("reaching.golden.md", renderMarkdown(reaching()));
  });

  test.each(Object.keys(results) as (keyof typeof results)[])("%s: no text breaks out", (name) => {
    expectHarmless(renderMarkdown(results[name]()));
    expectHarmless(renderMarkdown(poison(results[name]())));
  });

  test("no access is said to be unseen that was not looked for", () => {
    const page = renderMarkdown(buildResult({ parties: [party("a", "A")], depth: "permitted" }));
    expect(page).toContain("Third parties; what their code refers to was not looked for");
    expect(page).not.toContain("no access was seen");
  });

  test("is bounded, whatever the app", () => {
    const parties = Array.from({ length: 5_000 }, (_, index) => party(`p${index}`, hostileText));
    expect(renderMarkdown(buildResult({ parties })).length).toBeLessThanOrEqual(250_000);
  });
});
