/**
 * The command line. Comes in: arguments. Goes out: reports, sentences about trouble, an exit code. Never
 * analyses: each command loads what it needs when it is run, so that `--version` and `--help` are quick.
 */
import { type Command, CommanderError, Option } from "commander";
import { addBatch } from "./batch-command.js";
import { tellFailure, toleratePipes } from "./console.js";
import { describeFailure } from "./describe-failure.js";
import { type Ending, exitCodes, renderExitCodes } from "./exit-codes.js";
import { addHelp } from "./help-command.js";
import {
  collect,
  depths,
  firstPartyOption,
  OwnCommand,
  parseDay,
  parsePackage,
  rulesOption,
} from "./options.js";
import { dataSafetyFormats, differenceFormats, formats, verdictFormats } from "./outputs.js";
import { addQuery } from "./query-command.js";
import { addQueueCommands } from "./queue-commands.js";
import { addReport } from "./report-command.js";
import { renderTable } from "./table-text.js";

declare const BYCATCH_VERSION: string;
/** Digest of the code that audits; the build puts it in. */
declare const BYCATCH_AUDIT_DIGEST: string;

/** The bundle stands beside the compiled rules, and below the package with the written ones. */
const shippedRules = new URL("./rules.jsonl", import.meta.url);
const auditProgram = new URL("./audit-process.js", import.meta.url);
const partsProgram = new URL("./make-parts.js", import.meta.url);
const carryProgram = new URL("./carry-rows.js", import.meta.url);
const ruleFiles = new URL("../rules/", import.meta.url);
const shipped = {
  rules: shippedRules,
  policies: new URL("./policies.json", import.meta.url),
  policyValidator: new URL("./policy-validator.js", import.meta.url),
};

let ending: Ending = "done";

function buildProgram(): OwnCommand {
  const program = new OwnCommand("bycatch")
    .description(
      "Opens a finished Android build and says which third parties could access what personal data, on what evidence. Works offline: the app stays on this machine.",
    )
    .version(BYCATCH_VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "bycatch: ")) })
    .addHelpText(
      "after",
      `\nExamples:\n  $ bycatch scan app-release.apk\n  $ bycatch scan --verbose app-release.apk | less\n  $ bycatch scan build/*.apk -o report.json -o report.txt\n  $ bycatch explain facebook-core app-release.apk\n  $ bycatch manifest --resolve app-release.apk\n\n${renderExitCodes()}`,
    )
    .exitOverride();
  addScan(program);
  addCheck(program);
  addLock(program);
  addInit(program);
  addDiff(program);
  addDataSafety(program);
  addExplain(program);
  addManifest(program);
  const build = {
    rules: shippedRules,
    auditProgram,
    partsProgram,
    carryProgram,
    codeDigest: BYCATCH_AUDIT_DIGEST,
    version: BYCATCH_VERSION,
  };
  const end = (how: Ending) => {
    ending = how;
  };
  addBatch(program, build, end);
  addQueueCommands(program, build, end);
  addQuery(program, shippedRules, end);
  addReport(program, end);
  addRules(program);
  addHelp(program);
  tellHelp(program, "bycatch");
  return program;
}

/** After an error: where the help is, for a command and those below it. */
function tellHelp(command: Command, path: string): void {
  command.showHelpAfterError(`See "${path} --help".`);
  for (const inner of command.commands) tellHelp(inner, `${path} ${inner.name()}`);
}

function addScan(program: OwnCommand): void {
  program
    .command("scan")
    .summary("say which third parties could access what personal data")
    .description(
      "Says which third parties are in an app, what personal data their code could\naccess, and on what evidence. An access is what code can do on the device; it is\nno proof that data leaves it.",
    )
    .argument("<app...>", "APK files")
    .option(
      "-v, --verbose",
      "tell everything: each access with its places and limits, permissions, hosts, support libraries",
    )
    .addOption(new Option("-q, --quiet", "one summary for each app, and errors").conflicts("verbose"))
    .outputOptions(formats)
    .depthOption()
    .auditOptions()
    .pageOptions()
    .addHelpText("after", scanHelp)
    .action(async (paths, options) => {
      const { scan } = await import("./scan.js");
      ending = await scan(paths, options, shippedRules);
    });
}

