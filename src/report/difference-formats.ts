/** Forms of a difference, which only `bycatch diff` loads. */
import { renderDifference, renderDifferenceJson } from "./render-difference.js";
import { renderDifferenceMarkdown } from "./render-difference-markdown.js";

/** Each form by the name that the command line has for it. */
export const differenceRenderers = {
  terminal: renderDifference,
  json: renderDifferenceJson,
  markdown: renderDifferenceMarkdown,
};
