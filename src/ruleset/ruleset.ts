import type { ApiRule, DataType, Permission, SdkRule, SupportLibraryRule, Vendor } from "./schema.js";

/**
 * All rules of an audit, checked, each list sorted by id (permissions by name).
 *
 * This is also the form of the compiled file that ships (`dist/rules.json`): plain JSON without what
 * a scan does not need (`sources` and `examples` are dropped when compiled).
 */
export interface Ruleset {
  /** Digest of the rules' content: two rulesets with one version give the same results. */
  readonly rulesVersion: string;
  readonly vendors: readonly Vendor[];
  readonly sdks: readonly CompiledRule<SdkRule>[];
  readonly supportLibraries: readonly CompiledRule<SupportLibraryRule>[];
  readonly apis: readonly CompiledRule<ApiRule>[];
  readonly dataTypes: readonly DataType[];
  readonly permissions: readonly Permission[];
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

/** A rule without what only its authors and tests need. */
export type CompiledRule<Rule> = Omit<Rule, "sources" | "examples">;
