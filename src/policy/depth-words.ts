import { isRungAtLeast, type Rung } from "../findings/index.js";

/** What is looked for at a depth, beyond that of the one before. */
export function sayLookedFor(depth: Rung): string {
  if (isRungAtLeast(depth, "flows")) return "where data goes";
  return isRungAtLeast(depth, "reachable") ? "what can run" : "what code could access";
}

/** How to have it looked for. */
export function sayDeeper(depth: Rung): string {
  return `Scan the app again with --depth ${depth}.`;
}
