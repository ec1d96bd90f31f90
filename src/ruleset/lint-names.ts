import type { PlacedRule } from "./compile-ruleset.js";
import { complain, type PartyFile, valuesOf } from "./lint-party.js";
import { isRenamedPackage } from "./renamed-package.js";
import type { RuleComplaint } from "./rule-complaint.js";
import { globPattern } from "./rule-index.js";
import type { SharedNames } from "./schema.js";

type ListName = Exclude<keyof SharedNames, "shared-name-owners">;

/** What the files of shared names say together. */
export type SharedNameLists = { readonly [Key in ListName]: ReadonlySet<string> } & {
  /** Whose a shared name is after all: `name rule`. */
  readonly owners: ReadonlySet<string>;
};

/** Whoever lints rules of their own may have exceptions of their own. */
export function joinSharedNames(placed: readonly PlacedRule[]): SharedNameLists {
  const files = placed.flatMap(({ file }) => (file.kind === "shared-names" ? [file.rule] : []));
  const listOf = (key: ListName) => new Set(files.flatMap((file) => file[key]));
  return {
    "shared-roots": listOf("shared-roots"),
    "one-segment-prefixes": listOf("one-segment-prefixes"),
    "short-prefixes": listOf("short-prefixes"),
    "generic-words": listOf("generic-words"),
    "own-app-prefixes": listOf("own-app-prefixes"),
    "platform-roots": listOf("platform-roots"),
    "shared-native-libraries": listOf("shared-native-libraries"),
    "shared-files": listOf("shared-files"),
    "shared-meta-data": listOf("shared-meta-data"),
    "shared-hosts": listOf("shared-hosts"),
    owners: new Set(
      files.flatMap((file) => file["shared-name-owners"].map(({ name, rule }) => `${name} ${rule}`)),
    ),
  };
}

/** Below a domain, `com/dv`, a segment as short as this is an abbreviation, which apps use too. */
const SHORT_SEGMENT = 3;

/** What a package's name begins with and nobody is called: a domain's ending. */
const DOMAIN_ENDING = /^([a-z]{2}|com|org|net|edu|gov|app|biz|dev|info|mobi|tech|xyz)$/;

/** Prefixes that hold more than the product, or that are anybody's. */
export function checkPrefixes({ placed, kind, rule }: PartyFile, names: SharedNameLists): RuleComplaint[] {
  return valuesOf(rule, "class-prefix").flatMap((prefix) => {
    const say = (problem: string, advice: string) => [
      complain(placed, prefix, `the class prefix ${prefix} ${problem}`, advice),
    ];
    const segments = prefix.slice(1, -1).split("/");
    if (kind === "sdk" && [...names["platform-roots"]].some((root) => prefix.startsWith(root)))
      return say("stands in a package of Android itself", "Name the SDK's own packages.");
    if (names["shared-roots"].has(prefix))
      return say("holds more than this product", "Name the product's own packages below it.");
    if (prefix.endsWith("/") && segments.length === 1 && !names["one-segment-prefixes"].has(prefix)) {
      return say(
        "is a single word, which others may use",
        "Name packages below it, or add it to one-segment-prefixes (shared-names.yaml) if one project alone uses it.",
      );
    }
    if (
      prefix.endsWith("/") &&
      segments.length === 2 &&
      segments.every((segment) => segment.length <= SHORT_SEGMENT) &&
      !names["short-prefixes"].has(prefix)
    ) {
      return say(
        "is so short that an app's own package may be called so",
        "Name packages below it, or add it to short-prefixes (shared-names.yaml) if one vendor alone uses it.",
      );
    }
    const packageSegments = prefix.endsWith("/") ? segments : segments.slice(0, -1);
    const meantPrefixes = [...names["short-prefixes"], ...names["one-segment-prefixes"]];
    if (isRenamedPackage(packageSegments) && !meantPrefixes.includes(`L${packageSegments.join("/")}/`)) {
      return say(
        "is named as R8 names packages, so any app's renamed code would be its",
        "Name packages that kept their names, or add it to short-prefixes (shared-names.yaml) if one vendor alone uses it.",
      );
    }
    const [first = "", ...below] = segments;
    if (
      prefix.endsWith("/") &&
      DOMAIN_ENDING.test(first) &&
      below.length > 0 &&
      below.every((segment) => names["generic-words"].has(segment)) &&
      !names["short-prefixes"].has(prefix)
    )
      return say("is made of words that anybody may use", "Name packages below it that are one vendor's.");
    if (prefix.endsWith(";") && prefix.includes("$"))
      return say("names an inner class, which goes with its outermost one", "Remove it.");
    return [];
  });
}

/** Libraries, files, meta-data and hosts that many have. */
export function checkNames({ placed, rule }: PartyFile, names: SharedNameLists): RuleComplaint[] {
  const isOwn = (name: string) => names.owners.has(`${name} ${rule.id}`);
  const others = [...names["shared-native-libraries"]].filter((name) => !isOwn(name));
  const libraries = valuesOf(rule, "native-library")
    .filter((name) => others.includes(name))
    .map((name) => complain(placed, name, `${name} is a name that many libraries have`, "Remove it."));
  const entries = [...names["shared-files"], ...others.map((name) => `lib/arm64-v8a/${name}`)];
  const files = valuesOf(rule, "file").flatMap((file) => {
    const pattern = globPattern(file);
    const fitting = entries.find((entry) => pattern.test(entry) && !isOwn(entry));
    if (fitting === undefined) return [];
    const advice = "Remove it, or name what is the SDK's own.";
    return [complain(placed, file, `the file ${file} is in any build, as ${fitting}`, advice)];
  });
  const metaData = valuesOf(rule, "meta-data")
    .filter((name) => !isOwn(name))
    .filter((name) =>
      [...names["shared-meta-data"]].some((shared) =>
        shared.endsWith(".") ? name.startsWith(shared) : name === shared,
      ),
    )
    .map((name) => {
      const problem = `the meta-data ${name} is read by Android or written by the build tools`;
      return complain(placed, name, problem, "Remove it.");
    });
  const hosts = valuesOf(rule, "host").flatMap((host) => {
    if (isSharedHost(host, names["shared-hosts"])) {
      const advice = "Give the SDK's own endpoint, or none.";
      return [complain(placed, host, `the host ${host} is named in anybody's code`, advice)];
    }
    if (/^(www|docs?|support|help|developers?|blog)\./.test(host)) {
      const advice = "Give the SDK's own endpoint, or none.";
      return [complain(placed, host, `the host ${host} looks like pages to read`, advice)];
    }
    return [];
  });
  return [...libraries, ...files, ...metaData, ...hosts];
}

function isSharedHost(host: string, shared: ReadonlySet<string>): boolean {
  return [...shared].some((name) => (name.startsWith(".") ? `.${host}`.endsWith(name) : host === name));
}
