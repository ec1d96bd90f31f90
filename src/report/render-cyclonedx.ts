import { createHash } from "node:crypto";
import { ComponentType, ExternalReferenceType, HashAlgorithm } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  Component,
  ExternalReference,
  HashDictionary,
  Metadata,
  OrganizationalEntity,
  Property,
  Tools,
} from "@cyclonedx/cyclonedx-library/Models";
import { JsonSerializer } from "@cyclonedx/cyclonedx-library/Serialize";
import { Spec1dot6 } from "@cyclonedx/cyclonedx-library/Spec";
import type { Evidence } from "../evidence/index.js";
import type { AuditResult, HostSummary, OwnSdkSummary, PartySummary } from "../findings/index.js";
import { groupBy } from "./arrange-parties.js";
import { DataService, type Identity, IdentityEvidence, NormalizerFactory } from "./cyclonedx-models.js";
import { groupObservedAccess, type PartyAccess } from "./observed-access.js";
import { printable } from "./printable-text.js";
import { escapeInJson } from "./render-json.js";

/** The tool's reference, by which evidence names it. */
const TOOL = "bycatch";

/** `docs/formats.md` tells what the numbers mean: CycloneDX has no words for it. */
const CONFIDENCES = { certain: 1, likely: 0.7, possible: 0.3 } as const;

/**
 * A result as a CycloneDX 1.6 bill of materials: the app, its SDKs and libraries as components, hosts and what vendors
 * document as services. Accesses are properties: only what a vendor says that it collects is data that flows. There is
 * no timestamp, and the serial number follows from the result: the same result gives the same bytes.
 */
export function renderCyclonedx(result: AuditResult): string {
  const observed = groupObservedAccess(result);
  const app = describeApp(result);
  const bom = new Bom({ metadata: describeMetadata(result, app), serialNumber: serialNumberOf(result) });
  for (const party of result.parties) {
    for (const component of describeComponents(party, observed.get(party.id) ?? [])) {
      bom.components.add(component);
      app.dependencies.add(component.bomRef);
    }
  }
  const byId = new Map(result.parties.map((party) => [party.id, party]));
  for (const [host, named] of groupBy(result.hosts, ({ host }) => host))
    bom.services.add(describeHost(host, named, byId));
  for (const party of result.parties)
    for (const service of describeDocumented(party)) bom.services.add(service);
  const serializer = new JsonSerializer(new NormalizerFactory(Spec1dot6));
  return `${escapeInJson(serializer.serialize(bom, { space: 2 }))}\n`;
}

/** A UUID of version 8 (RFC 9562, 5.8) made from the result. */
function serialNumberOf(result: AuditResult): string {
  const hash = createHash("sha256").update(JSON.stringify(result)).digest("hex");
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hash)!;
  return `urn:uuid:${a}-${b}-8${c}-a${d}-${e}`;
}

function describeMetadata({ tool, depth, coverage }: AuditResult, component: Component): Metadata {
  const scanner = new Component(ComponentType.Application, tool.name, {
    bomRef: TOOL,
    version: tool.version,
  });
  const metadata = new Metadata({ component, tools: new Tools() });
  metadata.tools.components.add(scanner);
  addProperties(metadata, [
    ["rules-version", tool.rulesVersion],
    ["depth", depth],
    ["attributed-share", String(coverage.attributedShare)],
    ["complete", String(coverage.unread.length === 0)],
    ...coverage.unread.map((part) => ["unread", part] as const),
  ]);
  return metadata;
}

function describeApp({ app, permissions }: AuditResult): Component {
  const { files, packageName, versionName, versionCode, minSdkVersion, targetSdkVersion } = app;
  const [file] = files;
  const component = new Component(ComponentType.Application, text(packageName ?? file?.name ?? "app"), {
    bomRef: "app",
    ...(versionName === undefined ? {} : { version: text(versionName) }),
    // Of several files none is the app's.
    ...(files.length === 1 ? { hashes: new HashDictionary([[HashAlgorithm["SHA-256"], file!.sha256]]) } : {}),
  });
  addProperties(component, [
    ...files.map(({ name }) => ["file", name] as const),
    ["version-code", versionCode],
    ["min-sdk-version", minSdkVersion],
    ["target-sdk-version", targetSdkVersion],
    ...permissions.map(({ name }) => ["permission", name] as const),
  ]);
  return component;
}