const scanHelp = `
Formats:
${renderTable(formats)}
  With --output, .txt, .json, .jsonl, .sarif, .md, .csv and .cdx.json tell the
  format, unless "format=" before the file does; a file of no format's extension
  has that of --format. "-" is standard output.

Rungs of --depth:
${renderTable(depths)}

Examples:
  $ bycatch scan app.apk -o - -o json=build/report    terminal report, and JSON
  $ bycatch scan -f json app.apk | jq '.findings[].id'
  $ bycatch scan -f jsonl *.apk | jq .app.packageName

${renderExitCodes()}`;

function addCheck(program: OwnCommand): void {
  program
    .command("check")
    .summary("pass or fail a build by a policy and a lockfile")
    .description(
      "Passes or fails a build: by a policy, which says what must and must not be in\nit, and a lockfile, which says what was agreed to. Both are looked for in this\nfolder (bycatch.policy.yaml, bycatch.lock) unless they are named.",
    )
    .argument("<app>", "APK file, or the JSON report of one")
    .option("--policy <file>", "the policy")
    .option("--lock <file>", "the lockfile")
    .option("--form <file>", "the Data safety form, as Play Console exports it: checked, too")
    .option("--update", "agree to what rides along now: write the lockfile anew")
    .option("--allow-incomplete", "let an app pass though parts of it could not be read")
    .addOption(
      new Option(
        "--today <day>",
        "the day by which exceptions are judged; the machine's unless given",
      ).argParser(parseDay),
    )
    .option("-v, --verbose", "all places, notes, and the checks that passed")
    .outputOptions(verdictFormats)
    .auditOptions()
    .pageOptions()
    .addHelpText("after", checkHelp)
    .action(async (app, options) => {
      const { check } = await import("./check.js");
      ending = await check(app, options, shipped);
    });
}

const checkHelp = `
Formats:
${renderTable(verdictFormats)}
  With --output, .txt, .json, .sarif, .xml, .md and .csv tell the format, unless
  "format=" before the file does.

Examples:
  $ bycatch check app.apk                        by what is in this folder
  $ bycatch check --update app.apk               agree to what is new
  $ bycatch check app.apk --policy children.yaml -o - -o verdict.json
  $ bycatch check app.apk -o bycatch.sarif -o github=-

${renderExitCodes()}`;

function addLock(program: OwnCommand): void {
  program
    .command("lock")
    .summary("write down what rides along in a build")
    .description(
      "Writes the lockfile: third parties and versions, permissions and who brings\neach, data that their code could access, in a report of --depth flows what\nothers' code gives them, hosts. A line a thing, to be read in a pull request.",
    )
    .argument("<app>", "APK file, or the JSON report of one")
    .option("-o, --output <file>", "the lockfile; bycatch.lock unless given")
    .option("--allow-incomplete", "also where parts of the app could not be read")
    .auditOptions()
    .addHelpText("after", `\n${renderExitCodes()}`)
    .action(async (app, options) => {
      const { lock } = await import("./lock.js");
      ending = await lock(app, options, shippedRules);
    });
}

function addInit(program: OwnCommand): void {
  program
    .command("init")
    .summary("propose a policy and a lockfile for an app")
    .description(
      "Looks at a build, writes a policy and a lockfile that it passes as it is, and\nsays what in it is worth a thought. Both are yours to edit.",
    )
    .argument("<app>", "APK file, or the JSON report of one")
    .option("--policy <file>", "the policy; bycatch.policy.yaml unless given")
    .option("--lock <file>", "the lockfile; bycatch.lock unless given")
    .option("--force", "write over what is there")
    .option("--allow-incomplete", "also where parts of the app could not be read")
    .auditOptions()
    .addHelpText("after", `\n${renderExitCodes()}`)
    .action(async (app, options) => {
      const { init } = await import("./init.js");
      ending = await init(app, options, shippedRules);
    });
}

