/**
 * The style of a page: light and dark, on screens of any width and on paper. Colour says nothing alone, and text on any
 * of its grounds has a contrast of 4.5 or more.
 */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --ground: #fbfaf7; --raised: #ffffff; --ink: #1d1c1a; --soft: #5d5a53; --line: #e2ded5; --rule: #c9c4b8;
  --accent: #0f6674; --bar: #2d8491; --bar-ground: #ece8df; --note: #f3f0e8;
  --warn: #8a4b08; --bad: #a3262a;
  --heat-1: #e7f1f1; --heat-1-ink: #1d1c1a; --heat-2: #c6e0e1; --heat-2-ink: #1d1c1a;
  --heat-3: #97c7cb; --heat-3-ink: #0c1a1c; --heat-4: #62a7af; --heat-4-ink: #08171a;
  --heat-5: #1f6f7c; --heat-5-ink: #ffffff; --heat-6: #0b4650; --heat-6-ink: #ffffff;
  --serif: ui-serif, "Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", "Noto Serif", Georgia, serif;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131618; --raised: #191d20; --ink: #e8e5df; --soft: #a9a59c; --line: #2a2f33; --rule: #41484d;
    --accent: #79cbd6; --bar: #4aa3b0; --bar-ground: #262c30; --note: #1b2023;
    --warn: #e7b06b; --bad: #f0938f;
    --heat-1: #18292d; --heat-1-ink: #e8e5df; --heat-2: #1c3b42; --heat-2-ink: #f2efe9;
    --heat-3: #215560; --heat-3-ink: #ffffff; --heat-4: #2a717e; --heat-4-ink: #ffffff;
    --heat-5: #62b3bf; --heat-5-ink: #06161a; --heat-6: #aee2e9; --heat-6-ink: #06161a;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; top: 0; z-index: 9; background: var(--raised); padding: .6rem 1rem; }
