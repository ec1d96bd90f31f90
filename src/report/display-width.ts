/** East Asian wide and fullwidth blocks and the emoji blocks (Unicode's EastAsianWidth.txt, coarsely). */
const WIDE_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d08],
  [0x1b000, 0x1b2fb],
  [0x1f200, 0x1f265],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

const COMBINING = /\p{M}/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a printable text takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Columns of the widest of any number of texts, 0 of none. */
export function widest(texts: Iterable<string>): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, displayWidth(text));
  return width;
}

/** `text` cut to at most `width` columns; an ellipsis shows the cut. */
export function ellipsize(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? "" : `${takeColumns(text, width - 1).trimEnd()}…`;
}

/** As much of the beginning of `text` as fits into `width` columns, never cut inside a character. */
export function takeColumns(text: string, width: number): string {
  let taken = "";
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

function characterWidth(character: string): number {
  const codePoint = character.codePointAt(0)!;
  if (codePoint < 0x300) return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE_RANGES.some(([from, to]) => codePoint >= from && codePoint <= to) ? 2 : 1;
}
