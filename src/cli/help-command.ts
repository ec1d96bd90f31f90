import type { Command } from "commander";
import { UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import { askWhetherMeant } from "./console.js";
import type { OwnCommand } from "./options.js";

/** Adds `bycatch help`. Commander's own takes one name, and of one that it does not know shows the whole help. */
export function addHelp(program: OwnCommand): void {
  program
    .command("help")
    .summary("print help for a command")
    .description("Prints help for a command, or for one below it: help queue retry.")
    .argument("[command...]", "its name")
    .action(async (names: readonly string[]) => (await findCommand(program, names)).outputHelp());
}

async function findCommand(program: Command, names: readonly string[]): Promise<Command> {
  let command = program;
  for (const [place, name] of names.entries()) {
    const inner = command.commands.find((one) => one.name() === name);
    if (inner === undefined) {
      const { findNearest } = await import("../ruleset/index.js");
      const known = command.commands.map((one) => ({ id: one.name(), name: one.name() }));
      const near = findNearest(name, known);
      const asked = names.slice(0, place + 1).map((one) => printable(one, 200));
      throw new UsageError(
        `help ${asked.join(" ")}`,
        "there is no such command",
        near.length > 0 ? askWhetherMeant(near) : 'See "bycatch --help".',
      );
    }
    command = inner;
  }
  return command;
}
