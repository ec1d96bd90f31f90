import type { PartBuilder } from "../store/index.js";
import { TaskThread } from "./task-thread.js";

/** What the thread that makes parts is asked. */
export type PartTask =
  | { readonly kind: "list"; readonly path: string }
  | { readonly kind: "build"; readonly path: string; readonly apps: Parameters<PartBuilder["buildPart"]>[1] };

/**
 * Makes parts in a thread of its own: to write tables takes a good part of a second, in which the thread that hands out
 * apps would keep all processes waiting.
 */
export class PartThread implements PartBuilder {
  readonly #thread: TaskThread<PartTask>;

  /** @param program the bundled `make-parts.js` */
  constructor(program: URL) {
    // Tables are made of a few megabytes: room for more garbage would be kept for good.
    this.#thread = new TaskThread(program, { maxYoungGenerationSizeMb: 24 });
  }

  listLines(path: string): ReturnType<PartBuilder["listLines"]> {
    return this.#thread.ask({ kind: "list", path });
  }

  buildPart(...[path, apps]: Parameters<PartBuilder["buildPart"]>): ReturnType<PartBuilder["buildPart"]> {
    return this.#thread.ask({ kind: "build", path, apps });
  }

  /** Ends the thread; what is asked of it then is rejected. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
