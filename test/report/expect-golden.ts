import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/** That a text is what a file beside the tests says, which was judged by reading it; UPDATE_GOLDEN rewrites it. */
export function expectGolden(name: string, text: string): void {
  const path = new URL(name, import.meta.url);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}
