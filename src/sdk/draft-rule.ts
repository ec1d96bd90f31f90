import type { AndroidManifest } from "../manifest/index.js";
import { classDescriptor, type PackageContents } from "../program/index.js";
import type { DraftSignature, DraftVersion, RuleDraft, RuleIndex } from "../ruleset/index.js";
import { findHost } from "./find-host.js";

/** What a draft is made from. */
export interface DraftInput {
  /** Dotted. */
  readonly packageName: string;
  readonly contents: PackageContents;
  readonly manifest: AndroidManifest | undefined;
  readonly entryNames: readonly string[];
  readonly rules: RuleIndex;
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly category: string;
  readonly source: string;
  readonly readOn: string;
}

/** Of one kind, in a draft: its author reads each. */
const MOST_OF_A_KIND = 12;

/** A string that may be characteristic: no sentence, no URL, long enough to be nobody else's. */
const CHARACTERISTIC = /^[\w$][\w.$:/-]{7,79}$/;

/** What looks like a version. */
const VERSION = /^[A-Za-z_ -]{0,20}\d+\.[\w.+-]{1,40}$/;

/** What Gradle writes into a library's BuildConfig where its author gave nothing. */
const DEFAULT_VERSIONS = new Set(["1.0", "unspecified"]);

/** Package names of these say nothing of who wrote the code. */
const COMMON_SEGMENTS = new Set([
  "com",
  "org",
  "net",
  "io",
  "co",
  "de",
  "cn",
  "ru",
  "fr",
  "sdk",
  "android",
  "library",
  "lib",
  "core",
  "app",
]);

/**
 * Drafts the rule of an SDK from an app that carries it: what its code, the manifest and the archive's names
 * show of the package. A person decides what of it is the SDK's alone.
 */
export function draftRule(input: DraftInput): RuleDraft {
  const { packageName, contents, manifest, rules } = input;
  const isOwnName = (name: string) => name === packageName || name.startsWith(`${packageName}.`);
  const words = packageName.split(".").filter((word) => !COMMON_SEGMENTS.has(word) && word.length > 2);
  const applicationId = manifest?.packageName ?? "";
  const components = [
    ...(manifest?.activities ?? []),
    ...(manifest?.services ?? []),
    ...(manifest?.receivers ?? []),
    ...(manifest?.providers ?? []),
  ];
  const own = components.filter(({ name }) => isOwnName(name));
  const providers = (manifest?.providers ?? []).filter(({ name }) => isOwnName(name));
  const metaData = [manifest?.application?.metaData ?? [], ...own.map((component) => component.metaData)]
    .flat()
    .map(({ name }) => name);
  const classes = new Set(contents.classes);
  const hosts = [...contents.ownStrings].flatMap((text) => findHost(text, rules) ?? []);
  const mentions = (text: string) => words.some((word) => text.toLowerCase().includes(word.toLowerCase()));
  const strings = contents.ownStrings.filter(
    (text) =>
      CHARACTERISTIC.test(text) &&
      mentions(text) &&
      findHost(text, rules) === undefined &&
      !classes.has(classDescriptor(text)),
  );
  const signatures = [
    ...signaturesOf(
      "class-prefix",
      [`L${packageName.replaceAll(".", "/")}/`],
      `${contents.classes.length} classes`,
    ),
    ...signaturesOf(
      "component",
      own.map(({ name }) => name),
    ),
    ...signaturesOf(
      "authority",
      providers.flatMap(({ authorities }) => authorities.map((name) => withPlaceholder(name, applicationId))),
    ),
    ...signaturesOf(
      "meta-data",
      metaData.filter((name) => isOwnName(name) || mentions(name)),
    ),
    ...signaturesOf(
      "defines-permission",
      (manifest?.permissions ?? [])
        .map(({ name }) => name)
        .filter(mentions)
        .map((name) => withPlaceholder(name, applicationId)),
    ),
    ...signaturesOf("native-library", findLibraries(input)),
    ...signaturesOf(
      "file",
      input.entryNames.filter(
        (name) => !name.startsWith("lib/") && !name.startsWith("res/") && mentions(name),
      ),
    ),
    ...signaturesOf("string", strings, "in no other code of the app"),
    ...signaturesOf("host", hosts),
  ];
  return {
    id: input.id,
    name: input.name,
    vendor: input.vendor,
    category: input.category,
    signatures,
    version: findVersionWays(contents),
    providers: providers.map(({ name }) => name),
    examples: {
      present: [
        { class: firstClass(contents) },
        ...signatures
          .filter(({ kind }) => kind === "component" || kind === "meta-data")
          .slice(0, 2)
          .map(({ kind, value }) => ({ [kind]: value })),
      ],
      absent: [{ class: `L${packageName.replaceAll(".", "/")}demo/Main;` }],
    },
    source: input.source,
    readOn: input.readOn,
  };
}

function signaturesOf(kind: string, values: readonly string[], comment?: string): DraftSignature[] {
  return [...new Set(values)]
    .slice(0, MOST_OF_A_KIND)
    .map((value) => ({ kind, value, ...(comment === undefined ? {} : { comment }) }));
}

/** Libraries of the app whose names the package's code loads. */
function findLibraries({ contents, entryNames }: DraftInput): string[] {
  return entryNames.flatMap((entry) => {
    const [, library, name] = /^lib\/[^/]+\/(lib(.+)\.so)$/.exec(entry) ?? [];
    return library !== undefined && contents.strings.has(name!) ? [library] : [];
  });
}

function findVersionWays({ stringFields, stringMethods }: PackageContents): DraftVersion[] {
  const isVersion = ([reference, value]: readonly [string, string]) =>
    /version/i.test(memberOf(reference)) && VERSION.test(value) && !DEFAULT_VERSIONS.has(value);
  const toWay =
    (kind: DraftVersion["kind"]) =>
    ([value, found]: readonly [string, string]) => ({
      kind,
      value,
      comment: `here ${found}`,
    });
  return [
    ...stringFields.filter(isVersion).map(toWay("field")),
    ...stringMethods.filter(isVersion).map(toWay("method")),
  ].slice(0, MOST_OF_A_KIND);
}

/** Simple name of the class, and name of the member, that a smali reference names. */
function memberOf(reference: string): string {
  const owner = reference.slice(0, reference.indexOf("->"));
  return reference.slice(owner.lastIndexOf("/") + 1).split(/[(:]/, 1)[0]!;
}

/** A name with the app's own package in it, as a rule has it. */
function withPlaceholder(name: string, applicationId: string): string {
  const placeholder = "${applicationId}";
  if (applicationId === "") return name;
  if (name.startsWith(`${applicationId}.`)) return placeholder + name.slice(applicationId.length);
  return name.endsWith(`.${applicationId}`) ? name.slice(0, -applicationId.length) + placeholder : name;
}

/** A class that is no inner one and has kept its name, where there is one. */
function firstClass({ classes }: PackageContents): string {
  const outer = classes.filter((name) => !name.includes("$"));
  return outer.find((name) => !/\/[a-z]{1,2};$/.test(name)) ?? outer[0] ?? classes[0]!;
}
