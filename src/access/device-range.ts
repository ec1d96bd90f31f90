/** API levels of devices, both ends included; `to` is Infinity where there is no end. */
export interface DeviceRange {
  readonly from: number;
  readonly to: number;
}

/** The same levels as disjoint ranges in order, those that touch joined; empty ones left out. */
export function joinRanges(ranges: readonly DeviceRange[]): DeviceRange[] {
  const joined: DeviceRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (range.from > range.to) continue;
    if (last === undefined || range.from > last.to + 1) joined.push(range);
    else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return joined;
}

/** The levels of `whole` that are in none of `ranges`. */
export function subtractRanges(whole: DeviceRange, ranges: readonly DeviceRange[]): DeviceRange[] {
  const left: DeviceRange[] = [];
  let from = whole.from;
  for (const range of joinRanges(ranges)) {
    if (range.from > from) left.push({ from, to: Math.min(range.from - 1, whole.to) });
    from = Math.max(from, range.to + 1);
  }
  left.push({ from, to: whole.to });
  return left.filter((range) => range.from <= range.to && range.from !== Infinity);
}

/** The levels that are in both. */
export function intersectRanges(a: readonly DeviceRange[], b: readonly DeviceRange[]): DeviceRange[] {
  return joinRanges(
    a.flatMap((one) =>
      b.map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) })),
    ),
  );
}
