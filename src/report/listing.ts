import type { Page } from "./page.js";

/** Columns from a field's label to its text, in explanations. */
export const COLUMN = 24;

/** Where lists go, and how much of them. */
export interface Listing {
  readonly page: Page;
  readonly most: number;
}

/** Items, each rendered; what is past the most is counted. */
export function list<Item>(
  { page, most }: Listing,
  items: readonly Item[],
  indent: number,
  render: (item: Item) => void,
): void {
  for (const item of items.slice(0, most)) render(item);
  const left = items.length - most;
  if (left > 0) page.paragraph([{ text: `and ${left} more (--verbose lists them)`, tone: "dim" }], indent);
}

/** What begins a section, and what is to be known of it. */
export function heading(page: Page, text: string, more = ""): void {
  page.blank();
  page.paragraph([
    { text, tone: "heading" },
    { text: more === "" ? "" : `  ${more}`, tone: "dim" },
  ]);
}
