import type { BlindSpot, HandOverRule } from "./call-schema.js";
import type {
  ApiRule,
  DataType,
  ManifestSwitch,
  Permission,
  SdkRule,
  SupportLibraryRule,
  Vendor,
} from "./schema.js";

/**
 * All rules of an audit, checked, each list sorted by id (permissions by name; data types in the form's order).
 *
 * Without what a scan does not need: that stands in `RuleSources`; `examples` are for tests alone. The form
 * that ships is `CompiledRules`.
 */
export interface Ruleset {
  /** Digest of the rules' content: two rulesets with one version give the same results. */
  readonly rulesVersion: string;
  readonly vendors: readonly CompiledRule<Vendor>[];
  readonly sdks: readonly CompiledSdkRule[];
  readonly supportLibraries: readonly CompiledRule<SupportLibraryRule>[];
  readonly apis: readonly CompiledRule<ApiRule>[];
  readonly handOvers: readonly CompiledRule<HandOverRule>[];
  /** By method. */
  readonly blindSpots: readonly BlindSpot[];
  readonly dataTypes: readonly DataType[];
  readonly permissions: readonly CompiledRule<Permission>[];
  /** Classes that a component signature names and no class prefix covers: they belong to that party. */
  readonly componentClasses: readonly ComponentClass[];
}

/** The owner of one class, known by the manifest. */
export interface ComponentClass {
  /** Smali form. */
  readonly class: string;
  /** Id of an SDK or support library. */
  readonly party: string;
}

/** Keys of rules that a scan does not need. */
export const beside = [
  "sources",
  "examples",
  "note",
  "site",
  "maven",
  "auto-init",
  "privacy",
  "checked-on",
] as const;

/** A rule without what a scan does not need. */
export type CompiledRule<Rule> = Omit<Rule, (typeof beside)[number]>;

/** An SDK's rule, with only those switches that stand in the manifest. */
export type CompiledSdkRule = Omit<CompiledRule<SdkRule>, "switches"> & {
  readonly switches?: readonly ManifestSwitch[];
};