function addDataSafety(program: OwnCommand): void {
  program
    .command("data-safety")
    .summary("compare a build with its Data safety form, and draft one")
    .description(
      "Compares what vendors document, and what code could access, with what the Data\nsafety form of an app declares: the CSV that Play Console exports. An access is\nnever called a collection; it is a question to those who make the app. Without a\nform it tells what is known of each data type.",
    )
    .argument("<app>", "APK file, or the JSON report of one")
    .option("--form <file>", "the form: Play Console, Policy, App content, Data safety, Export to CSV")
    .option("--draft <file>", "write a form to fill in, each row marked with what it rests on")
    .option("--force", "write a draft over a file that is there")
    .option("--allow-incomplete", "let an app pass though parts of it could not be read")
    .option("-v, --verbose", "all places, limits and notes, and what is known of each data type")
    .outputOptions(dataSafetyFormats)
    .auditOptions()
    .pageOptions()
    .addHelpText("after", dataSafetyHelp)
    .action(async (app, options) => {
      const { dataSafety } = await import("./data-safety.js");
      ending = await dataSafety(app, options, shippedRules);
    });
}

const dataSafetyHelp = `
Formats:
${renderTable(dataSafetyFormats)}

Examples:
  $ bycatch data-safety app.apk                          what is known
  $ bycatch data-safety app.apk --form export.csv        what the form lacks
  $ bycatch data-safety app.apk --form export.csv --draft draft.csv

${renderExitCodes()}`;

function addDiff(program: OwnCommand): void {
  program
    .command("diff")
    .summary("say what changed from one build to another")
    .description(
      "Says what changed from one build to another: which third parties appeared,\nleft or have another version, what their code newly could access, permissions\nand hosts; with --depth flows, where data newly goes.",
    )
    .argument("<old>", "APK file, the JSON report of one, or a lockfile")
    .argument("<new>", "the same of the new build")
    .option("--exit-code", "end with 1 where the new build has more than the old one")
    .outputOptions(differenceFormats)
    .depthOfAppOption()
    .addOption(firstPartyOption)
    .option("--mapping <file>", "the mapping.txt of the new build")
    .option("--old-mapping <file>", "the mapping.txt of the old one: each build has its own")
    .addOption(rulesOption)
    .pageOptions()
    .addHelpText("after", `\nFormats:\n${renderTable(differenceFormats)}\n\n${renderExitCodes()}`)
    .action(async (before, after, options) => {
      const { diff } = await import("./diff.js");
      ending = await diff(before, after, options, shippedRules);
    });
}

function addExplain(program: OwnCommand): void {
  program
    .command("explain")
    .summary("say what an SDK, company, data type, permission or finding is, and how to be rid of it")
    .description(
      "Says what a thing is, why Bycatch says so, what it can reach, what its vendor\ndocuments, and how to switch it off or remove it: by the rules, and with an app\nas it stands there.",
    )
    .argument("<subject>", "id of what is to be explained")
    .argument("[app]", "APK file, or the JSON report of one")
    .option("-v, --verbose", "lists in full")
    .addOption(new Option("-f, --format <format>", "form").choices(["terminal", "json"]).default("terminal"))
    .depthOfAppOption()
    .auditOptions()
    .pageOptions()
    .addHelpText("after", explainHelp)
    .action(async (subject, app, options) => {
      const { explainSubject } = await import("./explain.js");
      ending = await explainSubject(subject, app, options, shippedRules);
    });
}

const explainHelp = `
Subjects:
  adjust                              an SDK or support library: a rule's id
  vendor:adjust                       a company; of one id, the kind tells which
  precise-location                    one of Google Play's data types
  android-id                          a kind of data, as --verbose and JSON name it
  ACCESS_FINE_LOCATION                a permission, in full or by its last part
  piggy-back-permission               a kind of finding
  data-access/adjust/precise-location a finding, as JSON names it
  unrecognised:com.acme               a third party of an app that no rule knows

Examples:
  $ bycatch explain adjust app.apk
  $ bycatch explain data-access/adjust/device-or-other-ids app.apk --depth flows
  $ bycatch scan -f json app.apk > report.json
  $ bycatch explain AD_ID report.json

${renderExitCodes()}`;

