/**
 * An app's AndroidManifest.xml, as Android understands it: names expanded, defaults applied, values
 * that refer to resources resolved where the resource table holds them.
 *
 * Plain data, in the order of the document.
 */
export interface AndroidManifest {
  readonly packageName: string;
  /** The long version code (`versionCodeMajor` in its upper half), in decimal: it may exceed 2^53. */
  readonly versionCode: string;
  readonly versionName: string | undefined;
  readonly sharedUserId: string | undefined;
  /** Name of the split this manifest belongs to; `undefined` in a base APK. */
  readonly split: string | undefined;
  /** The split that this configuration split serves; the empty string is the base. */
  readonly configForSplit: string | undefined;
  readonly isFeatureSplit: boolean;
  /** API level that the app was compiled against, where the compiler noted it. */
  readonly compileSdkVersion: number | undefined;
  readonly usesSdk: UsesSdk;
  /** The permissions that the app asks for itself, each name once. */
  readonly usesPermissions: readonly UsesPermission[];
  /** What Android adds to {@link usesPermissions} without the app having asked. */
  readonly impliedPermissions: readonly ImpliedPermission[];
  /** The permissions that the app defines. */
  readonly permissions: readonly PermissionDefinition[];
  readonly permissionGroups: readonly string[];
  readonly usesFeatures: readonly UsesFeature[];
  readonly usesLibraries: readonly UsesLibrary[];
  readonly queries: Queries;
  readonly instrumentations: readonly Instrumentation[];
  /** `undefined` where the document has no `<application>`. */
  readonly application: Application | undefined;
  /** Activities and activity aliases. */
  readonly activities: readonly Activity[];
  readonly services: readonly Service[];
  readonly receivers: readonly Receiver[];
  readonly providers: readonly Provider[];
}

/** An API level, or the codename of a platform that had none yet. */
export type SdkVersion = number | string;

/** `<uses-sdk>`, defaults applied. */
export interface UsesSdk {
  readonly minSdkVersion: SdkVersion;
  readonly targetSdkVersion: SdkVersion;
  readonly maxSdkVersion: number | undefined;
}

/** `<uses-permission>`, and its form for Android 6 and later. */
export interface UsesPermission {
  readonly name: string;
  /** Last API level at which it is asked for; `undefined`: at every later one. */
  readonly maxSdkVersion: number | undefined;
  readonly minSdkVersion: number | undefined;
  /** By name: `neverForLocation`. */
  readonly usesPermissionFlags: readonly string[];
  /** Asked for from API level 23 on only (`<uses-permission-sdk-23>`). */
  readonly sdk23: boolean;
}

/** A permission that Android adds because of another one or of an old target. */
export interface ImpliedPermission {
  readonly name: string;
  /** The permission that brings it; `undefined` where an old target alone does. */
  readonly impliedBy: string | undefined;
  /** The reason, as a sentence. */
  readonly because: string;
  /** First API level of a device that adds it. */
  readonly sinceSdkVersion: number;
  /** Last API level of a device that adds it, where {@link impliedBy} is limited. */
  readonly maxSdkVersion: number | undefined;
}

/** `<permission>`: a permission that the app defines. */
export interface PermissionDefinition {
  readonly name: string;
  /** As a manifest's source spells it: `normal`, `signature|privileged`. */
  readonly protectionLevel: string;
  readonly permissionGroup: string | undefined;
}

/** `<uses-feature>`: by name, or by OpenGL ES version. */
export interface UsesFeature {
  readonly name: string | undefined;
  readonly required: boolean;
  /** Major version in the upper 16 bits. */
  readonly glEsVersion: number | undefined;
}

/** A shared library of the platform or of another package that the app links against. */
export interface UsesLibrary {
  readonly name: string;
  readonly required: boolean;
  readonly kind: "library" | "native-library" | "static-library" | "sdk-library";
}

/** `<queries>`: the other apps that this one can see (Android 11 and later). */
export interface Queries {
  readonly packages: readonly string[];
  readonly intents: readonly IntentFilter[];
  /** Authorities. */
  readonly providers: readonly string[];
}

/** `<instrumentation>`: test code that runs in another app's process. */
export interface Instrumentation {
  readonly name: string;
  readonly targetPackage: string | undefined;
}

/** A file or value of the app's resources that an attribute points to. */
export interface ResourceReference {
  readonly id: number;
  /** Of a file: its path in the archive. Of another value: its text. `undefined`: not resolved. */
  readonly value: string | undefined;
}

