/**
 * One thing explained. Comes in: an id, the rules with their sources, an audit's result where there is one. Goes
 * out: an `Explanation`, plain data: what it is, why we say so, what it can reach, what its vendor documents, how
 * to be rid of it. Never looks at an app itself, never prints.
 */
export { explain } from "./explain.js";
export type {
  AccessFact,
  ApiFact,
  CutFact,
  ExplainedApp,
  Explanation,
  FlowFact,
  NeedFact,
  PermissionFact,
  PracticeFact,
  Presence,
  Remedy,
  RemedyKind,
  SdkFact,
  SignatureFact,
  SourceFact,
  Subject,
  YieldFact,
} from "./explanation.js";
export { findSubjects, suggestSubjects } from "./find-subject.js";
export { Knowledge } from "./knowledge.js";
