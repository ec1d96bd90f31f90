import type { Rung } from "../findings/index.js";

/** What a process audits by; it is told once, when it starts. */
export interface ProcessSettings {
  /** What `CompiledRules` reads, where they are others than those that ship. */
  readonly compiledRules?: string;
  /** What `parseCompiledFlowRules` reads, where they are others than those that ship and flows are looked for. */
  readonly compiledFlowRules?: string;
  readonly firstParty: readonly string[];
  readonly depth: Rung;
  /** Of memory, for the whole process. */
  readonly mebibytes: number;
  /** Where facts are kept; none are unless given. */
  readonly factsFolder?: string;
}

/** An app's file, as a process is given it. */
export interface AuditInput {
  /** Where the file is, on this machine. */
  readonly path: string;
  /** As the rows call it. */
  readonly name: string;
  /** The file's digest and size, where they are known already: it need not be read then. */
  readonly known?: { readonly sha256: string; readonly size: number };
}

/** What became of an app. */
export interface Audited {
  /** `undefined` where the file could not be read so far. */
  readonly sha256?: string;
  readonly size?: number;
  readonly status: "audited" | "incomplete" | "failed";
  readonly reason?: "format" | "unreadable" | "timeout" | "memory" | "crash";
  /** Of a failure: one sentence, without the machine's paths. It may quote the file. */
  readonly message?: string;
  /** The app's rows, as JSON of `Rows`. */
  readonly rowsJson: string;
  readonly packageName?: string;
  /** Whether all of it came from facts, and the file was not read. */
  readonly isFromFacts?: true;
}

/** To a process: what it audits by; then apps, one at a time, each with the answer to its digest. */
export type ToProcess =
  | { readonly kind: "start"; readonly settings: ProcessSettings }
  | { readonly kind: "audit"; readonly input: AuditInput }
  | { readonly kind: "answer"; readonly isWanted: boolean };

/** From a process: that it is ready; then, of each app, its digest, and what became of it unless it is not wanted. */
export type FromProcess =
  | { readonly kind: "ready"; readonly rulesVersion: string }
  | { readonly kind: "digest"; readonly sha256: string; readonly size: number }
  | { readonly kind: "audited"; readonly audited: Audited; readonly residentBytes: number };

/** What the guard of a process writes on standard error before it ends the process for its memory. */
export const OUT_OF_MEMORY = "bycatch: out of memory";