/** A party as a component; of the first party, what is its makers' own. */
function describeComponents(party: PartySummary, observed: readonly PartyAccess[]): Component[] {
  if (party.kind === "first-party") return (party.ownSdks ?? []).map(describeOwnSdk);
  if (party.kind === "unattributed") return [];
  const { vendor, category, kind } = party;
  const component = describeLibrary(party, `party:${party.id}`);
  if (vendor !== undefined) component.supplier = new OrganizationalEntity({ name: vendor.name });
  addProperties(component, [
    ["party", party.id],
    ["party-kind", kind],
    ["category", category],
    ["company", (vendor?.parent ?? vendor)?.name],
    ["country", vendor?.country],
    ...observed.flatMap(({ dataType, rung, isOpen, confidence }) => [
      [`access:${dataType}`, isOpen ? rung : `${rung} yields-nothing`] as const,
      [`access-confidence:${dataType}`, confidence] as const,
    ]),
  ]);
  return [component];
}

function describeOwnSdk(own: OwnSdkSummary): Component {
  const component = describeLibrary(own, `own:${own.id}`);
  addProperties(component, [
    ["party", "first-party"],
    ["party-kind", own.kind],
    ["own", own.why],
  ]);
  return component;
}

type Recognised = Pick<PartySummary, "name" | "version" | "confidence" | "evidence">;

function describeLibrary({ name, version, confidence, evidence }: Recognised, bomRef: string): Component {
  const component = new Component(ComponentType.Library, text(name), {
    bomRef,
    ...(version === undefined ? {} : { version: text(version) }),
  });
  if (evidence.length === 0) return component;
  const number = CONFIDENCES[confidence];
  const methods = evidence.map((item) => ({
    technique: techniqueOf(item),
    confidence: number,
    value: text(`${item.kind} ${item.value}`),
  }));
  component.evidence = new IdentityEvidence();
  const identity: Identity = {
    field: "name",
    confidence: number,
    concludedValue: text(name),
    methods,
    tools: [TOOL],
  };
  (component.evidence as IdentityEvidence).identity = [identity];
  return component;
}

function techniqueOf({ kind, entry }: Evidence): Identity["methods"][number]["technique"] {
  if (kind === "native-library" || kind === "file") return "filename";
  return entry === "AndroidManifest.xml" ? "manifest-analysis" : "binary-analysis";
}

/** A host that code names. Whose it is, is said where an SDK was recognised by it. */
function describeHost(
  host: string,
  named: readonly HostSummary[],
  parties: ReadonlyMap<string, PartySummary>,
): DataService {
  const service = new DataService(text(host), {
    bomRef: `host:${text(host)}`,
    description: "Named in the app's code; that anything is sent there is not said.",
  });
  service.endpoints = [...new Set(named.flatMap(({ urls }) => urls.flatMap(toUri)))];
  const owner = named
    .map(({ party }) => parties.get(party))
    .find((party) => party?.evidence.some(({ kind, value }) => kind === "host" && value === host));
  if (owner?.vendor !== undefined) service.provider = new OrganizationalEntity({ name: owner.vendor.name });
  addProperties(
    service,
    named.map(({ party }) => ["named-by", party] as const),
  );
  return service;
}

/** What is no URL, for want of its parts, is left out: `https://%s.example.com`. */
function toUri(url: string): string[] {
  return URL.canParse(url) ? [new URL(url).href] : [];
}

/** What a vendor says that its SDK sends to it: data that enters the vendor's service. */
function describeDocumented({ id, name, vendor, practices = [] }: PartySummary): DataService[] {
  if (practices.length === 0) return [];
  const service = new DataService(`${text(name)}, as its vendor documents it`, {
    bomRef: `documented:${id}`,
    description: "What the vendor says of its SDK: documented, not observed.",
  });
  if (vendor !== undefined) service.provider = new OrganizationalEntity({ name: vendor.name });
  service.data = practices
    .filter(({ collected }) => collected)
    .map(({ dataType, purposes = [], source, readOn }) => {
      const why = purposes.length === 0 ? "" : ` for ${purposes.join(", ")}`;
      return {
        flow: "inbound",
        classification: dataType,
        description: text(`Documented as collected${why}: ${source}, read on ${readOn}`),
      };
    });
  for (const source of new Set(practices.map((practice) => practice.source)))
    service.externalReferences.add(new ExternalReference(source, ExternalReferenceType.Documentation));
  addProperties(service, [
    ["party", id],
    ...practices.map(
      ({ dataType, collected }) => [`documented-collected:${dataType}`, String(collected)] as const,
    ),
    ...practices.flatMap(({ dataType, shared }) =>
      shared === undefined ? [] : [[`documented-shared:${dataType}`, String(shared)] as const],
    ),
  ]);
  return [service];
}

/** Adds what is known, in our name space. */
function addProperties(
  to: { readonly properties: Metadata["properties"] },
  entries: readonly (readonly [name: string, value: string | number | undefined])[],
): void {
  for (const [name, value] of entries) {
    if (value !== undefined) to.properties.add(new Property(`bycatch:${name}`, text(String(value))));
  }
}

/** One line, escaped and no longer than the schema lets any text be. */
function text(value: string): string {
  return printable(value, 1_000);
}
