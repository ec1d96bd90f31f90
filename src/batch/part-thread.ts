import { Worker } from "node:worker_threads";
import type { PartBuilder } from "../store/index.js";
import type { FromPartThread, PartTask } from "./part-messages.js";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Makes parts in a thread of its own: to write tables takes a good part of a second, in which the thread that hands out
 * apps would keep all processes waiting. The thread is started when it is first needed.
 */
export class PartThread implements PartBuilder {
  readonly #program: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 0;

  /** @param program the bundled `make-parts.js` */
  constructor(program: URL) {
    this.#program = program;
  }

  listLines(path: string): ReturnType<PartBuilder["listLines"]> {
    return this.#ask({ kind: "list", path });
  }

  buildPart(...[path, apps]: Parameters<PartBuilder["buildPart"]>): ReturnType<PartBuilder["buildPart"]> {
    return this.#ask({ kind: "build", path, apps });
  }

  /** Ends the thread; what is asked of it then is rejected. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask<T>(task: PartTask): Promise<T> {
    this.#worker ??= this.#start();
    const number = this.#next++;
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as Waiting["resolve"], reject });
    });
    this.#worker.ref();
    this.#worker.postMessage({ number, task });
    return answer;
  }

  #start(): Worker {
    // Tables are made of a few megabytes: room for more garbage would be kept for good.
    const worker = new Worker(this.#program, { resourceLimits: { maxYoungGenerationSizeMb: 24 } });
    worker.on("message", (message: FromPartThread) => {
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
    worker.on("exit", () => end(new Error("the thread that makes parts has ended")));
    return worker;
  }
}