.skip:focus { left: 0; }
.page { max-width: 100rem; margin: 0 auto; padding: 0 1.25rem 4rem; }
header { padding: 2.75rem 0 1.25rem; }
.kind { margin: 0 0 .9rem; font-size: .8125rem; letter-spacing: .09em; text-transform: uppercase; color: var(--soft); }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { margin: 0 0 1.1rem; font-size: clamp(2rem, 1.3rem + 3vw, 3.25rem); letter-spacing: -.015em; }
h2 { margin: 0 0 .5rem; font-size: 1.625rem; letter-spacing: -.01em; }
h3 { margin: 2rem 0 .5rem; font-size: 1.125rem; }
p { margin: 0 0 .9rem; max-width: 66ch; }
.lede { font-family: var(--serif); font-size: clamp(1.125rem, 1.02rem + .5vw, 1.375rem); line-height: 1.5; max-width: 54ch; }
.lede strong { color: var(--accent); font-weight: 600; }
.note { margin: 1.5rem 0; padding: 1rem 1.25rem; background: var(--note); border-left: 3px solid var(--rule); max-width: 45rem; }
.note p { max-width: none; }
.note p:last-child { margin-bottom: 0; }
.soft, .none, .more, caption, .under, figcaption { color: var(--soft); }
.under { display: block; font-size: .8125rem; font-weight: 400; line-height: 1.35; }
.more { font-size: .875rem; margin-top: .6rem; }
.warn { color: var(--warn); }
.facts { display: flex; flex-wrap: wrap; gap: .35rem 2rem; margin: 1.5rem 0 0; padding: .8rem 0; border-block: 1px solid var(--line); font-size: .875rem; }
.facts div { display: flex; gap: .5rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .9375rem; }
nav a { display: inline-block; padding: .25rem 0; }
section { margin-top: 3.5rem; }
section > p { margin-bottom: 1.1rem; }
.pair { display: grid; gap: 0 3rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start; }
.pair > * { min-width: 0; }
.scroll { overflow: auto; position: relative; max-width: 100%; border-block: 1px solid var(--line); }
.long { max-height: min(44rem, 85vh); }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .9375rem; line-height: 1.4; }
caption { text-align: left; padding: .55rem .75rem .55rem 0; font-size: .8125rem; line-height: 1.4; caption-side: top; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(70ch, calc(100vw - 2.5rem)); }
thead th { position: sticky; top: 0; z-index: 2; background: var(--ground); border-bottom: 1px solid var(--rule); vertical-align: bottom; font-weight: 500; font-size: .8125rem; line-height: 1.3; color: var(--soft); }
th, td { text-align: left; padding: .45rem 1.25rem .45rem 0; vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: .25rem; }
tbody th, tbody td { border-top: 1px solid var(--line); }
tbody tr:first-child > * { border-top: 0; }
tbody tr:hover > * { background: var(--note); }
tbody th { font-weight: 500; min-width: min(15rem, 42vw); overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; max-width: 9.5rem; }
.bar { display: grid; grid-template-columns: minmax(4.5rem, 1fr) minmax(3.25rem, auto); align-items: center; gap: .5rem; }
.bar svg { display: block; width: 100%; height: 7px; background: var(--bar-ground); border-radius: 1px; }
.bar rect { fill: var(--bar); }
.tags { min-width: 15rem; max-width: 34rem; font-size: .875rem; overflow-wrap: anywhere; }
.id { white-space: nowrap; }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace; }
thead button { all: unset; cursor: pointer; box-sizing: border-box; border-bottom: 1px dotted var(--rule); }
thead button:hover { color: var(--ink); }
thead button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[aria-sort] button { color: var(--ink); border-bottom-style: solid; }
[aria-sort="ascending"] button::after { content: " \\2191"; }
[aria-sort="descending"] button::after { content: " \\2193"; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; margin-bottom: .6rem; font-size: .875rem; color: var(--soft); }
.filter label { display: flex; flex-wrap: wrap; align-items: baseline; gap: .35rem .75rem; }
.filter input { font: inherit; color: var(--ink); background: var(--raised); border: 1px solid var(--soft); border-radius: 3px; padding: .3rem .5rem; width: 15rem; max-width: 100%; }
.heat table { width: auto; font-size: .875rem; }
.heat th, .heat td { padding: .35rem .5rem; border-top: 0; }
.heat tbody th { position: sticky; left: 0; z-index: 1; background: var(--ground); min-width: 13rem; max-width: 17rem; padding-left: 0; }
.heat thead th:first-child { left: 0; z-index: 3; padding-left: 0; }
.heat tbody tr:hover td[class*="heat-"] { background: var(--heat); }
.heat td { min-width: 2.9rem; border: 1px solid var(--ground); }
.heat td.number { vertical-align: middle; text-align: center; }
.heat td:nth-child(2) { color: var(--soft); text-align: right; padding-right: .75rem; }
.turned { vertical-align: bottom; text-align: center; }
.turned span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.turned button { text-align: left; border-bottom: 0; }
[class*="heat-"] { background: var(--heat); color: var(--heat-ink); }
.heat-1 { --heat: var(--heat-1); --heat-ink: var(--heat-1-ink); }
.heat-2 { --heat: var(--heat-2); --heat-ink: var(--heat-2-ink); }
.heat-3 { --heat: var(--heat-3); --heat-ink: var(--heat-3-ink); }
.heat-4 { --heat: var(--heat-4); --heat-ink: var(--heat-4-ink); }
.heat-5 { --heat: var(--heat-5); --heat-ink: var(--heat-5-ink); }
.heat-6 { --heat: var(--heat-6); --heat-ink: var(--heat-6-ink); }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem; max-width: none; font-size: .8125rem; color: var(--soft); margin-bottom: .6rem; }
.legend span { padding: .15rem .6rem; border-radius: 2px; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--accent); padding: .3rem 0; width: fit-content; }
details > .legend { margin-top: .6rem; }
.strip { display: block; width: 100%; height: 12px; margin: .75rem 0 .25rem; border-radius: 2px; background: var(--bar-ground); }
.strip .audited, .key.audited { fill: var(--bar); background: var(--bar); }
.strip .incomplete, .key.incomplete { fill: var(--warn); background: var(--warn); }
.strip .failed, .key.failed { fill: var(--bad); background: var(--bad); }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .5rem; border-radius: 2px; }
.trend { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.trend h3 { margin-top: 0; }
.trend details { margin-top: 0; }
.trend .scroll { border-top: 0; }
.sparks { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 0 0 .75rem; padding: 0; list-style: none; font-size: .875rem; color: var(--soft); }
.sparks li { display: flex; align-items: center; gap: .75rem; }
.spark { flex: none; }
.spark polyline { fill: none; stroke: var(--bar); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.spark polygon { fill: var(--bar-ground); }
.spark circle { fill: var(--accent); }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
dl.words dt { font-weight: 600; margin-top: .8rem; }
dl.words dd { margin: .1rem 0 0; max-width: 66ch; }
@media (min-width: 72rem) {
  .page { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr); column-gap: 3.5rem; padding-inline: 2.5rem; }
  .page > nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 3.4rem 0 1.5rem; }
  nav ul { flex-direction: column; gap: .1rem; border-left: 1px solid var(--line); padding-left: 1rem; }
  nav a { text-decoration: none; color: var(--soft); }
  nav a:hover { color: var(--accent); text-decoration: underline; }
}
@media (max-width: 40rem) {
  header { padding-top: 1.75rem; }
  .page { padding-inline: 1rem; }
  section { margin-top: 2.75rem; }
  table { font-size: .875rem; }
  .bar { grid-template-columns: 3.5rem auto; }
  .heat tbody th { min-width: 8.5rem; max-width: 8.5rem; font-size: .8125rem; }
  .heat td { min-width: 2.5rem; padding-inline: .3rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (forced-colors: active) {
  [class*="heat-"], .bar rect, .strip rect { forced-color-adjust: none; }
}
@media print {
  :root { color-scheme: light; --ground: #ffffff; }
  body { font-size: 9.5pt; }
  .page { display: block; max-width: none; padding: 0; }
  nav, .skip, .filter { display: none; }
  .scroll, .long { max-height: none; overflow: visible; }
  thead th, .heat tbody th { position: static; }
  tr { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
