import { Option } from "commander";
import type { BatchBuild } from "./batch-command.js";
import { type Ending, renderExitCodes } from "./exit-codes.js";
import { type OwnCommand, parseSeconds, parseWhole } from "./options.js";

const queueOption = new Option(
  "--queue <url>",
  "the queue: redis://host:6379/0, rediss:// for TLS; BYCATCH_QUEUE unless given",
);
const pathStyleOption = new Option(
  "--s3-path-style",
  "buckets in the path of URLs: what most servers that are not Amazon's want",
);

/** What `bycatch batch` is told of a queue. */
export function addQueueOptions(batch: OwnCommand): OwnCommand {
  return batch
    .addOption(
      new Option(
        "--queue [url]",
        "add the apps to a queue, for workers: redis://host:6379/0; BYCATCH_QUEUE unless given",
      ).conflicts(["store", "jobs", "timeout", "memory", "retryFailed", "watch"]),
    )
    .addOption(
      new Option("--apps-per-job <n>", "with --queue: apps of one job")
        .argParser(parseWhole(1, 1_000))
        .default(32),
    )
    .addOption(
      new Option("--attempts <n>", "with --queue: for an app that cannot be fetched, or whose audit crashes")
        .argParser(parseWhole(1, 100))
        .default(4),
    )
    .addOption(
      new Option("--backoff <seconds>", "with --queue: before the second attempt; doubled each time")
        .argParser(parseSeconds(0, 86_400))
        .default(10),
    )
    .addOption(
      new Option("--most-waiting <n>", "with --queue: jobs that wait; what adds more waits, too")
        .argParser(parseWhole(1, 10_000_000))
        .default(10_000),
    )
    .option("--wait", "with --queue: wait until all is done, and say how it went")
    .addOption(pathStyleOption);
}

/** `bycatch worker` and `bycatch queue`. */
export function addQueueCommands(
  program: OwnCommand,
  build: BatchBuild,
  end: (ending: Ending) => void,
): void {
  addWorker(program, build, end);
  addQueue(program, end);
}

function addWorker(program: OwnCommand, build: BatchBuild, end: (ending: Ending) => void): void {
  program
    .command("worker")
    .summary("audit the apps of a queue, on this machine")
    .description(
      "Takes apps from a queue, audits them and writes their rows into a store, until\nit is told to stop (SIGTERM). Any number of workers may share a queue and a store.",
    )
    .addOption(queueOption)
    .requiredOption("--store <place>", "the store: a folder that all workers share, or s3://bucket/prefix")
    .processOptions()
    .option(
      "--facts <folder>",
      "keep what is read of apps, so that other rules need not read them again; workers may share it",
    )
    .option(
      "--root <folder>",
      "read local apps below this folder alone: whoever can write to the queue names files",
    )
    .option("--temp <folder>", "for apps that are fetched; the system's unless given")
    .addOption(
      new Option("--max-app-bytes <n>", "of one app").argParser(parseWhole(1, 2 ** 40)).default(4 * 2 ** 30),
    )
    .addOption(
      new Option("--fetch-timeout <seconds>", "for all of one app to arrive")
        .argParser(parseSeconds(1, 86_400))
        .default(600),
    )
    .addOption(
      new Option("--lock <seconds>", "after so long without a sign of life its apps are another worker's")
        .argParser(parseSeconds(1, 86_400))
        .default(30),
    )
    .addOption(
      new Option("--grace <seconds>", "for the apps in flight when it is told to stop")
        .argParser(parseSeconds(0, 86_400))
        .default(25),
    )
    .option("--until-empty", "stop when nothing is left to do")
    .addOption(pathStyleOption)
    .evaluationOptions()
    .option("-q, --quiet", "no line for each job")
    .addHelpText("after", workerHelp)
    .action(async (options) => {
      const { work } = await import("./worker.js");
      end(await work(options, build));
    });
}

const workerHelp = `
Examples:
  $ bycatch batch apps/ --queue redis://queue:6379/0        add apps
  $ bycatch worker --queue redis://queue:6379/0 --store /shared/out
  $ bycatch worker --store s3://fleet/out                   BYCATCH_QUEUE is set

Credentials: in the URL, better in BYCATCH_QUEUE, or REDIS_USERNAME and
REDIS_PASSWORD; for buckets the AWS_... variables. docs/queue.md tells more.

${renderExitCodes()}`;

function addQueue(program: OwnCommand, end: (ending: Ending) => void): void {
  const queue = program
    .command("queue")
    .summary("look at a queue, and at what could not be done")
    .description("What waits in a queue, what is done, what could not be, and why.")
    .helpCommand(false);
  const evaluationOption = new Option("--evaluation <id>", "of one evaluation alone");
  const formatOption = new Option("-f, --format <format>", "form")
    .choices(["terminal", "json"])
    .default("terminal");
  const load = () => import("./queue.js");
  queue
    .command("status")
    .summary("count jobs and apps")
    .description("Counts what waits, is being done, and is done.")
    .addOption(queueOption)
    .addOption(evaluationOption)
    .addOption(formatOption)
    .action(async (options) => end(await (await load()).showQueue(options)));
  queue
    .command("dead")
    .summary("list apps that could not be audited after all attempts")
    .description("Lists apps that could not be fetched, or whose audit crashed, at each attempt; and why.")
    .addOption(queueOption)
    .addOption(evaluationOption)
    .addOption(formatOption)
    .action(async (options) => end(await (await load()).listDead(options)));
  queue
    .command("retry")
    .summary("try dead letters anew")
    .description(
      "Tries dead letters anew: all, or those of the apps that are named as `queue dead` lists them.",
    )
    .argument("[app...]", "apps as they are listed")
    .addOption(queueOption)
    .addOption(evaluationOption)
    .action(async (apps, options) => end(await (await load()).retryDead(apps, options)));
  queue
    .command("clear")
    .summary("forget jobs")
    .description(
      "Forgets all jobs and what was done. Rows in a store stay, and their apps are not audited again.",
    )
    .addOption(queueOption)
    .addOption(evaluationOption)
    .option("--dead", "the dead letters alone")
    .option("--force", "though jobs are being done: when their workers are gone for good")
    .action(async (options) => end(await (await load()).clearQueue(options)));
}
