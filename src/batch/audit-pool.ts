import { setTimeout as pause } from "node:timers/promises";
import { failedApp } from "./audit-app.js";
import { type IsWanted, type Outcome, PoolWorker } from "./pool-worker.js";
import type { Audited, AuditInput, ProcessSettings } from "./process-messages.js";

/** How a pool audits. */
export interface PoolSettings extends ProcessSettings {
  /** The bundled `audit-process.js`, which stands beside the command line's bundle. */
  readonly program: URL;
  /** Processes at most; they are started as they are needed. */
  readonly processes: number;
  /** For one app. */
  readonly seconds: number;
}

/** An app that was not audited, as it was not wanted. */
export interface Unwanted {
  readonly status: "unwanted";
  readonly sha256: string;
  readonly size: number;
}

/** After so many apps a process makes room for a new one: what leaks, or is cut to pieces, goes with it. */
const APPS_A_PROCESS = 1_000;

/** Times that a process is started before the fault is taken to be ours; the system may be short of memory. */
const STARTS = 3;

interface Task {
  readonly input: AuditInput;
  readonly isWanted: IsWanted;
  readonly resolve: (audited: Audited | Unwanted) => void;
  readonly reject: (error: Error) => void;
}

/** A place for a process. */
interface Slot {
  worker: PoolWorker | undefined;
  kill: () => void;
}

/**
 * Audits apps in processes of their own, several at a time. An app that hangs, exhausts memory or meets a bug in
 * Node takes only its process with it, which is replaced.
 *
 * A pool of our own: piscina and its kin run threads, which share one heap limit with nothing outside of it and die
 * together; workerpool and tinypool start processes, too, but neither tells a process that was ended for its memory
 * from one that crashed, nor replaces one after so many apps.
 */
export class AuditPool {
  readonly #settings: PoolSettings;
  readonly #slots = new Set<Slot>();
  readonly #idle: Slot[] = [];
  readonly #waiting: Task[] = [];
  #rulesVersion: string | undefined;
  #isClosed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /** Numbers of the processes that there are now. */
  get pids(): number[] {
    return [...this.#slots].flatMap(({ worker }) => worker?.pid ?? []);
  }

  /**
   * Audits an app, when its turn comes. Never rejects for what an app does.
   *
   * @param isWanted asked when the file's digest is known, before it is audited
   */
  audit(input: AuditInput): Promise<Audited>;
  audit(input: AuditInput, isWanted: IsWanted): Promise<Audited | Unwanted>;
  audit(input: AuditInput, isWanted: IsWanted = () => true): Promise<Audited | Unwanted> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closed());
      this.#waiting.push({ input, isWanted, resolve, reject });
      this.#dispatch();
    });
  }

  /** Ends all processes at once; what is being audited is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    const workers = [...this.#slots].flatMap(({ worker }) => worker ?? []);
    for (const { kill } of this.#slots) kill();
    await Promise.all(workers.map((worker) => worker.gone()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const slot = this.#idle.pop() ?? this.#newSlot();
      if (slot === undefined) return;
      void this.#run(slot, this.#waiting.shift()!);
    }
  }

  #newSlot(): Slot | undefined {
    if (this.#slots.size >= this.#settings.processes) return undefined;
    const slot: Slot = { worker: undefined, kill: () => undefined };
    this.#slots.add(slot);
    return slot;
  }

  async #run(slot: Slot, task: Task): Promise<void> {
    try {
      const outcome = await this.#attempt(slot, task);
      if (this.#isClosed) throw closed();
      task.resolve(this.#answer(task.input, outcome));
    } catch (error) {
      task.reject(error as Error);
    }
    this.#idle.push(slot);
    if (!this.#isClosed) this.#dispatch();
  }

  async #attempt(slot: Slot, { input, isWanted }: Task): Promise<Outcome> {
    for (let isFirst = true; ; isFirst = false) {
      if (slot.worker?.hasEnded) slot.worker = undefined;
      slot.worker ??= await this.#start(slot);
      const isFresh = slot.worker.apps === 0;
      const outcome = await slot.worker.audit(input, this.#settings.seconds, isWanted);
      if (outcome.kind === "ended") slot.worker = undefined;
      else if (this.#isWorn(slot.worker, outcome)) {
        slot.worker.release();
        slot.worker = undefined;
      }
      // What apps before it left behind must not be its fault: an answer is one that a new process gives.
      const isAnswer = outcome.kind !== "ended" || outcome.reason === "timeout" || isFresh || !isFirst;
      if (isAnswer || this.#isClosed) return outcome;
    }
  }

  async #start(slot: Slot): Promise<PoolWorker> {
    const { program, processes: _, seconds: __, ...settings } = this.#settings;
    for (let start = 1; ; start++) {
      if (this.#isClosed) throw closed();
      try {
        const started = await PoolWorker.start(program, settings, (kill) => {
          slot.kill = kill;
        });
        this.#rulesVersion ??= started.rulesVersion;
        if (started.rulesVersion !== this.#rulesVersion) {
          started.kill();
          throw new Error("the rules were changed while apps were being audited by them");
        }
        return started;
      } catch (error) {
        if (this.#isClosed || start === STARTS) throw error;
        await pause(1_000);
      }
    }
  }

  /** A process that has grown would make a later app pay for earlier ones. */
  #isWorn(worker: PoolWorker, outcome: Outcome): boolean {
    const resident = outcome.kind === "audited" ? outcome.residentBytes : 0;
    return worker.apps >= APPS_A_PROCESS || resident > (this.#settings.mebibytes * 2 ** 20) / 2;
  }

  #answer({ name, known }: AuditInput, outcome: Outcome): Audited | Unwanted {
    if (outcome.kind === "audited") return outcome.audited;
    if (outcome.kind === "unwanted") {
      return { status: "unwanted", sha256: outcome.sha256, size: outcome.size };
    }
    const { reason, message } = outcome;
    const words = reason === "memory" ? `needs more than ${this.#settings.mebibytes} MiB of memory` : message;
    return failedApp(name, outcome.file ?? known, { reason, message: words });
  }
}

function closed(): Error {
  return new Error("the pool was closed");
}
