/**
 * An audit's result as text. Comes in: an {@link AuditResult} and how it shall look. Goes out: a string.
 * Never computes a finding, never writes anywhere; no text from a file reaches a terminal unescaped.
 */
export { escapeUnseen, printable } from "./printable-text.js";
export { renderJson, renderJsonLine } from "./render-json.js";
export { type Detail, renderTerminal, type TerminalOptions } from "./render-terminal.js";
