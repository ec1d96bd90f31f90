import { formatNumber } from "../words.js";
import { html, type Markup } from "./markup.js";
import type { Cell } from "./table.js";

/** Steps of colour; the style sheet has one for each. */
const STEPS = 6;

/** Colours by number: few numbers are large, so the steps grow with the square. */
export class HeatScale {
  readonly #most: number;
  readonly #largest: number;

  /**
   * @param most the largest of the numbers that are compared
   * @param largest the largest there is: what is beyond `most` has the strongest colour
   */
  constructor(most: number, largest = most) {
    this.#most = most;
    this.#largest = largest;
  }

  /** A cell with its number; of 0 an empty one. */
  cell(value: number): Cell {
    if (value === 0) return { content: "", value };
    return { content: formatNumber(value), value, className: `heat-${this.#stepOf(value)}` };
  }

  /** Which numbers have which colour. */
  renderLegend(unit: string): Markup {
    const ranges = Array.from({ length: STEPS }, (_, index) => ({
      step: index + 1,
      from: this.#endOf(index) + 1,
      to: this.#endOf(index + 1),
    })).filter(({ from, to }) => from <= to);
    return html`<p class="legend">${unit} ${ranges.map(
      ({ step, from, to }) =>
        html`<span class="heat-${step}">${formatNumber(from)}${from === to ? "" : `–${formatNumber(to)}`}</span> `,
    )}</p>
`;
  }

  #stepOf(value: number): number {
    let step = 1;
    while (step < STEPS && value > this.#endOf(step)) step++;
    return step;
  }

  /** The largest number of a step. */
  #endOf(step: number): number {
    if (step === STEPS) return this.#largest;
    return Math.floor(this.#most * (step / STEPS) ** 2);
  }
}
