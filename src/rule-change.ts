import type { AuditOptions, AuditRules } from "./audit.js";
import { prepareRules } from "./audit.js";
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
  mayMeet(
    appSha256: string,
    name: string,
    { facts, firstParty = [], limits = defaultLimits }: ChangeOptions,
  ): boolean {
    const kept = facts.read(keyOfFacts("app", appSha256, limits));
    if (kept === undefined) return true;
    try {
      const app = new AppFacts(kept, name);
      const [old, now] = [this.#before, this.#after].map(({ index }) =>
        findFirstParty(app.manifest, firstParty, index),
      );
      if (describe(old!) !== describe(now!)) return true;
      const { index } = this.#changed;
      if (matchSdks(seeApp(app, new PackageTable(), []), index, limits).length > 0) return true;
      const dexFiles = app.dexFiles.map(({ source, sha256 }) => {
        const bytes = facts.read(keyOfFacts("dex", sha256, limits));
        return bytes === undefined ? undefined : new DexFacts(bytes, source);
      });
      let definedText = 0;
      for (const dex of dexFiles) {
        if (dex === undefined || this.#coverage.mayConcern(dex.strings)) return true;
        if (dex.definedUnits().some((unit) => index.findOwner(unit) !== undefined)) return true;
        definedText += dex.definedText;
      }
      // How much of overloads is compared is a limit of the whole app, and grows with the methods asked for.
      return index.apis.length > 0 && definedText >= MOST_PROTO_TEXT;
    } catch {
      // Whatever facts that someone wrote lead to, an audit finds out.
      return true;
    }
  }
}

function describe({ roots, ownVendors }: ReturnType<typeof findFirstParty>): string {
  return JSON.stringify([roots, [...ownVendors].sort()]);
}
