/**
 * What is kept of a DEX file or an app, so that it need not be read again: facts. Comes in: DEX files under a query,
 * the manifest and names of an app. Goes out: bytes to keep, and from such bytes a `WalkedDex` with its
 * `CodeReferences`, or the contents of an app, and whether they are complete for another query. Facts are a file like
 * any other: what is spoilt in them is found, and counts as missing. Never knows an SDK's name, or where facts are kept.
 */
export { AppFacts, type KeptText, renderAppFacts } from "./app-facts.js";
export { DexFacts } from "./dex-facts.js";
export { type FactStore, type FactsKind, keyOfFacts } from "./fact-store.js";
export { FactsError } from "./facts-error.js";
export {
  type DexFactsOptions,
  isNoDexFacts,
  makeDexFacts,
  renderNoDexFacts,
} from "./make-dex-facts.js";
export { QueryCoverage } from "./query-coverage.js";
