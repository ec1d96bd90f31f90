/**
 * An audit's result, or an explanation, as text. Comes in: its plain data and how it shall look. Goes out: a string.
 * Never computes a finding, never writes anywhere; no text from a file reaches a terminal unescaped.
 */
export { outcomeOfComparison } from "./data-safety-words.js";
export { escapeUnseen, printable } from "./printable-text.js";
export { type DataSafetyOptions, renderDataSafety, renderDataSafetyJson } from "./render-data-safety.js";
export { renderDataSafetyMarkdown } from "./render-data-safety-markdown.js";
export {
  type ExplanationOptions,
  renderExplanation,
  renderExplanationJson,
} from "./render-explanation.js";
export { renderJson, renderJsonLine } from "./render-json.js";
export { type Detail, renderTerminal, type TerminalOptions } from "./render-terminal.js";
export { renderVerdict, renderVerdictJson, type VerdictOptions } from "./render-verdict.js";
