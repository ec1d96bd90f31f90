import { printable } from "./printable-text.js";

/**
 * Text as a code span of GitHub-flavoured Markdown: nothing in it is markup, a mention, a reference to an issue or a
 * link. It is one line and bounded, as for a terminal.
 */
export function code(text: string, most = 200): string {
  const shown = printable(text, most);
  // An empty span is none.
  if (shown.trim() === "") return "` `";
  const ticks = "`".repeat(longestRun(shown) + 1);
  // One space on each side is taken away again; it keeps backticks of the text from those around it.
  const isOpen = /^[` ]|[` ]$/.test(shown);
  return isOpen ? `${ticks} ${shown} ${ticks}` : ticks + shown + ticks;
}

/** Characters of a comment that GitHub takes. */
export const MOST_OF_A_COMMENT = 65_536;

/** Words that no part of GitHub's pipeline makes anything of, with the punctuation behind them. */
const PLAIN_WORD = /^\(?[\p{Script=Latin}\d'’-]+\.?\)?[,;:.!?]?$/u;

/** GitHub's own references: an issue, and a commit. */
const REFERENCE = /^\(?(?:gh-\d+|(?=[a-f]*\d)[0-9a-f]{7,64})\b/i;

/**
 * A sentence that may quote a file, as Markdown: its plain words stay what they are, all else becomes code, so that
 * `com.acme.tracker` does, and so does whatever would be markup.
 */
export function prose(text: string, most = 400): string {
  const parts: { text: string; isPlain: boolean }[] = [];
  for (const word of printable(text, most).split(/ +/)) {
    if (word === "") continue;
    const isPlain = PLAIN_WORD.test(word) && !REFERENCE.test(word);
    const last = parts.at(-1);
    if (last?.isPlain === isPlain) last.text += ` ${word}`;
    else parts.push({ text: word, isPlain });
  }
  return parts.map((part) => (part.isPlain ? part.text : codeBeforePunctuation(part.text, most))).join(" ");
}

/** What ends a sentence stays outside of its last word. */
function codeBeforePunctuation(text: string, most: number): string {
  const [, word, end] = /^(.*[^,;:.])([,;:.]?)$/s.exec(text) ?? [undefined, text, ""];
  return code(word!, most) + end;
}

/** A row of a table, of finished Markdown. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(escapePipes).join(" | ")} |`;
}

/** A table's head. */
export function tableHead(titles: readonly string[]): string {
  return `${tableRow(titles)}\n|${"---|".repeat(titles.length)}`;
}

/** A pipe ends a cell, inside code too, unless an odd number of backslashes stands before it. */
function escapePipes(markdown: string): string {
  return markdown.replace(/(\\*)\|/g, (_, backslashes: string) => `${backslashes}${backslashes}\\|`);
}

/** A fence that no line of a block can close. */
export function fenceOf(lines: readonly string[]): string {
  return "`".repeat(Math.max(3, 1 + Math.max(0, ...lines.map(longestRun))));
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** A part of a page: its rows stand between head and tail, and are left out where there is no room for them. */
export interface MarkdownBlock {
  readonly head: string;
  readonly rows: readonly string[];
  readonly tail?: string;
}

/** What is folded up. */
export function details(summary: string, { head, rows, tail = "" }: MarkdownBlock): MarkdownBlock {
  return {
    head: `<details>\n<summary>${summary}</summary>\n${head === "" ? "" : `\n${head}`}`,
    rows,
    tail: `${tail === "" ? "" : `${tail}\n`}\n</details>`,
  };
}

/** Room for the sentence on what was left out. */
const RESERVE = 200;

/**
 * Blocks one after another, an empty line between them, in at most so many characters; what has no room is counted
 * in a sentence at the end.
 */
export function layOut(blocks: readonly MarkdownBlock[], most: number): string {
  let page = "";
  let left = 0;
  for (const { head, rows, tail = "" } of blocks) {
    const start = `${page === "" ? "" : "\n"}${head}\n`;
    let room = most - RESERVE - page.length - start.length - tail.length - 1;
    if (room < 0 || (rows.length > 0 && room <= rows[0]!.length)) {
      left += Math.max(1, rows.length);
      continue;
    }
    page += start;
    let shown = 0;
    for (const row of rows) {
      if (row.length + 1 > room) break;
      page += `${row}\n`;
      room -= row.length + 1;
      shown++;
    }
    left += rows.length - shown;
    if (tail !== "") page += `${tail}\n`;
  }
  if (left === 0) return page;
  return `${page}\n**${left} more ${left === 1 ? "line was" : "lines were"} left out**: there is no room for more here. The JSON report has them all.\n`;
}
