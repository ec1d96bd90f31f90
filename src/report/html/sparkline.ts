import { html, type Markup } from "./markup.js";

const WIDTH = 132;
const HEIGHT = 32;
const MARGIN = 4;

/** How a number went, for the eye alone: the numbers stand in a table. Zero is at the bottom. */
export function renderSparkline(values: readonly number[]): Markup {
  const most = Math.max(1, ...values);
  const points = values.map((value, index) => ({
    x: round(MARGIN + ((WIDTH - 2 * MARGIN) * index) / Math.max(1, values.length - 1)),
    y: round(HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * value) / most),
  }));
  const last = points.at(-1);
  if (last === undefined) return html``;
  const line = points.map(({ x, y }) => `${x},${y}`).join(" ");
  const floor = HEIGHT - MARGIN;
  return html`<svg class="spark" aria-hidden="true" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"><polygon points="${points[0]!.x},${floor} ${line} ${last.x},${floor}"/><polyline points="${line}"/><circle cx="${last.x}" cy="${last.y}" r="3"/></svg>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
