/**
 * The rules' code: their schema, checking, compiling and indexing; the data lives in `rules/`. Comes in:
 * YAML or the compiled file. Goes out: a `Ruleset` and its index. Never sees an app.
 */
export type { BlindSpot, HandOverCall, HandOverRule } from "./call-schema.js";
export { compareRules } from "./compare-rules.js";
export type { PlacedRule } from "./compile-ruleset.js";
export { type CompiledFlowRules, joinFlowRules } from "./compiled-flow-rules.js";
export { CompiledRules, type CompiledVendor, type PartyRule, renderCompiledRules } from "./compiled-rules.js";
export { editDistance, findNearest } from "./find-nearest.js";
export type {
  ComponentKind,
  FieldPattern,
  FlowComputation,
  FlowDerivation,
  FlowModel,
  FlowMove,
  FlowRules,
  FlowRun,
  FlowSend,
  FlowSink,
  FlowSource,
  MethodPattern,
  PathStep,
  Place,
  PlaceRoot,
  Reflection,
  RunTime,
  SinkKind,
} from "./flow-models.js";
export { flowForms, sinkKinds } from "./flow-models.js";
export {
  type DepthData,
  depthDataOf,
  loadCompiledRuleSources,
  loadCompiledRules,
  readCompiledRules,
  shippedDepthData,
} from "./load-compiled-ruleset.js";
export { neededPermissions } from "./needed-permissions.js";
export { isRenamedPackage } from "./renamed-package.js";
export type { RuleComplaint } from "./rule-complaint.js";
export type { DraftSignature, DraftVersion, RuleDraft } from "./rule-draft.js";
export { globPattern, RuleIndex } from "./rule-index.js";
export type { PartySources, RuleSources } from "./rule-sources.js";
export type { CompiledRule, Ruleset } from "./ruleset.js";
export type {
  Api,
  ApiRule,
  DataType,
  Need,
  Permission,
  SdkCategory,
  SdkRule,
  Signature,
  SupportLibraryRule,
  Vendor,
} from "./schema.js";
export { sdkCategories } from "./sdk-categories.js";
