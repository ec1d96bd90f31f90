/**
 * What a terminal obeys or hides: controls with ESC among them, bidirectional overrides, zero-width and
 * other invisible characters, private use, lone surrogates, line separators, spaces that are no U+0020.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|(?<=\p{M}\p{M})\p{M}/gu;

const NOT_ASCII = /[^\x20-\x7e]+/g;

/** Characters kept of one text unless said otherwise. */
const MOST_CHARACTERS = 1_000;

/**
 * Text from a file, fit for a terminal: one line, nothing that a terminal obeys or hides, bounded.
 * What was there shows as `\x1b` or `\u{202e}`; of a pile of combining marks two are kept.
 *
 * @param most characters kept; what is cut shows as an ellipsis
 */
export function printable(text: string, most = MOST_CHARACTERS): string {
  // Escaping lengthens, and a hostile text may be long: cut to what can matter first.
  const head = text.length > 2 * most ? text.slice(0, 2 * most) : text;
  const characters = [...escapeUnseen(head, codeEscape)];
  if (characters.length <= most && head === text) return characters.join("");
  return `${characters.slice(0, Math.max(0, most - 1)).join("")}…`;
}

/** `text` with each character that a terminal obeys or hides replaced by what `replace` makes of it. */
export function escapeUnseen(text: string, replace: (codePoint: number) => string): string {
  // Almost all text is ASCII, over which the long expression need not be run.
  return text.replace(NOT_ASCII, (run) =>
    run.replace(UNSEEN, (character) => replace(character.codePointAt(0)!)),
  );
}

function codeEscape(codePoint: number): string {
  if (codePoint === 0x0a) return "\\n";
  if (codePoint === 0x0d) return "\\r";
  if (codePoint === 0x09) return "\\t";
  const hex = codePoint.toString(16);
  return codePoint <= 0xff ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}