/** `<application>`. */
export interface Application {
  /** Class that is created before every component, providers excepted. */
  readonly name: string | undefined;
  readonly label: string | undefined;
  readonly enabled: boolean;
  /** Whether the system loads code for it; in a split that says nothing, too. */
  readonly hasCode: boolean;
  readonly debuggable: boolean;
  readonly testOnly: boolean;
  readonly allowBackup: boolean;
  /** What the app says; Android's default is true up to target 27. */
  readonly usesCleartextTraffic: boolean | undefined;
  readonly requestLegacyExternalStorage: boolean | undefined;
  readonly networkSecurityConfig: ResourceReference | undefined;
  readonly fullBackupContent: ResourceReference | undefined;
  readonly dataExtractionRules: ResourceReference | undefined;
  /** Class that creates the components. */
  readonly appComponentFactory: string | undefined;
  readonly backupAgent: string | undefined;
  readonly zygotePreloadName: string | undefined;
  readonly manageSpaceActivity: string | undefined;
  readonly permission: string | undefined;
  readonly process: string;
  readonly metaData: readonly MetaData[];
  readonly properties: readonly MetaData[];
}

/** `<meta-data>` or `<property>`. Either {@link resource} or {@link value} is given. */
export interface MetaData {
  readonly name: string;
  /** `undefined` where there is none, or where it refers to what the resource table does not hold. */
  readonly value: string | number | boolean | undefined;
  /** Of `android:resource`, which hands over the id and not what it stands for. */
  readonly resource: ResourceReference | undefined;
}

/** What activities, services, receivers and providers have in common. */
export interface Component {
  /** Class name, expanded and dotted; for an alias its own name, which is no class. */
  readonly name: string;
  readonly exported: boolean;
  /** Whether the manifest says so, or Android's default for this target applies. */
  readonly exportedBy: "declared" | "default";
  readonly enabled: boolean;
  /** That a caller must hold; the application's where the component names none. */
  readonly permission: string | undefined;
  readonly process: string;
  readonly intentFilters: readonly IntentFilter[];
  readonly metaData: readonly MetaData[];
}

/** `<activity>` or `<activity-alias>`. */
export interface Activity extends Component {
  /** Of an alias: the class of the activity that it stands for. */
  readonly targetActivity: string | undefined;
}

/** `<receiver>`. */
export interface Receiver extends Component {}

/** `<service>`. */
export interface Service extends Component {
  /** By name, as in `location|camera`; empty where none is declared. */
  readonly foregroundServiceTypes: readonly string[];
  readonly isolatedProcess: boolean;
}

/** `<provider>`. */
export interface Provider extends Component {
  readonly authorities: readonly string[];
  /** Providers of a higher order are created first. */
  readonly initOrder: number;
  readonly readPermission: string | undefined;
  readonly writePermission: string | undefined;
  readonly grantUriPermissions: boolean;
}

/** `<intent-filter>`, or an `<intent>` of `<queries>`. */
export interface IntentFilter {
  readonly actions: readonly string[];
  readonly categories: readonly string[];
  /** Each `<data>` element as it stands; Android combines what they hold. */
  readonly data: readonly IntentData[];
  readonly priority: number;
  readonly autoVerify: boolean;
}

/** `<data>`: what it says, by attribute name. */
export type IntentData = Readonly<Partial<Record<IntentDataAttribute, string>>>;

/** Attributes of `<data>`. */
export type IntentDataAttribute = (typeof intentDataAttributes)[number];

/** Attributes of `<data>`, in the order of Android's documentation. */
export const intentDataAttributes = [
  "scheme",
  "host",
  "port",
  "path",
  "pathPattern",
  "pathPrefix",
  "pathSuffix",
  "pathAdvancedPattern",
  "mimeType",
  "ssp",
  "sspPrefix",
  "sspPattern",
] as const;

/** The API level that a development platform counts as (`Build.VERSION_CODES.CUR_DEVELOPMENT`). */
export const CUR_DEVELOPMENT = 10_000;

/** An API level for comparisons: a codename stands for a platform newer than every released one. */
export function toApiLevel(version: SdkVersion): number {
  return typeof version === "number" ? version : CUR_DEVELOPMENT;
}

/** Whether the home screen shows this activity. */
export function isLauncherActivity(activity: Activity): boolean {
  return activity.intentFilters.some(
    ({ actions, categories }) =>
      actions.includes("android.intent.action.MAIN") &&
      categories.includes("android.intent.category.LAUNCHER"),
  );
}
