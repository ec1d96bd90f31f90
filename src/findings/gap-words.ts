import type { ReachGap, ReachGapKind } from "../program/index.js";

const WORDS: Readonly<Record<ReachGapKind, string>> = {
  limit: "a limit was reached",
  unread: "parts could not be read",
  "other-code": "code of other files is not read",
  "dynamic-code": "code is loaded at run time",
  reflection: "reflection that names no class",
  "native-method": "native methods",
};

/** Why more may run than a call graph says, in a few words: `reflection that names no class (31 methods)`. */
export function sayGap({ kind, methods }: ReachGap): string {
  if (methods === undefined) return WORDS[kind];
  return `${WORDS[kind]} (${methods} ${methods === 1 ? "method" : "methods"})`;
}
