import { type ResourceLimits, Worker } from "node:worker_threads";

/** To a thread that does tasks. */
export interface ToThread<Task> {
  /** Its answer has it, too. */
  readonly number: number;
  readonly task: Task;
}

/** From such a thread. */
export type FromThread =
  | { readonly number: number; readonly result: unknown }
  /** `details`: the error's own properties, which are not sent with it. */
  | { readonly number: number; readonly error: Error; readonly details: object };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A thread that does tasks, from this side: it is started when it is first needed, and keeps no process alive. */
export class TaskThread<Task> {
  readonly #program: URL;
  readonly #resourceLimits: ResourceLimits;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 0;

  /** @param program a bundle that calls `serveTasks` */
  constructor(program: URL, resourceLimits: ResourceLimits = {}) {
    this.#program = program;
    this.#resourceLimits = resourceLimits;
  }

  /** What the thread makes of a task. */
  ask<T>(task: Task): Promise<T> {
    this.#worker ??= this.#start();
    const number = this.#next++;
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as Waiting["resolve"], reject });
    });
    this.#worker.ref();
    this.#worker.postMessage({ number, task } satisfies ToThread<Task>);
    return answer;
  }

  /** Ends the thread; what is asked of it then is rejected. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#program, { resourceLimits: this.#resourceLimits });
    worker.on("message", (message: FromThread) => {
      const waiting = this.#waiting.get(message.number);
      this.#waiting.delete(message.number);
      if (this.#waiting.size === 0) worker.unref();
      if ("error" in message) waiting?.reject(Object.assign(message.error, message.details));
      else waiting?.resolve(message.result);
    });
    const end = (error: Error) => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on("error", end);
    worker.on("exit", () => end(new Error("a thread has ended")));
    return worker;
  }
}
