import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  type Audited,
  type AuditInput,
  type FromProcess,
  OUT_OF_MEMORY,
  type ProcessSettings,
  type ToProcess,
} from "./process-messages.js";

/** How an app fared: what the process says of it, or how the process ended over it. */
export type Outcome =
  | { readonly kind: "audited"; readonly audited: Audited; readonly residentBytes: number }
  | { readonly kind: "unwanted"; readonly sha256: string; readonly size: number }
  | {
      readonly kind: "ended";
      readonly reason: "timeout" | "memory" | "crash";
      readonly message: string;
      /** Where the process came as far as telling it. */
      readonly file?: { readonly sha256: string; readonly size: number };
    };

/** Whether an app of this digest is to be audited. */
export type IsWanted = (sha256: string, size: number) => boolean;

/** Characters kept of what a process wrote on standard error. */
const STDERR_TAIL = 8_000;

/** Milliseconds that a process has to get ready; it takes a fraction of a second. */
const PATIENCE = 60_000;

/** Threads of a process that inflate: all cores have a process of their own. */
const THREADS = "2";

/** A process that was started to audit, as the pool sees it. */
export class PoolWorker {
  readonly rulesVersion: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #ending: string | undefined;
  /** Of the app that it is at: told how it ended. */
  #onEnded: (ending: string) => void = () => undefined;
  #hasTimedOut = false;
  #apps = 0;

  private constructor(child: ChildProcess, ended: Promise<string>, rulesVersion: string) {
    this.#child = child;
    this.#ended = ended;
    this.rulesVersion = rulesVersion;
    void ended.then((ending) => {
      this.#ending = ending;
      this.#onEnded(ending);
    });
  }

  /**
   * Starts a process and waits until it has its rules.
   *
   * @param program the bundled `audit-process.js`
   * @param onStarted given what ends it at once, also while it is starting
   * @throws Error if it ends before it is ready
   */
  static async start(
    program: URL,
    settings: ProcessSettings,
    onStarted: (kill: () => void) => void,
  ): Promise<PoolWorker> {
    const child = fork(fileURLToPath(program), [], {
      execArgv: [`--max-old-space-size=${settings.mebibytes}`],
      env: { ...withoutCredentials(process.env), UV_THREADPOOL_SIZE: THREADS },
      // Rows are long texts: not to be quoted once more.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    onStarted(() => child.kill("SIGKILL"));
    const ended = whenEnded(child);
    const ready = nextMessage(child, "ready");
    send(child, { kind: "start", settings });
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    const first = await Promise.race([ready, ended]);
    clearTimeout(timer);
    if (typeof first === "string") throw new Error(`a process that audits could not be started: ${first}`);
    return new PoolWorker(child, ended, first.rulesVersion);
  }

  /** The system's number of it. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Apps that it was given. */
  get apps(): number {
    return this.#apps;
  }

  /** Whether it is of no more use. */
  get hasEnded(): boolean {
    return this.#ending !== undefined || !this.#child.connected;
  }

  /** Audits one app; only one at a time. The process that ends over it is an answer, too. */
  async audit(input: AuditInput, seconds: number, isWanted: IsWanted): Promise<Outcome> {
    this.#apps++;
    // What is known here is decided here, without the way there and back.
    if (input.known !== undefined && !isWanted(input.known.sha256, input.known.size)) {
      return { kind: "unwanted", ...input.known };
    }
    let file = input.known;
    return new Promise((resolve) => {
      const finish = (outcome: Outcome) => {
        clearTimeout(timer);
        this.#child.off("message", onMessage);
        this.#onEnded = () => undefined;
        resolve(outcome);
      };
      const onMessage = (message: FromProcess) => {
        // Its last words: it is of no more use.
        if (this.#hasTimedOut) return;
        if (message.kind === "audited") finish(message);
        if (message.kind !== "digest") return;
        const { sha256, size } = message;
        file = { sha256, size };
        const wanted = isWanted(sha256, size);
        send(this.#child, { kind: "answer", isWanted: wanted });
        if (!wanted) finish({ kind: "unwanted", sha256, size });
      };
      // Not a race of promises: the one of its end would hold every app's outcome until then.
      this.#onEnded = (ending) =>
        finish({
          kind: "ended",
          ...this.#reasonOf(ending, seconds),
          ...(file === undefined ? {} : { file }),
        });
      const timer = setTimeout(() => {
        this.#hasTimedOut = true;
        this.kill();
      }, seconds * 1_000);
      this.#child.on("message", onMessage);
      if (this.#ending !== undefined) this.#onEnded(this.#ending);
      send(this.#child, { kind: "audit", input });
    });
  }

  /** Lets it go: it ends when its channel closes. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Resolves when it is gone. */
  async gone(): Promise<void> {
    await this.#ended;
  }

  #reasonOf(ending: string, seconds: number): Pick<Outcome & { kind: "ended" }, "reason" | "message"> {
    if (this.#hasTimedOut) return { reason: "timeout", message: `not finished after ${seconds} s` };
    if (ending === OUT_OF_MEMORY) return { reason: "memory", message: "needs more memory than is allowed" };
    return { reason: "crash", message: `the process that audited it ended: ${ending}` };
  }
}

/** How a process ended, in a few words without paths of the machine; {@link OUT_OF_MEMORY} where that was it. */
function whenEnded(child: ChildProcess): Promise<string> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    // `close`, as `exit` may come before the last words.
    child.once("close", (code, signal) => {
      if (stderr.includes(OUT_OF_MEMORY) || /heap out of memory|Zone Allocation failed/.test(stderr)) {
        resolve(OUT_OF_MEMORY);
        return;
      }
      const words = /^(?:Uncaught )?\w*Error\b.*/m.exec(stderr)?.[0];
      const how = signal === null ? `exit code ${code}` : signal;
      resolve(words === undefined ? how : `${how}, ${withoutPaths(words)}`);
    });
  });
}

/** What reads hostile files has no use for what opens queues and buckets. */
function withoutCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(env).filter((name) => !/^(?:BYCATCH_QUEUE$|REDIS_|AWS_)/i.test(name));
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

function withoutPaths(text: string): string {
  return text.replace(/(?:file:\/\/)?(?:[A-Za-z]:)?[\\/](?:[^\s\\/'":]+[\\/])+/g, "").slice(0, 500);
}

function nextMessage<K extends FromProcess["kind"]>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<FromProcess, { kind: K }>> {
  return new Promise((resolve) => {
    const onMessage = (message: FromProcess) => {
      if (message.kind !== kind) return;
      child.off("message", onMessage);
      resolve(message as Extract<FromProcess, { kind: K }>);
    };
    child.on("message", onMessage);
  });
}

function send(child: ChildProcess, message: ToProcess): void {
  // Where the channel is closed, the process has ended, which is told otherwise.
  if (child.connected) child.send(message, undefined, undefined, () => undefined);
}
