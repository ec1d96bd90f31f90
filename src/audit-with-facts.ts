import { createHash } from "node:crypto";
import { type App, type AppContents, type AppFile, openApp } from "./app/index.js";
import type { ByteSource } from "./archive/index.js";
import {
  type AppReading,
  type AuditOptions,
  type AuditRules,
  asksReach,
  attributeReading,
  auditSource,
  concludeAudit,
  makePackageTable,
} from "./audit.js";
import type { DexFile } from "./dex/index.js";
import {
  type Diagnostic,
  type Diagnostics,
  defaultLimits,
  type Limits,
  readOrDiagnose,
} from "./diagnostics/index.js";
import {
  AppFacts,
  DexFacts,
  type FactStore,
  FactsError,
  isNoDexFacts,
  type KeptText,
  keyOfFacts,
  makeDexFacts,
  QueryCoverage,
  renderAppFacts,
  renderNoDexFacts,
} from "./facts/index.js";
import type { AuditResult } from "./findings/index.js";
import {
  type CodeReferences,
  findReferences,
  MOST_PROTO_TEXT,
  type PackageTable,
  splitPattern,
} from "./program/index.js";
import type { PartyRule } from "./ruleset/index.js";
import { findVersionFile, mayBeRenamed, mayBeVersion } from "./sdk/index.js";

/** What an audit that uses facts can be told. */
export interface FactsOptions extends AuditOptions {
  /** Where facts are kept. */
  readonly facts: FactStore;
  /** Told of each DEX file whose code is gone through, before it is: its name. */
  readonly onWalk?: (part: string) => void;
}

/**
 * `auditSource`, reading facts where they are and keeping those that it makes. The result is the same.
 *
 * With a mapping it is `auditSource` itself: facts have the names that an app has. And so at the depth `reachable`: facts
 * hold no calls but those of what was asked for.
 *
 * @throws as `auditSource`, and what the store throws
 */
export async function auditWithFacts(
  source: ByteSource,
  rules: AuditRules,
  options: FactsOptions,
): Promise<AuditResult> {
  if (options.mapping !== undefined || asksReach(options)) return auditSource(source, rules, options);
  const sha256 = await source.sha256();
  return (
    auditFromFacts(sha256, rules, { ...options, name: source.name }) ??
    new AppReader(rules, options).audit(source, sha256)
  );
}

/**
 * The result of `auditSource` from facts alone: `undefined` where there are none, or they are not complete for these
 * rules.
 *
 * @param appSha256 of the app's file, in hexadecimal
 * @param options with the name that the file has in the result: the one that it had when its facts were made, unless said
 */
export function auditFromFacts(
  appSha256: string,
  rules: AuditRules,
  options: FactsOptions & { readonly name?: string },
): AuditResult | undefined {
  if (options.mapping !== undefined || asksReach(options)) return undefined;
  const { facts, limits = defaultLimits } = options;
  const kept = facts.read(keyOfFacts("app", appSha256, limits));
  if (kept === undefined) return undefined;
  try {
    const app = new AppFacts(kept, options.name);
    const dexFiles = app.dexFiles.map(({ source, sha256 }) => {
      const bytes = facts.read(keyOfFacts("dex", sha256, limits));
      if (bytes === undefined) throw new FactsError("incomplete", "those of a DEX file are missing");
      return new DexFacts(bytes, source);
    });
    const coverage = coverageOf(rules);
    const readQuery = queryReader(facts, limits);
    if (countOverloadText(dexFiles, coverage, readQuery) >= MOST_PROTO_TEXT) return undefined;
    if (coverage.findIncomplete(dexFiles, true, readQuery).length > 0) return undefined;
    const packages = makePackageTable(rules);
    const { query } = rules.asked;
    const code = dexFiles.map((dex) => dex.references(query, packages));
    const { diagnostics, file } = app;
    const reading = { app, mapping: undefined, rules, packages, code, diagnostics };
    return concludeAudit(attributeReading(reading, options), options)([file]);
  } catch {
    // Whatever facts that someone wrote lead to, they count as missing. What is wrong with the app, reading it tells.
    return undefined;
  }
}

/** What facts must be complete for, made once for these rules. */
function coverageOf(rules: AuditRules): QueryCoverage {
  if (rules.coverage === undefined) {
    const starts = findVersionWays(rules).flatMap((way) =>
      "string" in way ? [splitPattern(way.string)[0]] : [],
    );
    rules.coverage = new QueryCoverage(rules.asked.query, rules.index.classesApart(), starts);
  }
  return rules.coverage;
}

function findVersionWays({ index }: AuditRules): NonNullable<PartyRule["rule"]["version"]> {
  return index.parties.flatMap(({ rule }) => rule.version ?? []);
}

/** Kept queries, by their digests. */
function queryReader(facts: FactStore, limits: Limits): (digest: string) => Uint8Array | undefined {
  return (digest) => facts.read(keyOfFacts("query", digest, limits));
}

/**
 * The most that comparing the overloads of the methods asked for can cost, in characters of their descriptors: facts
 * leave out those that do not fit, but the limit of them all must be reached where it is without facts.
 */
