import type { PartBuilder } from "../store/index.js";

type PathAndApps = Parameters<PartBuilder["buildPart"]>;

/** What the thread that makes parts is asked. */
export type PartTask =
  | { readonly kind: "list"; readonly path: string }
  | { readonly kind: "build"; readonly path: string; readonly apps: PathAndApps[1] };

/** To the thread. */
export interface ToPartThread {
  /** Its answer has it, too. */
  readonly number: number;
  readonly task: PartTask;
}

/** From the thread. */
export type FromPartThread =
  | { readonly number: number; readonly result: unknown }
  /** `details`: the error's own properties, which are not sent with it. */
  | { readonly number: number; readonly error: Error; readonly details: object };
