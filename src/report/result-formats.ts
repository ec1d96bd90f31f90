/**
 * Forms of an audit's result that are loaded when one is asked for; CycloneDX, which brings its own library, is
 * `render-cyclonedx.ts`.
 */
export { renderCsvHeader, renderCsvRows } from "./render-csv.js";
export { renderMarkdown } from "./render-markdown.js";
export { renderSarifRun } from "./render-sarif.js";
export { sarifFrame } from "./sarif-run.js";
