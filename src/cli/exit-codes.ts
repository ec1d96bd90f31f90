/** What the process's exit code means. The one table: the help text is made from it. */
export const exitCodes = {
  done: { code: 0, meaning: "done: everything was read, and no check failed" },
  fail: { code: 1, meaning: "fail: a check found what must not be, or a difference that was asked for" },
  usage: {
    code: 2,
    meaning: "usage: a wrong option, rule, policy or form, no such input, a failed output",
  },
  incomplete: {
    code: 3,
    meaning: "incomplete: something could not be read, or a check needs more --depth",
  },
  bug: { code: 4, meaning: "a bug in bycatch" },
} as const;

/** How a command ended. */
export type Ending = keyof typeof exitCodes;

/** What the user must know first comes first: our bug, a mistake of theirs, what was found, a gap. */
const WORST_FIRST: readonly Ending[] = ["bug", "usage", "fail", "incomplete", "done"];

/** The worst of several endings; `done` of none. */
export function worstOf(endings: readonly Ending[]): Ending {
  return WORST_FIRST.find((ending) => endings.includes(ending)) ?? "done";
}

/** The table for help texts. */
export function renderExitCodes(): string {
  const lines = Object.values(exitCodes).map(({ code, meaning }) => `  ${code}  ${meaning}`);
  return `Exit codes (if several apply, the first of ${WORST_FIRST.map((ending) => exitCodes[ending].code).join(", ")}):\n${lines.join("\n")}`;
}