function countOverloadText(
  dexFiles: readonly DexFacts[],
  coverage: QueryCoverage,
  readQuery: (digest: string) => Uint8Array | undefined,
): number {
  return dexFiles.reduce(
    (sum, dex) => sum + (coverage.mayHaveNewMethods(dex, readQuery) ? dex.definedText : dex.overloadText),
    0,
  );
}

/** A DEX file of an app that is open. */
interface DexPart {
  readonly dex: DexFile;
  /** In hexadecimal. */
  readonly sha256: string;
  /** What reading it came to, before its code was looked at. */
  readonly diagnostics: readonly Diagnostic[];
  /** `undefined` where there are none: it is not sound. */
  facts: DexFacts | undefined;
}

/** Reads an app whose facts are missing, or not complete. */
class AppReader {
  readonly #rules: AuditRules;
  readonly #options: FactsOptions;
  readonly #limits: Limits;
  readonly #facts: FactStore;
  readonly #coverage: QueryCoverage;
  readonly #readQuery: (digest: string) => Uint8Array | undefined;
  readonly #diagnostics: Diagnostics = [];
  readonly #parts: DexPart[] = [];
  /** Those whose code this audit has gone through. */
  readonly #walked = new Set<DexPart>();
  /** Facts that were made, by key: they are kept when they have served. */
  readonly #made = new Map<string, Uint8Array>();
  readonly #texts = new Map<string, KeptText>();

  constructor(rules: AuditRules, options: FactsOptions) {
    this.#rules = rules;
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.#facts = options.facts;
    this.#coverage = coverageOf(rules);
    this.#readQuery = queryReader(this.#facts, this.#limits);
  }

  async audit(source: ByteSource, sha256: string): Promise<AuditResult> {
    const diagnostics = this.#diagnostics;
    const app = openApp(source, this.#limits, diagnostics);
    const opening = [...diagnostics];
    let told = diagnostics.length;
    for await (const dex of app.dexFiles()) {
      this.#parts.push(this.#readPart(dex, diagnostics.slice(told)));
      told = diagnostics.length;
      this.#options.onProgress?.(dex.source);
    }
    const ending = diagnostics.slice(told);
    this.#completeFacts();
    const file = { name: source.name, sha256, size: source.size };
    const result = this.#conclude(app, file, opening, ending);
    this.#keep(app, file, [...opening, ...this.#parts.flatMap((part) => part.diagnostics), ...ending]);
    return result;
  }

  #readPart(dex: DexFile, diagnostics: readonly Diagnostic[]): DexPart {
    const sha256 = createHash("sha256").update(dex.bytes).digest("hex");
    const part: DexPart = { dex, sha256, diagnostics, facts: undefined };
    // One of several in the same bytes has none of its own.
    const kept =
      dex.members > 1
        ? renderNoDexFacts()
        : (this.#made.get(this.#keyOf(part)) ?? this.#facts.read(this.#keyOf(part)));
    if (kept !== undefined && isNoDexFacts(kept)) return part;
    part.facts = kept === undefined ? undefined : openFacts(kept, dex.source);
    if (part.facts === undefined) this.#makeFacts(part);
    return part;
  }

  #keyOf({ sha256 }: DexPart): string {
    return keyOfFacts("dex", sha256, this.#limits);
  }

  /** Makes those of a part and of all parts with the same bytes. */
  #makeFacts(part: DexPart): void {
    this.#tellOfWalk(part);
    const bytes = makeDexFacts(part.dex, this.#coverage, {
      maySplit: mayBeRenamed,
      mayBeVersion,
      limits: this.#limits,
    });
    this.#made.set(this.#keyOf(part), bytes ?? renderNoDexFacts());
    for (const same of [part, ...this.#parts.filter(({ sha256 }) => sha256 === part.sha256)]) {
      this.#walked.add(same);
      same.facts = bytes === undefined ? undefined : new DexFacts(bytes, same.dex.source);
    }
  }

  #tellOfWalk(part: DexPart): void {
    if (!this.#walked.has(part)) this.#options.onWalk?.(part.dex.source);
    this.#walked.add(part);
  }

