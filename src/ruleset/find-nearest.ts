/** Ids that are told as near. */
const MOST_TOLD = 6;
/** Characters of a text that are compared: longer ids are no one's. */
const MOST_COMPARED = 80;

/** Ids of what a text may have meant, nearest first, each once: by id, its last dotted part, or name. */
export function findNearest(
  text: string,
  candidates: Iterable<{ readonly id: string; readonly name: string }>,
): string[] {
  const wanted = text.slice(0, MOST_COMPARED).toLowerCase();
  const most = wanted.length < 5 ? 1 : wanted.length < 9 ? 2 : 3;
  const near = [...candidates].flatMap(({ id, name }) => {
    const short = id.slice(id.lastIndexOf(".") + 1).toLowerCase();
    const [whole, words] = [id.toLowerCase(), name.toLowerCase()];
    if (whole.includes(wanted) || words.includes(wanted)) return [{ id, distance: 0.5 }];
    const distance = Math.min(
      editDistance(wanted, whole, most),
      editDistance(wanted, short, most),
      editDistance(wanted, words, most),
    );
    return distance <= most ? [{ id, distance }] : [];
  });
  near.sort((a, b) => a.distance - b.distance);
  return [...new Set(near.map(({ id }) => id))].slice(0, MOST_TOLD);
}

/** Letters to insert, remove or replace to make one text another; more than `most` is `Infinity`. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]! <= most ? row[b.length]! : Infinity;
}
