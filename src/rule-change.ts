import { type AuditOptions, type AuditRules, prepareRules } from "./audit.js";
import { defaultLimits } from "./diagnostics/index.js";
import { AppFacts, DexFacts, type FactStore, keyOfFacts, QueryCoverage } from "./facts/index.js";
import { MOST_PROTO_TEXT, PackageTable } from "./program/index.js";
import { compareRules } from "./ruleset/index.js";
import { findFirstParty, matchSdks, seeApp } from "./sdk/index.js";

/** What an app is asked by, and where its facts are. */
export interface ChangeOptions extends Pick<AuditOptions, "firstParty" | "limits"> {
  readonly facts: FactStore;
}

/**
 * A change of rules, asked of apps that were audited by the old ones: one that nothing of the change can meet has the same
 * result by the new ones, and need not be audited. It is met where a rule that was changed, added or taken away could
 * match, own a class, or ask for something that the code has a name for.
 */
export class RuleChange {
  readonly #before: AuditRules;
  readonly #after: AuditRules;
  /** The rules that were changed, as they were and as they are. */
  readonly #changed: AuditRules;
  readonly #coverage: QueryCoverage;

  private constructor(before: AuditRules, after: AuditRules, changed: AuditRules) {
    this.#before = before;
    this.#after = after;
    this.#changed = changed;
    this.#coverage = new QueryCoverage(changed.asked.query, changed.index.classesApart(), []);
  }

  /** @returns `undefined` for a change that any app may be met by */
  static between(before: AuditRules, after: AuditRules): RuleChange | undefined {
    const changed = compareRules(before.index, after.index);
    return changed === undefined ? undefined : new RuleChange(before, after, prepareRules(changed));
  }

  /**
   * Whether the result of an app may be another one: always where its facts are missing.
   *
   * @param appSha256 of the app's file, in hexadecimal
   * @param name that the file has in the result
   */
  mayMeet(appSha256: string, name: string, options: ChangeOptions): boolean {
    const { facts, limits = defaultLimits } = options;
    try {
      const kept = facts.read(keyOfFacts("app", appSha256, limits));
      if (kept === undefined) return true;
      const app = new AppFacts(kept, name);
      return this.#meetsContents(app, options) || this.#meetsCode(app, options);
    } catch {
      // Whatever facts that someone wrote lead to, an audit finds out.
      return true;
    }
  }

  #meetsContents(app: AppFacts, { firstParty = [], limits = defaultLimits }: ChangeOptions): boolean {
    const [old, now] = [this.#before, this.#after].map(({ index }) => {
      const { roots, ownVendors } = findFirstParty(app.manifest, firstParty, index);
      return JSON.stringify([roots, [...ownVendors].sort()]);
    });
    const withoutCode = seeApp(app, new PackageTable(), []);
    return old !== now || matchSdks(withoutCode, this.#changed.index, limits).length > 0;
  }

  #meetsCode({ dexFiles }: AppFacts, { facts, limits = defaultLimits }: ChangeOptions): boolean {
    const { index } = this.#changed;
    let definedText = 0;
    for (const { source, sha256 } of dexFiles) {
      const kept = facts.read(keyOfFacts("dex", sha256, limits));
      if (kept === undefined) return true;
      const dex = new DexFacts(kept, source);
      if (this.#coverage.mayConcern(dex.strings)) return true;
      if (dex.definedUnits().some((unit) => index.findOwner(unit) !== undefined)) return true;
      definedText += dex.definedText;
    }
    // How much of overloads is compared is a limit of the whole app, and grows with the methods asked for.
    return index.apis.length + index.handOvers.length > 0 && definedText >= MOST_PROTO_TEXT;
  }
}
