import { Command, InvalidArgumentError, Option } from "commander";
import { isDay } from "../policy/index.js";

/** A command that can be given the options which several have. */
export class OwnCommand extends Command {
  override createCommand(name?: string): OwnCommand {
    return new OwnCommand(name);
  }

  /** What bears on the audit of an app. */
  auditOptions(): this {
    return this.addOption(firstPartyOption).addOption(mappingOption).addOption(rulesOption);
  }

  /** How a page looks. */
  pageOptions(): this {
    return this.addOption(colorOption).addOption(widthOption);
  }

  /** Which form, and where it goes: of a command that can write several at once. */
  outputOptions(formats: Readonly<Record<string, string>>, usual = "terminal"): this {
    return this.addOption(
      new Option("-f, --format <format>", "form of what goes to standard output")
        .choices(Object.keys(formats))
        .default(usual),
    ).option("-o, --output <[format=]file>", "write to a file instead; repeatable", collect);
  }
}

// What an audit is told, by whatever command it is asked for.
export const firstPartyOption = new Option(
  "--first-party <package>",
  "a package tree of the app's own makers, com.acme; repeatable, or several with commas",
).argParser(collectPackages);
const mappingOption = new Option(
  "--mapping <file>",
  "the mapping.txt that R8 or ProGuard wrote in this app's build: gives renamed code its original names",
);
export const rulesOption = new Option(
  "--rules <path>",
  "rule file or directory on top of those that ship; repeatable",
).argParser(collect);

// How what is printed looks, whatever command prints it.
const colorOption = new Option("--color <when>", "colour; NO_COLOR and FORCE_COLOR are honoured")
  .choices(["auto", "always", "never"])
  .default("auto");
const widthOption = new Option(
  "--width <columns>",
  "columns, 40 to 400; the terminal's unless given, else 80",
).argParser(parseWidth);

export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

export function parsePackage(value: string): string {
  if (!PACKAGE.test(value)) throw new InvalidArgumentError("write it like com.acme.sdk");
  return value;
}

const PACKAGE = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

function collectPackages(value: string, previous: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!PACKAGE.test(name))
      throw new InvalidArgumentError(`"${name}" is no package: write it like com.acme`);
  }
  return [...previous, ...names];
}

export function parseDay(value: string): string {
  if (!isDay(value)) throw new InvalidArgumentError("write it like 2026-12-31");
  return value;
}

/** A number of things, at least one. */
export function parseCount(value: string): number {
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (count < 1) throw new InvalidArgumentError("It is a number from 1 to 999999999.");
  return count;
}

/** What a process needs to audit anything at all. */
const LEAST_MEBIBYTES = 256;

export function parseMebibytes(value: string): number {
  const mebibytes = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (mebibytes < LEAST_MEBIBYTES) throw new InvalidArgumentError(`It is a number from ${LEAST_MEBIBYTES}.`);
  return mebibytes;
}

function parseWidth(value: string): number {
  const width = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (width < 40 || width > 400) throw new InvalidArgumentError("It is a number from 40 to 400.");
  return width;
}
