/** Forms of a verdict that are loaded when one is asked for. */
import { renderVerdictCsv } from "./render-verdict-csv.js";
import { renderVerdictGithub } from "./render-verdict-github.js";
import { renderVerdictJunit } from "./render-verdict-junit.js";
import { renderVerdictMarkdown } from "./render-verdict-markdown.js";
import { renderVerdictSarif } from "./render-verdict-sarif.js";

/** Each form by the name that the command line has for it. */
export const verdictRenderers = {
  sarif: renderVerdictSarif,
  junit: renderVerdictJunit,
  markdown: renderVerdictMarkdown,
  github: renderVerdictGithub,
  csv: renderVerdictCsv,
};
