// The program of a thread that carries rows over: started by CarryOver, which tells it from where, and then part by part.
import { type AuditRules, prepareRules } from "../audit.js";
import { isSystemError } from "../diagnostics/index.js";
import { RuleChange } from "../rule-change.js";
import { CompiledRules } from "../ruleset/index.js";
import { carryPart, folderFiles, openStore, type Store } from "../store/index.js";
import type { CarriedPart, CarrySettings, CarryTask } from "./carry-over.js";
import { FactsFolder } from "./facts-folder.js";
import { fileName } from "./input-file.js";
import { buffersOf, serveTasks } from "./serve-tasks.js";

serveTasks(makeCarrier());

function makeCarrier() {
  let carrier: Carrier | undefined;
  return async (task: CarryTask) => {
    if (task.kind === "begin") {
      carrier = await Carrier.begin(task.settings);
      return { result: carrier !== undefined };
    }
    const part = await carrier?.carry(task.part);
    return { result: part, buffers: part === undefined ? [] : buffersOf(part.tables) };
  };
}

/** What one change of rules is asked of. */
class Carrier {
  readonly #store: Store;
  readonly #change: RuleChange;
  readonly #facts: FactsFolder;

  private constructor(store: Store, change: RuleChange, facts: FactsFolder) {
    this.#store = store;
    this.#change = change;
    this.#facts = facts;
  }

  /** @returns `undefined` for a change that any app may be met by, and where the rules that were kept are spoilt */
  static async begin({
    storeFolder,
    earlier,
    rules,
    factsFolder,
  }: CarrySettings): Promise<Carrier | undefined> {
    const [before, after] = rules;
    const change = findChange(before, prepareRules(new CompiledRules(after)), earlier.rulesVersion);
    if (change === undefined) return undefined;
    return new Carrier(
      await openStore(folderFiles(storeFolder), earlier),
      change,
      new FactsFolder(factsFolder),
    );
  }

  /** The rows of those apps that the change cannot meet, as a part; `undefined` where there are none. */
  async carry({ name, apps }: CarriedPart) {
    const options = { facts: this.#facts, firstParty: this.#store.evaluation.firstParty };
    const unmet = apps.filter(({ app, path }) => !this.#change.mayMeet(app, fileName(path), options));
    const tables = unmet.length === 0 ? undefined : await this.#store.readPart(name);
    if (tables === undefined) return undefined;
    const digests = new Set(unmet.map(({ app }) => app));
    try {
      return await carryPart(name, tables, (app) => digests.has(app));
    } catch (error) {
      if (isSystemError(error)) throw error;
      // What is spoilt is not carried: the apps are audited.
      return undefined;
    }
  }
}

function findChange(kept: string, after: AuditRules, rulesVersion: string): RuleChange | undefined {
  try {
    const before = prepareRules(new CompiledRules(kept));
    return before.index.rulesVersion === rulesVersion ? RuleChange.between(before, after) : undefined;
  } catch {
    // What is spoilt is not what the apps were audited by.
    return undefined;
  }
}
