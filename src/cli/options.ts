import { Command, InvalidArgumentError, Option } from "commander";
import type { Rung } from "../findings/index.js";
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

  /** How far to look. */
  depthOption(): this {
    return this.addOption(
      new Option("--depth <rung>", "how far to look").choices(Object.keys(depths)).default(DEFAULT_DEPTH),
    );
  }

  /** The same of a command to which an app may be an APK or its report. */
  depthOfAppOption(): this {
    return this.addOption(
      new Option(
        "--depth <rung>",
        `how far to look at an APK; ${DEFAULT_DEPTH} unless given. A report must have been made to it`,
      ).choices(Object.keys(depths)),
    );
  }

  /** What bears on the audits of many apps: no mapping is that of all. */
  evaluationOptions(): this {
    return this.depthOption().addOption(firstPartyOption).addOption(rulesOption);
  }

  /** The processes that audit many apps. */
  processOptions(): this {
    return this.option(
      "--jobs <n>",
      "processes that audit; as many as there are cores unless given",
      parseWhole(1, 1_024),
    )
      .addOption(
        new Option("--timeout <seconds>", "of one app, which then failed")
          .argParser(parseSeconds(1, 86_400))
          .default(120),
      )
      .addOption(
        new Option("--memory <MiB>", "of the process of one app, which then failed")
          .argParser(parseWhole(LEAST_MEBIBYTES, 1 << 20))
          .default(2048),
      );
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

/** Rungs as `--depth` takes them. */
export const depths = {
  permitted: "who is there, and what the app's permissions open to them",
  referenced: "also whose code contains calls that yield personal data",
  reachable: "also which of it can run, and by which calls",
  flows: "also where the data goes: network, files, logs, other apps",
} satisfies Record<Rung, string>;

export const DEFAULT_DEPTH: Rung = "referenced";

/** What a process needs to audit anything at all. */
const LEAST_MEBIBYTES = 256;

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
).argParser(parseWhole(40, 400));

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

/** A whole number, for commander. */
export function parseWhole(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
  };
}

/** Seconds, for commander: whole, or with a fraction. */
export function parseSeconds(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,7}(?:\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a number of seconds from ${least} to ${most}.`);
  };
}
