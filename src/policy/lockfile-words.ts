/** A word of a lockfile's line. What could be misread, or could play tricks on who reads it, stands as a JSON string of ASCII. */
export function quoteWord(word: string): string {
  if (/^[\w.:/+@$*-]+$/.test(word)) return word;
  return JSON.stringify(word).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Words as one line. */
export function joinWords(...words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** The words of a line; `undefined` where a quote opens in a word, is not closed, or holds what JSON's strings do not. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"(?!\S)|\S+/g)) {
    if (!word.includes('"')) words.push(word);
    else {
      try {
        words.push(JSON.parse(word) as string);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return undefined;
      }
    }
  }
  return words;
}
