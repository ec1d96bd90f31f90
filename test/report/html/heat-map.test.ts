import { describe, expect, test } from "vitest";
import { HeatScale } from "../../../src/report/html/heat-map.js";
import { PAGE_STYLE } from "../../../src/report/html/page-style.js";

describe("colours by number", () => {
  test("the largest has the strongest, the smallest the weakest, none has none", () => {
    const scale = new HeatScale(3_600);
    expect(scale.cell(3_600).className).toBe("heat-6");
    expect(scale.cell(1).className).toBe("heat-1");
    expect(scale.cell(100).className).toBe("heat-1");
    expect(scale.cell(101).className).toBe("heat-2");
    expect(scale.cell(0)).toEqual({ content: "", value: 0 });
  });

  test("each number has the colour that the legend gives it", () => {
    for (const [most, largest] of [...[1, 2, 3, 5, 7, 36, 1_000].map((n) => [n, n]), [36, 500], [0, 9]] as [
      number,
      number,
    ][]) {
      const scale = new HeatScale(most, largest);
      const legend = scale.renderLegend("Apps:").toString();
      const ranges = [...legend.matchAll(/class="(heat-\d)">([\d,]+)(?:–([\d,]+))?</g)].map(
        ([, name, from, to]) => ({
          name,
          from: Number(from!.replaceAll(",", "")),
          to: Number((to ?? from)!.replaceAll(",", "")),
        }),
      );
      expect(ranges[0]?.from, `legend of ${most}`).toBe(1);
      expect(ranges.at(-1)?.to, `legend of ${most}`).toBe(largest);
      for (let value = 1; value <= largest; value++) {
        const range = ranges.filter(({ from, to }) => from <= value && value <= to);
        expect(
          range.map(({ name }) => name),
          `${value} of ${most}`,
        ).toEqual([scale.cell(value).className]);
      }
    }
  });

  test("the style sheet has each of them, for light and dark", () => {
    for (let step = 1; step <= 6; step++) {
      expect(PAGE_STYLE).toContain(`.heat-${step} {`);
      for (const part of ["", "-ink"])
        expect(PAGE_STYLE.split(`--heat-${step}${part}: #`), `heat-${step}${part}`).toHaveLength(3);
    }
  });
});
