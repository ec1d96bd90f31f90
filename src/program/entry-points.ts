import type { AppContents, LayoutNames } from "../app/index.js";
import type { Callback, Callbacks } from "./callbacks.js";
import type { MethodTable } from "./method-table.js";
import { classDescriptor } from "./reference-query.js";

export type EntryPointKind =
  | "application"
  | "activity"
  | "service"
  | "receiver"
  | "provider"
  | "initializer"
  | "view";

/** A class that Android itself makes objects of, and the methods by which it runs an app's code. */
export interface EntryPoint {
  readonly kind: EntryPointKind;
  /** As the manifest, or of a view the layout, names it: `com.acme.app.MainActivity`. */
  readonly component: string;
  readonly type: number;
  /** Constructor without arguments, callbacks, in the order of the class's code. */
  readonly methods: readonly number[];
  /**
   * Whether it runs before anybody could be asked: the Application, providers, which are made with the process; receivers of
   * what the system tells without the app being opened.
   */
  readonly isBeforeConsent: boolean;
  /**
   * Whether Android runs it without the app's code having named it: the Application, providers, and what others or the
   * system can start. What else the manifest declares runs once code that can run names its class.
   */
  readonly isOpen: boolean;
}

/**
 * What the system tells receivers of the manifest without an activity of the app having run, and up to which target it does
 * ("Implicit broadcast exceptions"; CONNECTIVITY_CHANGE is not told from target 24 on, others from 26 on). Nothing is told to an
 * app that was never opened, or was stopped.
 */
const UNASKED: ReadonlyMap<string, number> = new Map([
  ["android.intent.action.BOOT_COMPLETED", Number.POSITIVE_INFINITY],
  ["android.intent.action.LOCKED_BOOT_COMPLETED", Number.POSITIVE_INFINITY],
  ["android.intent.action.QUICKBOOT_POWERON", 25],
  ["android.intent.action.MY_PACKAGE_REPLACED", Number.POSITIVE_INFINITY],
  ["android.intent.action.USER_PRESENT", 25],
  ["android.net.conn.CONNECTIVITY_CHANGE", 23],
  ["com.android.vending.INSTALL_REFERRER", Number.POSITIVE_INFINITY],
]);

/** What Android knows an object of each kind by. */
const BASES: Readonly<Record<EntryPointKind, string>> = {
  application: "Landroid/app/Application;",
  activity: "Landroid/app/Activity;",
  service: "Landroid/app/Service;",
  receiver: "Landroid/content/BroadcastReceiver;",
  provider: "Landroid/content/ContentProvider;",
  initializer: "Landroidx/startup/Initializer;",
  view: "Landroid/view/View;",
};

/** Constructors by which layouts make objects, and the one of a fragment. */
const BY_LAYOUT = [
  "<init>(Landroid/content/Context;Landroid/util/AttributeSet;)V",
  "<init>(Landroid/content/Context;Landroid/util/AttributeSet;I)V",
  "<init>()V",
];

/** What the provider of androidx.startup calls of the classes that its meta-data name. */
const BY_STARTUP = ["create(Landroid/content/Context;)Ljava/lang/Object;", "dependencies()Ljava/util/List;"];

/** Only JobScheduler may start what asks for it, and only after the app has scheduled a job. */
const JOB_SERVICE = "android.permission.BIND_JOB_SERVICE";

/** The classes of a manifest that the app defines, Application first, then providers, as Android makes them. */
export function findEntryPoints(
  manifest: NonNullable<AppContents["manifest"]>,
  layouts: LayoutNames,
  methods: MethodTable,
  callbacks: Callbacks,
): EntryPoint[] {
  const { application, providers, activities, services, receivers } = manifest;
  const { targetSdkVersion } = manifest.usesSdk;
  // A platform that has no level yet is the newest.
  const target = typeof targetSdkVersion === "number" ? targetSdkVersion : Number.MAX_SAFE_INTEGER;
  if (application?.enabled === false) return [];
  const clicks = layouts.clickMethods.map((name) =>
    methods.numberOfSignature(`${name}(Landroid/view/View;)V`),
  );
  const signaturesOf = (texts: readonly string[]) => texts.map((text) => methods.numberOfSignature(text));
  const byStartup = signaturesOf(BY_STARTUP);
  const [byLayout, byManifest] = [signaturesOf(BY_LAYOUT), signaturesOf(["<init>()V"])];
  const find = (
    kind: EntryPointKind,
    component: string,
    isOpen: boolean,
    isBeforeConsent = false,
  ): EntryPoint[] => {
    const type = methods.types.findDefined(classDescriptor(component));
    if (type === undefined) return [];
    const own = methods.methodsOf(type).bySignature;
    const constructors = (kind === "view" ? byLayout : byManifest).flatMap((one) => own.get(one) ?? []);
    const clicked =
      kind === "activity" ? clicks.flatMap((one) => methods.findInherited(type, one) ?? []) : [];
    const created = kind === "initializer" ? byStartup.flatMap((one) => methods.select(type, one) ?? []) : [];
    const base = methods.types.numberOf(BASES[kind]);
    // Of an interface that the class implements Android calls nothing before it is handed an object as such.
    const isCalled = ({ declaredBy }: Callback) =>
      declaredBy !== methods.types.object &&
      (methods.types.inherits(base, declaredBy) ||
        methods.types.inherits(declaredBy, base) ||
        !methods.types.isKnown(declaredBy));
    const called = callbacks.of(type).flatMap((one) => (isCalled(one) ? [one.method] : []));
    const all = new Set([...constructors, ...clicked, ...created, ...called]);
    return [{ kind, component, type, methods: [...all].sort((a, b) => a - b), isBeforeConsent, isOpen }];
  };
  const found = [
    ...(application?.name ? find("application", application.name, true, true) : []),
    ...[...providers]
      .sort((a, b) => b.initOrder - a.initOrder)
      .flatMap((one) => [
        ...find("provider", one.name, one.enabled, true),
        ...initializersOf(one).flatMap((name) => find("initializer", name, one.enabled, true)),
      ]),
    ...activities.flatMap((one) => find("activity", one.targetActivity ?? one.name, isOpen(one))),
    ...services.flatMap((one) => find("service", one.name, isOpen(one) && one.permission !== JOB_SERVICE)),
    ...receivers.flatMap((one) => {
      const isUnasked = one.intentFilters.some(({ actions }) =>
        actions.some((action) => (UNASKED.get(action) ?? 0) >= target),
      );
      return find("receiver", one.name, isOpen(one), isUnasked);
    }),
  ];
  const views = layouts.classes.flatMap((name) => find("view", name, true));
  return joinByType([...found, ...views]);
}

/** Classes that `androidx.startup.InitializationProvider` makes objects of: the names of its meta-data of that value. */
function initializersOf({ metaData }: Component): string[] {
  return metaData.flatMap(({ name, value }) => (value === "androidx.startup" ? [name] : []));
}

/** What is switched off runs once the app switches it on, for which it names it. */
function isOpen({ enabled, exported, intentFilters }: Component): boolean {
  return enabled && (exported || intentFilters.length > 0);
}

type Component = NonNullable<AppContents["manifest"]>["receivers"][number];

/** Several aliases may stand for one activity: it is open if any of them is. */
function joinByType(entryPoints: readonly EntryPoint[]): EntryPoint[] {
  const joined = new Map<number, EntryPoint>();
  for (const one of entryPoints) {
    const known = joined.get(one.type);
    joined.set(one.type, known === undefined ? one : { ...known, isOpen: known.isOpen || one.isOpen });
  }
  return [...joined.values()];
}