  /** Makes anew what these rules ask more of than it was made for. */
  #completeFacts(): void {
    const known = this.#parts.filter(({ facts }) => facts !== undefined);
    const dexFiles = known.map(({ facts }) => facts!);
    const areAll = known.length === this.#parts.length;
    for (const index of this.#coverage.findIncomplete(dexFiles, areAll, this.#readQuery))
      if (!this.#walked.has(known[index]!)) this.#makeFacts(known[index]!);
    if (this.#countOverloadText() < MOST_PROTO_TEXT) return;
    // Facts of this query count only what it asks for.
    for (const part of known)
      if (part.facts !== undefined && this.#coverage.mayHaveNewMethods(part.facts, this.#readQuery))
        this.#makeFacts(part);
  }

  #countOverloadText(): number {
    const dexFiles = this.#parts.flatMap(({ facts }) => facts ?? []);
    return countOverloadText(dexFiles, this.#coverage, this.#readQuery);
  }

  /**
   * What can only be missed when it is asked for is made then, and so are facts that something else is wrong with; the
   * audit begins again, and where that does not help without facts.
   */
  #conclude(
    app: App,
    file: AppFile,
    opening: readonly Diagnostic[],
    ending: readonly Diagnostic[],
  ): AuditResult {
    let useFacts = this.#countOverloadText() < MOST_PROTO_TEXT;
    for (;;) {
      try {
        const reading = this.#readWith(useFacts, app, opening, ending);
        const attributed = attributeReading(reading, this.#options);
        // What files without facts cost is known only now; those with facts would have left this much less.
        const isWithinReach =
          this.#parts.every(({ facts }) => facts !== undefined) ||
          attributed.hierarchy.protoTextLeft >= this.#countOverloadText();
        if (!useFacts || isWithinReach) return concludeAudit(attributed, this.#options)([file]);
        useFacts = false;
      } catch (error) {
        const kept = useFacts ? this.#findKept(error) : [];
        if (kept.length === 0 && !(useFacts && error instanceof FactsError)) throw error;
        useFacts = kept.length > 0;
        for (const part of kept) if (!this.#walked.has(part)) this.#makeFacts(part);
      }
    }
  }

  /** The parts whose facts, which this audit did not make, an error may come from. */
  #findKept(error: unknown): DexPart[] {
    const source = error instanceof FactsError ? error.source : undefined;
    return this.#parts.filter(
      (part) =>
        part.facts !== undefined &&
        !this.#walked.has(part) &&
        (source === undefined || source === part.dex.source),
    );
  }

  #readWith(
    useFacts: boolean,
    app: App,
    opening: readonly Diagnostic[],
    ending: readonly Diagnostic[],
  ): AppReading {
    const diagnostics = this.#diagnostics;
    diagnostics.splice(0, Infinity, ...opening);
    const packages = makePackageTable(this.#rules);
    const code = this.#collectReferences(packages, useFacts);
    diagnostics.push(...ending);
    const contents = this.#recordTexts(app);
    return { app: contents, mapping: undefined, rules: this.#rules, packages, code, diagnostics };
  }

  #collectReferences(packages: PackageTable, useFacts: boolean): CodeReferences[] {
    const { query } = this.#rules.asked;
    const diagnostics = this.#diagnostics;
    return this.#parts.flatMap((part) => {
      diagnostics.push(...part.diagnostics);
      if (useFacts && part.facts !== undefined) return [part.facts.references(query, packages)];
      this.#tellOfWalk(part);
      return readOrDiagnose(diagnostics, () => findReferences(part.dex, query, packages, diagnostics)) ?? [];
    });
  }

  #recordTexts(app: App): AppContents {
    const readText = (entryName: string) => {
      const told = this.#diagnostics.length;
      const text = app.readText(entryName);
      this.#texts.set(entryName, { text, diagnostics: this.#diagnostics.slice(told) });
      return text;
    };
    const { manifest, entryNames, hasOtherCode } = app;
    return { manifest, entryNames, hasOtherCode, hasEntry: (name) => app.hasEntry(name), readText };
  }

  /** Writes what was made: the app's own facts last, where those of all its DEX files are there. */
  #keep(app: App, file: AppFile, diagnostics: readonly Diagnostic[]): void {
    const facts = this.#facts;
    const limits = this.#limits;
    if (this.#made.size > 0) this.#keepQuery();
    for (const [key, bytes] of this.#made) facts.write(key, bytes);
    if (this.#parts.some((part) => part.facts === undefined)) return;
    this.#readOtherTexts(app);
    // Near the limit of all that is read, what can still be read depends on what was.
    if (app.spentBytes > limits.totalBytes / 2) return;
    const { manifest, entryNames, hasOtherCode } = app;
    const dexFiles = this.#parts.map(({ dex, sha256 }) => ({ source: dex.source, sha256 }));
    const texts = [...this.#texts];
    const bytes = renderAppFacts({ file, manifest, entryNames, hasOtherCode, dexFiles, diagnostics, texts });
    if (bytes !== undefined) facts.write(keyOfFacts("app", file.sha256, limits), bytes);
  }

  /** Written again where it is not what it was: what is made under a query serves no other without it. */
  #keepQuery(): void {
    const key = keyOfFacts("query", this.#coverage.digest, this.#limits);
    const query = this.#coverage.render();
    const kept = this.#facts.read(key);
    if (kept === undefined || Buffer.compare(kept, query) !== 0) this.#facts.write(key, query);
  }

  /** Texts that rules tell versions by, of what was not found in this app too. */
  #readOtherTexts(app: App): void {
    const contents = this.#recordTexts(app);
    for (const way of findVersionWays(this.#rules)) {
      const name = "file" in way ? findVersionFile(app, way.file) : undefined;
      if (name !== undefined && app.hasEntry(name) && !this.#texts.has(name)) contents.readText(name);
    }
  }
}

function openFacts(kept: Uint8Array, source: string): DexFacts | undefined {
  try {
    return new DexFacts(kept, source);
  } catch (error) {
    if (error instanceof FactsError) return undefined;
    throw error;
  }
}
