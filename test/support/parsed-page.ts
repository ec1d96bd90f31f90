import { type DefaultTreeAdapterTypes, parse } from "parse5";

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** A page as a browser's parser sees it. */
export interface ParsedPage {
  /** Start tags in order, each with its attributes' names, values left out. */
  readonly shape: readonly string[];
  /** All text in order but that of style and script. */
  readonly text: string;
  readonly elements: readonly Element[];
  readonly errors: readonly string[];
}

export function parsePage(page: string): ParsedPage {
  const errors: string[] = [];
  const document = parse(page, {
    onParseError: ({ code }) => {
      // A text may have one, and stays text.
      if (code !== "noncharacter-in-input-stream") errors.push(code);
    },
  });
  const elements: Element[] = [];
  const texts: string[] = [];
  const walk = (node: Node): void => {
    if (node.nodeName === "style" || node.nodeName === "script") {
      elements.push(node as Element);
      return;
    }
    if (node.nodeName === "#text") texts.push((node as DefaultTreeAdapterTypes.TextNode).value);
    if (node.nodeName === "#comment") throw new Error("the page has a comment");
    if ("tagName" in node) elements.push(node);
    if ("childNodes" in node) for (const child of node.childNodes) walk(child);
  };
  walk(document);
  const shape = elements.map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(" ")}`);
  return { shape, text: texts.join(""), elements, errors };
}

/** The text in the only element of a name. */
export function textOf({ elements }: ParsedPage, tagName: string): string {
  const found = elements.filter((element) => element.tagName === tagName);
  if (found.length !== 1) throw new Error(`${found.length} elements ${tagName}`);
  return found[0]!.childNodes
    .map((node) => (node.nodeName === "#text" ? (node as DefaultTreeAdapterTypes.TextNode).value : ""))
    .join("");
}

/** An attribute of an element; `undefined` where it has none of the name. */
export function attributeOf({ attrs }: Element, name: string): string | undefined {
  return attrs.find((attribute) => attribute.name === name)?.value;
}
