/**
 * What becomes of personal data in an app's code: from the APIs that yield it to where it leaves the app's code, by running
 * the code on abstract values. What Android and libraries do with values is said by rules (`rules/flows`), not here.
 */
export type { Flow, FlowEnd, FlowForm, FlowHandOver, FlowKind, FlowStep } from "./describe-flows.js";
export { type AppFlows, type FlowCut, type FlowInput, findAppFlows } from "./find-flows.js";
