import { z } from "zod";
import { sdkCategories } from "./sdk-categories.js";

/*
 * The rule files' schema. One source for three things: checking (parse-rule.ts), the TypeScript types
 * below, and the JSON Schemas that ship with the package (schema/*.schema.json).
 */

/** The id of a rule and of what rules name. */
export const kebabId = z
  .string()
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    "an id is kebab-case: lower-case letters and digits, joined by single hyphens",
  );

/** Id of a rule that makes a party; some parties are nobody's rule. */
const partyId = kebabId.refine(
  (id) => !["first-party", "unattributed"].includes(id),
  "first-party and unattributed are parties of their own: give the rule another id",
);

const httpsUrl = z.url({ protocol: /^https?$/ });

const isoDate = z.iso.date();

/** A dotted Android permission name. */
const permissionName = z
  .string()
  .regex(/^[A-Za-z_][\w]*(\.[A-Za-z_][\w]*)+$/, "a permission is a dotted name, as the manifest has it");

/** `Lcom/acme/` (a package tree) or `Lcom/acme/Sdk;` (one class). */
const classPrefix = z
  .string()
  .regex(
    /^L[^;/.[]+(\/[^;/.[]+)*[/;]$/,
    "a class prefix is in smali form and ends a whole segment: `Lcom/acme/sdk/` for a package and all below it, `Lcom/acme/Sdk;` for one class",
  );

export const methodRef = z
  .string()
  .regex(
    /^L[^;.]+;->[^(;:]+(\(\*\)\*|\((\[*([ZBSCIJFD]|L[^;]+;))*\)(V|\[*([ZBSCIJFD]|L[^;]+;)))$/,
    "a method is in smali form, `Landroid/accounts/AccountManager;->getAccounts()[Landroid/accounts/Account;`; `(*)*` stands for every overload",
  );

const fieldRef = z
  .string()
  .regex(
    /^L[^;.]+;->[^(;:]+:\[*([ZBSCIJFD]|L[^;]+;)$/,
    "a field is in smali form, `Landroid/os/Build;->SERIAL:Ljava/lang/String;`",
  );

const hostName = z
  .string()
  .regex(
    /^([a-z0-9_-]+\.)+[a-z0-9-]+$/,
    "a host is a lower-case domain name; it stands for itself and its subdomains",
  );

/** A path inside the APK; `*` stands for any characters but `/`. */
const archivePath = z.string().regex(/^[^/].*[^/]$/, "a path inside the APK, without a leading slash");

/** Google Play's purposes of collecting and sharing data: the visible names, kebab-case. */
const purpose = z.enum([
  "app-functionality",
  "analytics",
  "developer-communications",
  "advertising-or-marketing",
  "fraud-prevention-security-and-compliance",
  "personalization",
  "account-management",
]);

/** What identifies an SDK: exactly one kind of witness an item. */
export const signatureSchema = z.union([
  z.strictObject({
    "class-prefix": classPrefix.describe("Classes the SDK defines, smali form, whole segments"),
  }),
  z.strictObject({
    component: z
      .string()
      .describe("Class name of an activity, service, receiver or provider in the manifest, dotted"),
  }),
  z.strictObject({
    authority: z.string().describe("Provider authority; `${applicationId}` stands for the app's package"),
  }),
  z.strictObject({
    "meta-data": z.string().describe("Name of a <meta-data> of the application or a component"),
  }),
  z.strictObject({
    "defines-permission": z
      .string()
      .describe("A permission that its manifest defines; `${applicationId}` stands for the app's package"),
  }),
  z.strictObject({
    "native-library": z
      .string()
      .regex(
        /^lib[^/*]+\.so$/,
        "the whole file name of a native library; a pattern stands as `file: lib/*/libname*.so`",
      )
      .describe("File name under lib/<abi>/"),
  }),
  z.strictObject({
    file: archivePath.describe("Asset, resource, properties or META-INF file; `*` matches within a segment"),
  }),
  z.strictObject({ string: z.string().min(6).describe("A characteristic string constant, the whole of it") }),
  z.strictObject({
    host: hostName.describe(
      "A host in the string constants. Never makes a match: such a name is told among the hosts",
    ),
  }),
]);

/** Where a fact of a rule was seen. */
export const sourceSchema = z.strictObject({
  kind: z
    .enum(["artefact", "public-code", "permissive-list", "vendor-page", "platform-reference"])
    .describe(
      "artefact: in the SDK's own AAR or JAR; public-code: the vendor's or apps' public code; permissive-list: a list under MIT, Apache-2.0 or CC0; vendor-page; platform-reference: Android's own documents or code",
    ),
  where: z.string().min(4).describe("Which artefact and version, repository, list or URL"),
  "read-on": isoDate,
});

const examplesSchema = z.strictObject({
  present: z
    .array(signatureEvidence())
    .min(1)
    .describe("Written evidence, each item of which alone must match this rule"),
  absent: z.array(signatureEvidence()).min(1).describe("Near misses: none of them may match this rule"),
  apps: z
    .array(
      z
        .string()
        .regex(
          /^(@[\w.-]+\/)?[\w.-]+@[\w.-]+\/[^/].*$/,
          "an app is `package@version/path/in/package.apk`, as test/support/corpus.json names it",
        ),
    )
    .optional()
    .describe("Real apps out of npm packages that carry it"),
});

function signatureEvidence() {
  return z.union([
    z.strictObject({
      class: z
        .string()
        .regex(/^L[^;]+;$/)
        .describe("A class the app defines, smali form"),
    }),
    z.strictObject({ component: z.string() }),
    z.strictObject({ authority: z.string() }),
    z.strictObject({ "meta-data": z.string() }),
    z.strictObject({ "defines-permission": z.string() }),
    z.strictObject({ "native-library": z.string() }),
    z.strictObject({ file: z.string() }),
    z.strictObject({ string: z.string() }),
  ]);
}

/** How to read the version of what is embedded. */
const versionSchema = z.union([
  z.strictObject({
    file: archivePath,
    key: z
      .string()
      .optional()
      .describe("Key of a .properties file; without it the file's text is the version"),
  }),
  z.strictObject({ field: fieldRef.describe("A static final String field with a constant value") }),
  z.strictObject({
    method: methodRef.describe("A method without parameters that does nothing but return a String constant"),
  }),
  z.strictObject({
    string: z
      .string()
      .regex(/^[^*]{5,}\*[^*]*$/, "a user agent is `AcmeSDK/*`: at least five characters, then one `*`")
      .describe(
        "A string constant in the SDK's own code, such as a user agent, `*` where the version stands",
      ),
  }),
  z.strictObject({ "meta-data": z.string() }),
]);

/** A way to switch collection off that the vendor documents: in the manifest, or a call for the app's code. */
const switchSchema = z.union([
  z.strictObject({
    "meta-data": z.string(),
    off: z.string().describe("The value that switches it off"),
    effect: z.string().min(8).describe("What is switched off, one sentence"),
    "data-types": z.array(kebabId).optional().describe("Data types whose access the switch ends"),
    source: httpsUrl.optional(),
  }),
  z.strictObject({
    method: methodRef,
    effect: z.string().min(8).describe("What the call switches off, and the argument it takes; one sentence"),
    source: httpsUrl.optional(),
  }),
]);

/** A component that the SDK's own manifest registers so that its code runs before the app asks for it. */
const autoInitSchema = z.union([
  z.strictObject({ provider: z.string().describe("Class name of a content provider, dotted") }),
  z.strictObject({
    initializer: z
      .string()
      .describe("Class name of an androidx.startup Initializer, a <meta-data> of its InitializationProvider"),
  }),
]);

/** rules/sdks/<category>/<id>.yaml */
export const sdkRuleSchema = z.strictObject({
  id: partyId,
  name: z.string().min(2),
  vendor: kebabId.describe("Id of a file in rules/vendors"),
  category: z.enum(sdkCategories),
  site: httpsUrl,
  signatures: z.array(signatureSchema).min(1),
  version: z.array(versionSchema).optional().describe("Tried in order; the first that is found counts"),
  brings: z
    .array(
      z.strictObject({
        permission: permissionName,
        module: z
          .string()
          .optional()
          .describe("The optional module that brings it, where not every build has it"),
      }),
    )
    .optional()
    .describe("Permissions that its own manifest merges into the app"),
  switches: z.array(switchSchema).optional(),
  "auto-init": z
    .array(autoInitSchema)
    .optional()
    .describe("What starts it without the app's doing; it can be removed from the manifest"),
  maven: z
    .array(z.string().regex(/^[\w.-]+:[\w.-]+$/, "Maven coordinates without the version: `com.acme:sdk`"))
    .optional()
    .describe("The artefacts that a build depends on to get it, without versions"),
  practices: z
    .array(
      z.strictObject({
        "data-type": kebabId,
        collected: z.boolean(),
        shared: z.boolean().optional(),
        purposes: z.array(purpose).optional(),
        source: httpsUrl,
        "read-on": isoDate,
      }),
    )
    .optional()
    .describe("What the vendor itself says, with the page and the day it was read"),
  note: z.string().optional(),
  sources: z.array(sourceSchema).min(1),
  examples: examplesSchema,
});

/** rules/support-libraries/<id>.yaml: code that works for whoever calls it. */
export const supportLibraryRuleSchema = z.strictObject({
  id: partyId,
  name: z.string().min(2),
  vendor: kebabId.optional(),
  site: httpsUrl.optional(),
  signatures: z.array(signatureSchema).min(1),
  version: z.array(versionSchema).optional(),
  brings: sdkRuleSchema.shape.brings,
  note: z.string().optional(),
  sources: z.array(sourceSchema).min(1),
  examples: examplesSchema,
});

/** rules/vendors/<id>.yaml */
export const vendorSchema = z.strictObject({
  id: kebabId,
  name: z.string().min(2).describe("Legal name"),
  parent: kebabId
    .optional()
    .describe("Id of the vendor file of the company that owns it, where it is another's"),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional()
    .describe("ISO 3166-1 alpha-2, of the vendor's seat"),
  site: httpsUrl.optional(),
  privacy: httpsUrl.optional().describe("Privacy policy"),
  "own-apps": z
    .array(z.string())
    .optional()
    .describe(
      "Application id prefixes (whole segments, dotted) of apps the vendor builds itself: there its SDKs are first party",
    ),
  "checked-on": isoDate.optional(),
});

const needSchema = z.strictObject({
  "any-of": z.array(permissionName).min(1).optional(),
  "all-of": z.array(permissionName).min(1).optional(),
  "from-target": z
    .int()
    .min(1)
    .optional()
    .describe("Needed by apps that target this API level or a higher one"),
  "to-target": z.int().min(1).optional().describe("Needed by apps that target this API level or a lower one"),
  "from-device": z.int().min(1).optional().describe("Needed on devices of this API level or a higher one"),
  "to-device": z.int().min(1).optional().describe("Needed on devices of this API level or a lower one"),
  otherwise: z
    .enum(["nothing", "partial"])
    .optional()
    .describe("What the call gives without it; nothing unless said. partial: filtered or redacted data"),
});

/** One thing an app can call, read or name that yields the rule's data. Exactly one kind. */
const apiSchema = z
  .strictObject({
    method: methodRef.optional(),
    field: fieldRef.optional(),
    "content-uri": z
      .string()
      .regex(/^content:\/\/[\w.-]+/)
      .optional()
      .describe("The string constant, and what begins with it and a slash"),
    override: methodRef
      .optional()
      .describe("A framework method that the code overrides or implements to be handed the data"),
    argument: z
      .strictObject({
        index: z
          .int()
          .min(0)
          .describe("Position among the declared parameters, from 0, the receiver not counted"),
        "one-of": z
          .array(z.string())
          .min(1)
          .describe("String constants, or class constants in smali form, one of which is passed"),
      })
      .optional()
      .describe("With `method`: only a call with one of these constants counts"),
    needs: z
      .array(needSchema)
      .optional()
      .describe("Each that applies must be met; instead of the needs of the rule"),
    since: z.int().optional().describe("First API level of devices that have it"),
    until: z.int().optional().describe("Last API level of devices where it yields the data"),
    "target-until": z.int().optional().describe("Last targetSdkVersion for which it yields the data"),
    confidence: z
      .enum(["certain", "likely", "possible"])
      .optional()
      .describe("That the call yields the data; certain unless said"),
    note: z.string().optional(),
  })
  .refine(
    (api) =>
      [api.method, api.field, api["content-uri"], api.override].filter((kind) => kind !== undefined)
        .length === 1,
    "name exactly one of method, field, content-uri, override",
  )
  .refine((api) => api.argument === undefined || api.method !== undefined, "argument goes with method");

/** rules/apis/<id>.yaml: the sensitive APIs that yield one kind of data. */
export const apiRuleSchema = z.strictObject({
  id: kebabId.describe("What is yielded: advertising-id, android-id, wifi-scan …"),
  name: z.string().min(2),
  "data-type": kebabId.describe("Google Play's data type; an id of rules/data-types.yaml"),
  "degrades-to": z
    .strictObject({ "data-type": kebabId, "when-missing": permissionName })
    .optional()
    .describe("The coarser data type that is left when a permission is not held"),
  needs: z.array(needSchema).optional().describe("Applies to every API below that has no needs of its own"),
  apis: z.array(apiSchema).min(1),
  note: z.string().optional(),
  sources: z.array(sourceSchema).min(1),
});

/** rules/data-types.yaml */
export const dataTypesSchema = z.strictObject({
  sources: z.array(sourceSchema).min(1),
  "data-types": z.array(
    z.strictObject({
      id: kebabId,
      name: z.string(),
      category: z.string(),
      "play-question-id": z.string(),
      "play-response-id": z.string(),
    }),
  ),
});

/** rules/permissions.yaml */
export const permissionsSchema = z.strictObject({
  sources: z.array(sourceSchema).min(1),
  permissions: z.array(
    z.strictObject({
      name: permissionName,
      protection: z.enum(["normal", "dangerous", "signature", "special", "unknown"]),
      since: z.int().optional(),
      until: z.int().optional().describe("Last API level that knows it"),
      opens: z.array(kebabId).optional().describe("Data types it opens by itself"),
      note: z.string().optional(),
    }),
  ),
});

/** rules/shared-names.yaml: what lint looks names up in. */
export const sharedNamesSchema = z.strictObject({
  "shared-roots": z
    .array(classPrefix)
    .describe("Package roots that hold several products, or several companies' code"),
  "one-segment-prefixes": z.array(classPrefix).describe("One-segment packages that a single project uses"),
  "short-prefixes": z
    .array(classPrefix)
    .describe("Prefixes as short as an abbreviation or what R8 writes, and yet one vendor's alone"),
  "generic-words": z
    .array(z.string())
    .default([])
    .describe("Words that say nothing of whose a package is: below a domain's ending, they are everybody's"),
  "own-app-prefixes": z
    .array(classPrefix)
    .default([])
    .describe("Prefixes that hold the code of the vendor's own apps too, and are meant so"),
  "platform-roots": z.array(classPrefix).describe("Packages that Android itself has"),
  "shared-native-libraries": z.array(z.string()),
  "shared-files": z
    .array(archivePath)
    .default([])
    .describe("Files that any build may have; a rule's pattern must fit none of them"),
  "shared-meta-data": z
    .array(z.string())
    .default([])
    .describe("Names that Android or the build tools read; with a dot at the end: all that begin so"),
  "shared-name-owners": z
    .array(z.strictObject({ name: z.string(), rule: kebabId }))
    .default([])
    .describe("Shared libraries, files and meta-data that one rule may give: it is that library's own"),
  "shared-hosts": z
    .array(z.string())
    .describe(
      "Hosts that anybody's code names; each stands for its subdomains too where it starts with a dot",
    ),
});

/** rules/nested-prefixes.yaml */
export const nestedPrefixesSchema = z.strictObject({
  "nested-prefixes": z.array(
    z.strictObject({
      inner: kebabId.describe("Id of the rule whose code stands in the other's packages"),
      outer: kebabId,
      why: z.string().min(4).describe("Why that is meant"),
    }),
  ),
});

export type SharedNames = z.infer<typeof sharedNamesSchema>;
export type NestedPrefixes = z.infer<typeof nestedPrefixesSchema>["nested-prefixes"][number];
export type ManifestSwitch = Extract<z.infer<typeof switchSchema>, { "meta-data": string }>;
export type CodeSwitch = Extract<z.infer<typeof switchSchema>, { method: string }>;
export type AutoInit = z.infer<typeof autoInitSchema>;
export type Source = z.infer<typeof sourceSchema>;
export type Signature = z.infer<typeof signatureSchema>;
export type SdkRule = z.infer<typeof sdkRuleSchema>;
export type SdkCategory = SdkRule["category"];
export type SupportLibraryRule = z.infer<typeof supportLibraryRuleSchema>;
export type Vendor = z.infer<typeof vendorSchema>;
export type Need = z.infer<typeof needSchema>;
export type Api = z.infer<typeof apiSchema>;
export type ApiRule = z.infer<typeof apiRuleSchema>;
export type DataTypes = z.infer<typeof dataTypesSchema>;
export type DataType = DataTypes["data-types"][number];
export type Permissions = z.infer<typeof permissionsSchema>;
export type Permission = Permissions["permissions"][number];
