/**
 * What CycloneDX 1.6 has and its library's models have not: endpoints and data of a service, and what a component was
 * identified by. Each model adds fields, and its normalizer writes them beside what the library's writes.
 */
import { ComponentEvidence, Service } from "@cyclonedx/cyclonedx-library/Models";
import { JSON as Json } from "@cyclonedx/cyclonedx-library/Serialize";

const { Normalize } = Json;

/** `serviceData`: one kind of data; the direction is relative to the service. */
export interface ServiceData {
  readonly flow: "inbound" | "outbound" | "bi-directional" | "unknown";
  readonly classification: string;
  readonly description?: string;
}

/** A service with its endpoints, and the data that goes through it. */
export class DataService extends Service {
  endpoints: readonly string[] = [];
  data: readonly ServiceData[] = [];
}

/** `componentIdentityEvidence`: what a field of a component was concluded from. */
export interface Identity {
  readonly field: "name";
  /** 0 to 1. */
  readonly confidence: number;
  readonly concludedValue: string;
  readonly methods: readonly {
    readonly technique: "binary-analysis" | "manifest-analysis" | "filename";
    readonly confidence: number;
    readonly value: string;
  }[];
  /** References to the tools that concluded it. */
  readonly tools: readonly string[];
}

/** What a component was identified by. */
export class IdentityEvidence extends ComponentEvidence {
  identity: readonly Identity[] = [];
}

/** Normalizers of the library, with ours where a model has more. */
export class NormalizerFactory extends Normalize.Factory {
  override makeForService() {
    return new ServiceNormalizer(this);
  }

  override makeForComponentEvidence() {
    return new EvidenceNormalizer(this);
  }

  override makeForDependencyGraph() {
    return new KnownDependencies(this);
  }
}

class ServiceNormalizer extends Normalize.ServiceNormalizer {
  override normalize(...[service, options]: Parameters<Json.Normalize.ServiceNormalizer["normalize"]>) {
    const normalized = super.normalize(service, options);
    if (!(service instanceof DataService)) return normalized;
    const { endpoints, data } = service;
    return {
      ...normalized,
      ...(endpoints.length === 0 ? {} : { endpoints }),
      ...(data.length === 0 ? {} : { data }),
    };
  }
}

class EvidenceNormalizer extends Normalize.ComponentEvidenceNormalizer {
  override normalize(
    ...[evidence, options]: Parameters<Json.Normalize.ComponentEvidenceNormalizer["normalize"]>
  ) {
    const normalized = super.normalize(evidence, options);
    return evidence instanceof IdentityEvidence ? { ...normalized, identity: evidence.identity } : normalized;
  }
}

/** An entry without dependencies would say that there are none (CycloneDX 1.6, `dependencies`); that is not known. */
class KnownDependencies extends Normalize.DependencyGraphNormalizer {
  override normalize(...[bom, options]: Parameters<Json.Normalize.DependencyGraphNormalizer["normalize"]>) {
    const known = super.normalize(bom, options)?.filter(({ dependsOn }) => dependsOn !== undefined);
    return known?.length === 0 ? undefined : known;
  }
}
