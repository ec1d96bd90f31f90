import { displayWidth, takeColumns } from "./display-width.js";
import { printable } from "./printable-text.js";

/** How a piece of text stands out: a meaning, not a colour. */
export type Tone = "heading" | "dim" | "alert" | "good" | "trouble";

/** A piece of text in one tone. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** SGR parameters: on, off. The sixteen colours that every terminal's theme defines. */
const TONES: Readonly<Record<Tone, readonly [on: string, off: string]>> = {
  heading: ["1", "22"],
  dim: ["2", "22"],
  alert: ["33", "39"],
  good: ["32", "39"],
  trouble: ["31", "39"],
};

/** Text between two places where a line may break, and the spaces before it. */
interface Unit {
  readonly spaces: number;
  readonly pieces: Span[];
}

/** Share of a line that a label may take and have text beside it. */
const MOST_OF_LINE = 0.6;

/**
 * Lays out text in lines of at most a width. Everything passes {@link printable} here, so that no
 * caller can forget it: a text from a file cannot leave its place on the page.
 */
export class Page {
  readonly width: number;
  readonly #color: boolean;
  readonly #lines: string[] = [];

  constructor(width: number, color: boolean) {
    this.width = width;
    this.#color = color;
  }

  /** An empty line; never two of them, and none at the top. */
  blank(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== "") this.#lines.push("");
  }

  /**
   * A paragraph, wrapped at spaces; what is longer than a line is broken anywhere.
   *
   * @param indent columns before the first line
   * @param hang columns before the lines that follow
   */
  paragraph(spans: readonly Span[], indent = 0, hang = indent): void {
    this.#flow(spans, " ".repeat(indent), indent, hang);
  }

  /**
   * A label in a column of its own, and a paragraph beside it. Beside a label too long for its column the
   * paragraph begins where it can; if little room is left there, below.
   *
   * @param column where the paragraph begins
   * @param indent columns before the label
   * @param hang columns before the paragraph's further lines
   */
  field(label: readonly Span[], spans: readonly Span[], column: number, indent = 2, hang = column): void {
    const pieces = label.map(({ text, tone }) => ({ text: printable(text), tone }));
    const used = indent + pieces.reduce((sum, { text }) => sum + displayWidth(text), 0);
    const start = Math.max(column, used + 2);
    if (start <= Math.max(column, this.width * MOST_OF_LINE)) {
      const prefix = " ".repeat(indent) + this.#paint(pieces) + " ".repeat(start - used);
      this.#flow(spans, prefix, start, hang);
      return;
    }
    this.paragraph(label, indent);
    this.#flow(spans, " ".repeat(column), column, hang);
  }

  /** A line to be copied: never broken, however long; escaped and bounded as all else. */
  verbatim(text: string, indent: number, tone?: Tone): void {
    this.#lines.push(`${" ".repeat(indent)}${this.#tint(printable(text), tone)}`.trimEnd());
  }

  /** The page, each line ended. */
  text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  #flow(spans: readonly Span[], prefix: string, start: number, hang: number): void {
    let line: Span[] = [];
    let margin = prefix;
    let used = start;
    const flush = () => {
      this.#lines.push(`${margin}${this.#paint(line)}`.trimEnd());
      line = [];
      margin = " ".repeat(hang);
      used = hang;
    };
    for (const { spaces, pieces } of splitUnits(spans)) {
      const width = pieces.reduce((sum, { text }) => sum + displayWidth(text), 0);
      if (line.length > 0 && used + spaces + width > this.width) flush();
      if (line.length > 0) {
        line.push({ text: " ".repeat(spaces) });
        used += spaces;
      }
      for (const { text, tone } of pieces) {
        let rest = text;
        while (used + displayWidth(rest) > this.width) {
          const head = takeColumns(rest, this.width - used);
          // Nothing fits beside so wide a margin: rather a long line than an endless loop.
          if (head === "" && line.length === 0) break;
          line.push({ text: head, tone });
          rest = rest.slice(head.length);
          flush();
        }
        line.push({ text: rest, tone });
        used += displayWidth(rest);
      }
    }
    if (line.length > 0 || prefix.trim() !== "") flush();
  }

  #paint(spans: readonly Span[]): string {
    const runs: { text: string; tone: Tone | undefined }[] = [];
    for (const { text, tone } of spans) {
      const run = runs.at(-1);
      // A space belongs to the tone before it: neighbours of one tone are painted as one.
      if (run !== undefined && (run.tone === tone || text.trim() === "")) run.text += text;
      else runs.push({ text, tone });
    }
    return runs.map(({ text, tone }) => this.#tint(text, tone)).join("");
  }

  #tint(text: string, tone: Tone | undefined): string {
    const visible = text.trimEnd();
    if (!this.#color || tone === undefined || visible === "") return text;
    const [on, off] = TONES[tone];
    return `\x1b[${on}m${visible}\x1b[${off}m${text.slice(visible.length)}`;
  }
}

/** A span's edge is no place to break unless a space stands there. */
function splitUnits(spans: readonly Span[]): Unit[] {
  const units: Unit[] = [];
  let spaces = 0;
  let isGlued = false;
  for (const { text, tone } of spans) {
    for (const part of printable(text).split(/( +)/)) {
      if (part === "") continue;
      if (part.startsWith(" ")) {
        spaces = part.length;
        isGlued = false;
      } else if (isGlued) units.at(-1)!.pieces.push({ text: part, tone });
      else {
        units.push({ spaces, pieces: [{ text: part, tone }] });
        isGlued = true;
      }
    }
  }
  return units;
}
