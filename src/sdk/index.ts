/**
 * Who owns the code. Comes in: an app, its packages, the rules' signatures. Goes out: the SDKs matched,
 * with evidence, and the one party each class belongs to. Never decides whether a match is bad.
 */
export { type Attribution, type AttributionInput, attributeClasses } from "./attribute-classes.js";
export { type DraftInput, draftRule } from "./draft-rule.js";
export { findHost } from "./find-host.js";
export { findVersion, findVersionFile, mayBeVersion } from "./find-version.js";
export { type FirstParty, findFirstParty } from "./first-party.js";
export { matchSdks, type SdkMatch, worthOf } from "./match-sdks.js";
export { findOwnSdks, type OwnSdk } from "./own-sdks.js";
export { type Confidence, isThirdParty, lowerConfidence, type Party, type PartyKind } from "./party.js";
export { isRenamed, mayBeRenamed } from "./renamed-names.js";
export { type SeenApp, type SeenPackage, type SeenString, seeApp } from "./seen-app.js";
export { type RuleTest, testRules } from "./test-rules.js";