function addManifest(program: OwnCommand): void {
  program
    .command("manifest")
    .summary("print an app's AndroidManifest.xml as readable XML")
    .description("Prints an app's AndroidManifest.xml as readable XML.")
    .argument("<app>", "APK file")
    .option("--resolve", "replace references by the values they resolve to")
    .addHelpText("after", `\n${renderExitCodes()}`)
    .action(async (path, options) => {
      const { printManifest } = await import("./manifest.js");
      ending = await printManifest(path, options);
    });
}

function addRules(program: OwnCommand): void {
  const rules = program
    .command("rules")
    .summary("list, show, check and test the rules")
    .description("The rules by which SDKs are recognised: what ships, and checks for rules of your own.")
    .helpCommand(false);
  rules
    .command("list")
    .summary("list the rules that ship")
    .description("Lists the rules that ship: SDKs, whose they are, and what recognises them.")
    .option("--category <category>", "only SDKs of a category")
    .option("--vendor <id>", "only SDKs of a vendor, or of all that a company owns")
    .option("--support-libraries", "also the libraries that work for whoever calls them")
    .addOption(new Option("-f, --format <format>", "form").choices(["terminal", "json"]).default("terminal"))
    .action(async (options) => {
      const { listRules } = await import("./rules-list.js");
      ending = await listRules(options, shippedRules);
    });
  rules
    .command("show")
    .summary("print a rule as it is written")
    .description("Prints a rule, or whatever has this id, as it is written in its file.")
    .argument("<id>", "id of an SDK, support library, vendor or API rule")
    .action(async (id) => {
      const { showRule } = await import("./rules-list.js");
      ending = await showRule(id, shippedRules, ruleFiles);
    });
  rules
    .command("lint")
    .summary("check rules: schema, names, what goes together")
    .description(
      "Checks rule files against their schema, and against what a good rule must not do.\nRules of your own are checked together with those that ship.",
    )
    .argument("[path...]", "rule files or directories; those that ship unless given")
    .addHelpText("after", `\n${renderExitCodes()}`)
    .action(async (paths) => {
      const { lintRuleFiles } = await import("./rules.js");
      ending = await lintRuleFiles(paths, ruleFiles);
    });
  rules
    .command("test")
    .summary("match rules against their examples")
    .description(
      "Matches each rule against its own examples: what it must match, what it must not,\nand the real apps that it names, where they are at hand.",
    )
    .argument("[path...]", "rule files or directories; those that ship unless given")
    .option("--apps <dir>", "folder of npm packages with the real apps that rules name; repeatable", collect)
    .addHelpText("after", `\n${renderExitCodes()}`)
    .action(async (paths, options) => {
      const { testRuleFiles } = await import("./rules.js");
      ending = await testRuleFiles(paths, options, ruleFiles);
    });
  addDraft(rules);
}

function addDraft(rules: OwnCommand): void {
  rules
    .command("draft")
    .summary("draft the rule of an SDK from an app that carries it")
    .description(
      "Writes what an app shows of a package as the draft of a rule: its prefix, components, keys,\nfiles, strings, hosts, where its version stands. A person decides what of it is the SDK's alone.",
    )
    .argument("<app>", "APK file")
    .requiredOption("--package <package>", "the SDK's package tree, com.acme.sdk", parsePackage)
    .option("--id <id>", "id of the rule; from the package unless given")
    .option("--name <name>", "name of the SDK")
    .option("--vendor <id>", "id of its vendor")
    .option("--category <category>", "its category", "utility")
    .addHelpText("after", `\n${renderExitCodes()}`)
    .action(async (path, options) => {
      const { draftRuleOf } = await import("./rules-draft.js");
      ending = await draftRuleOf(path, options, shippedRules);
    });
}

toleratePipes();
try {
  const program = buildProgram();
  if (process.argv.length <= 2) program.help({ error: true });
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and the version that were asked for come this way too.
    ending = error.exitCode === 0 ? "done" : "usage";
  } else {
    const failure = describeFailure(error);
    tellFailure(failure);
    ending = failure.ending;
  }
}
process.exitCode = exitCodes[ending].code;
