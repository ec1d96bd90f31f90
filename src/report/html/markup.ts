import { printable } from "../printable-text.js";

/** HTML that is markup: made by {@link html} alone, from what stands in the source and from texts that were escaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** Joins what stands in the source with values; a text among them is never markup. */
  static join(strings: readonly string[], values: readonly MarkupValue[]): Markup {
    return new Markup(
      strings.map((text, index) => text + (index < values.length ? render(values[index]) : "")).join(""),
    );
  }

  /** Markup that stands in the source as it is: a style sheet, a script. Never from a file. */
  static ofSource(text: string): Markup {
    return new Markup(text);
  }
}

/** What a template takes: texts and numbers, which are escaped; markup; several of them; nothing. */
export type MarkupValue = string | number | Markup | undefined | readonly MarkupValue[];

/**
 * A template of HTML. Each text in it is shown as it is, in an element or in a quoted attribute: one line, bounded, and
 * nothing that a browser obeys or hides.
 */
export function html(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return Markup.join(strings, values);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

function render(value: MarkupValue): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return printable(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
  return value.map(render).join("");
}

/** Markup one after another, with something between. */
export function joinMarkup(items: readonly MarkupValue[], between: MarkupValue): Markup {
  return html`${items.map((item, index) => (index === 0 ? item : [between, item]))}`;
}

/** A name that comes from a file: whichever way its script runs, it does not turn what stands around it. */
export function nameOf(text: string, most = 80): Markup {
  return html`<bdi>${printable(text, most)}</bdi>`;
}
