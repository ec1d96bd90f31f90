import type { Limits } from "../diagnostics/index.js";
import type { CallGraph } from "./call-graph.js";
import type { CallGraphs } from "./call-graphs.js";
import type { EntryPointKind } from "./entry-points.js";
import { type CallChain, CallChains } from "./find-chains.js";
import type { WalkedDex } from "./walked-dex.js";

/** A shortest way in which code comes to run, as plain data. */
export interface ReachChain {
  /** What Android makes an object of, as the manifest or a layout names it: `com.acme.app.MainActivity`. */
  readonly component: string;
  readonly kind: EntryPointKind;
  /** Smali references from the method that Android calls to the one that the code is in. */
  readonly chain: readonly [string, ...string[]];
  /** Methods left out of the middle of {@link chain}; absent where it is whole. */
  readonly omitted?: number;
}

/** How code comes to run. */
export interface Reach extends ReachChain {
  /** The shortest way that begins before anybody could be asked, whether or not it is the shortest of all. */
  readonly beforeConsent?: ReachChain;
}

/** Why more may run than a call graph says. */
export type ReachGapKind =
  | "limit"
  | "unread"
  | "other-code"
  | "dynamic-code"
  | "reflection"
  | "native-method";

/** A kind of what a call graph does not know. */
export interface ReachGap {
  readonly kind: ReachGapKind;
  /** Methods that can run and do so; absent where it is not a matter of methods. */
  readonly methods?: number;
}

/** Classes by which an app loads code that is not among its DEX files. */
const LOADERS = [
  "Ldalvik/system/DexClassLoader;",
  "Ldalvik/system/InMemoryDexClassLoader;",
  "Ldalvik/system/DelegateLastClassLoader;",
  "Ldalvik/system/PathClassLoader;",
  "Ldalvik/system/DexFile;",
];

/** What of an app's code can run, and how it comes to. */
export class Reachability {
  readonly #graph: CallGraph;
  readonly #shortest: CallChains;
  readonly #early: CallChains;
  readonly #isCut: boolean;
  readonly #limits: Limits;
  readonly #dexNumbers: ReadonlyMap<WalkedDex, number>;
  readonly #known = new Map<number, Reach | undefined>();

  constructor({ whole, beforeConsent }: CallGraphs, limits: Limits) {
    this.#graph = whole;
    this.#shortest = new CallChains(whole);
    this.#early = new CallChains(beforeConsent, (entryPoint) => entryPoint.isBeforeConsent);
    this.#isCut = whole.limits.isCut || beforeConsent.limits.isCut;
    this.#limits = limits;
    this.#dexNumbers = new Map(whole.methods.types.dexFiles.map((dex, number) => [dex, number]));
  }

  /** Whether `Limits.callGraphSteps` were used up: more can run then than is found. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Entry points that can run. */
  get entryPoints(): number {
    return this.#graph.entryNodes.filter((node) => this.#graph.successorsOf(node).length > 0).length;
  }

  /** Methods of the app that can run. */
  get methods(): number {
    let count = 0;
    for (let node = 0; node < this.#graph.size; node++) if (this.#graph.methodOf(node) >= 0) count++;
    return count;
  }

  /** What of the code itself keeps the graph from being all that can run. */
  findGaps(): ReachGap[] {
    const { unresolvedReflection, nativeMethods } = this.#graph.limits;
    const { types } = this.#graph.methods;
    return [
      ...(this.#isCut ? [{ kind: "limit" as const }] : []),
      ...(LOADERS.some((name) => types.isNamed(name)) ? [{ kind: "dynamic-code" as const }] : []),
      ...(unresolvedReflection.length > 0
        ? [{ kind: "reflection" as const, methods: unresolvedReflection.length }]
        : []),
      ...(nativeMethods.length > 0
        ? [{ kind: "native-method" as const, methods: nativeMethods.length }]
        : []),
    ];
  }

  /** How a method that a DEX file defines comes to run; `undefined` where no way to it was found. */
  find(dex: WalkedDex, classDefIdx: number, methodIdx: number): Reach | undefined {
    const dexNumber = this.#dexNumbers.get(dex);
    if (dexNumber === undefined) return undefined;
    const method = this.#graph.methods.findDefined(dexNumber, classDefIdx, methodIdx);
    if (method === undefined) return undefined;
    if (!this.#known.has(method)) this.#known.set(method, this.#describe(method));
    return this.#known.get(method);
  }

  #describe(method: number): Reach | undefined {
    const shortest = this.#shortest.find(method);
    if (shortest === undefined) return undefined;
    const early = this.#early.find(method);
    return {
      ...this.#render(shortest),
      ...(early === undefined ? {} : { beforeConsent: this.#render(early) }),
    };
  }

  #render({ entryPoint: { component, kind }, methods }: CallChain): ReachChain {
    const most = Math.max(2, this.#limits.chainMethods);
    const omitted = Math.max(0, methods.length - most);
    const kept = omitted === 0 ? methods : [...methods.slice(0, most - 1), methods.at(-1)!];
    const chain = kept.map((method) => this.#graph.methods.reference(method)) as [string, ...string[]];
    return { component, kind, chain, ...(omitted === 0 ? {} : { omitted }) };
  }
}
