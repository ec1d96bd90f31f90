import { type AndroidManifest, isLauncherActivity } from "../manifest/index.js";
import { classDescriptor, packageOf } from "../program/index.js";
import type { RuleIndex } from "../ruleset/index.js";

/**
 * Second segments under which strangers share a domain: code hosts and app builders. What follows tells
 * them apart.
 */
const SHARED_DOMAINS = new Set([
  "com/github",
  "io/github",
  "com/gitlab",
  "io/gitlab",
  "org/bitbucket",
  "com/googlecode",
  "net/sourceforge",
  "com/blogspot",
  "com/wordpress",
  "com/appspot",
  "com/herokuapp",
  "app/web",
  "app/vercel",
  "app/netlify",
  "com/google",
  "com/android",
  "org/apache",
  "org/eclipse",
  "com/appsgeyser",
  "com/andromo",
  "com/mycompany",
]);

/** Second-level labels below country domains: `uk.co.acme` is Acme's. */
const COUNTRY_SECOND_LEVELS = new Set(["ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"]);

/** What is the app makers' own, as far as the manifest and the user say. */
export interface FirstParty {
  /** `Lcom/acme/`: package trees of the first party. */
  readonly roots: readonly string[];
  /** Vendors that built this app themselves: their SDKs are first party here. */
  readonly ownVendors: ReadonlySet<string>;
}

/**
 * Finds the first party's package trees: those the user names; the organisation of the application id;
 * that of the launcher activities and of the Application class, unless a rule owns them. The application
 * id alone would not do: it and the code's namespace differ in many builds.
 */
export function findFirstParty(
  manifest: AndroidManifest | undefined,
  named: readonly string[],
  rules: RuleIndex,
): FirstParty {
  const roots = new Set(named.map((name) => `L${name.replaceAll(".", "/")}/`));
  const applicationId = manifest?.packageName;
  if (applicationId) roots.add(organisationOf(`L${applicationId.replaceAll(".", "/")}/`));
  for (const className of ownComponents(manifest)) {
    const descriptor = classDescriptor(className);
    if (rules.findOwner(descriptor) === undefined) roots.add(organisationOf(packageOf(descriptor)));
  }
  roots.delete("L"); // the default package is nobody's organisation
  return { roots: [...roots].sort(), ownVendors: findOwnVendors(applicationId, rules) };
}

/** The components that an app's makers write themselves: what a user starts, and the Application class. */
function ownComponents(manifest: AndroidManifest | undefined): string[] {
  if (manifest === undefined) return [];
  const launchers = manifest.activities.filter(isLauncherActivity);
  const names = launchers.map((activity) => activity.targetActivity ?? activity.name);
  return manifest.application?.name ? [...names, manifest.application.name] : names;
}

/**
 * Vendors whose own application ids include this one, or one of whose SDKs has all of its organisation:
 * `Lcom/my/tracker/` says nothing of an app that is called `com.my.shop`.
 */
function findOwnVendors(applicationId: string | undefined, rules: RuleIndex): Set<string> {
  if (!applicationId) return new Set();
  const own = new Set(rules.findBuilders(applicationId));
  const owner = rules.findPrefixOwner(organisationOf(`L${applicationId.replaceAll(".", "/")}/`));
  if (owner?.kind === "sdk") own.add(owner.rule.vendor);
  return own;
}

/**
 * The part of a package that names its owner: `Lcom/acme/` of `Lcom/acme/app/ui/`. Three segments where
 * two are a shared or country domain; the whole where there are no more.
 */
export function organisationOf(packageName: string): string {
  const first = packageName.indexOf("/");
  const second = packageName.indexOf("/", first + 1);
  // Most names can be cut as they are; one with an empty segment, or of a class, is taken apart.
  if (
    first < 2 ||
    second < first + 2 ||
    !packageName.startsWith("L") ||
    !packageName.endsWith("/") ||
    packageName.includes("//")
  )
    return joinOrganisation(packageName);
  const isCountry = first === 3 && COUNTRY_SECOND_LEVELS.has(packageName.slice(first + 1, second));
  if (!isCountry && !SHARED_DOMAINS.has(packageName.slice(1, second)))
    return packageName.slice(0, second + 1);
  const third = packageName.indexOf("/", second + 1);
  return third < 0 ? packageName : packageName.slice(0, third + 1);
}

function joinOrganisation(packageName: string): string {
  const segments = packageName
    .slice(1)
    .split("/")
    .filter((segment) => segment !== "");
  const two = segments.slice(0, 2).join("/");
  const isCountry = segments[0]?.length === 2 && COUNTRY_SECOND_LEVELS.has(segments[1] ?? "");
  const count = SHARED_DOMAINS.has(two) || isCountry ? 3 : 2;
  const kept = segments.slice(0, count);
  return kept.length === 0 ? "L" : `L${kept.join("/")}/`;
}
