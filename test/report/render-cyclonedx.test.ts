import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { renderCyclonedx } from "../../src/report/render-cyclonedx.js";
import { poison } from "../support/hostile-text.js";
import { access, buildResult, missingPermission, party, says } from "../support/result-builder.js";
import { empty, incomplete, speedTest } from "./example-results.js";

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

interface Named {
  "bom-ref": string;
  name: string;
  properties?: { name: string; value: string }[];
}
interface Bom {
  serialNumber: string;
  metadata: {
    timestamp?: string;
    component: Named & { hashes?: unknown[] };
    properties: { name: string; value: string }[];
  };
  components: (Named & {
    purl?: string;
    supplier?: { name: string };
    evidence?: { identity: { confidence: number; methods: { technique: string }[] }[] };
  })[];
  services?: (Named & {
    provider?: { name: string };
    endpoints?: string[];
    data?: { flow: string; classification: string }[];
  })[];
  dependencies?: { ref: string; dependsOn: string[] }[];
}

const bomOf = (result: AuditResult) => JSON.parse(renderCyclonedx(result)) as Bom;
const propertiesOf = ({ properties = [] }: { properties?: { name: string; value: string }[] }) =>
  properties.map(({ name, value }) => `${name} = ${value}`);

describe("CycloneDX", () => {
  test.each([speedTest, incomplete, empty])(
    "%o: is valid by the official schema, poisoned too",
    async (example) => {
      expect(await validator.validate(renderCyclonedx(example()))).toBeNull();
      expect(await validator.validate(renderCyclonedx(poison(example())))).toBeNull();
    },
  );

  test("the validator refuses what is none", async () => {
    const bom = bomOf(speedTest());
    expect(await validator.validate(JSON.stringify({ ...bom, serialNumber: "x" }))).not.toBeNull();
    expect(
      await validator.validate(JSON.stringify({ ...bom, services: [{ name: "x", data: [{}] }] })),
    ).not.toBeNull();
  });

  test("an app with everything", () => {
    const { components, services, dependencies, metadata } = bomOf(incomplete());
    expect(metadata.component).toMatchObject({ name: "com.example.speedtest", version: "5.4.1" });
    expect(propertiesOf(metadata)).toContain("bycatch:unread = classes3.dex");
    const kinds = new Set(["sdk", "support-library", "unrecognised"]);
    const parties = incomplete().parties.filter(({ kind }) => kinds.has(kind));
    expect(components.map((one) => one["bom-ref"])).toEqual(parties.map(({ id }) => `party:${id}`));
    expect(dependencies).toEqual([{ ref: "app", dependsOn: components.map((one) => one["bom-ref"]) }]);
    expect(services!.map(({ name }) => name)).toContain("bid.harbor.example");
    expect(components.filter(({ purl }) => purl !== undefined)).toEqual([]);
  });

  test("an access is a property, and no data that flows", () => {
    const result = buildResult({
      parties: [party("acme", "Acme", { confidence: "likely" })],
      accesses: [
        access("acme", "precise-location", "La/Api;->read()V", "Lcom/acme/Sdk;->a()V"),
        access("acme", "contacts", "La/Api;->list()V", "Lcom/acme/Sdk;->a()V", {
          limits: [missingPermission("P")],
        }),
      ],
    });
    const { components, services } = bomOf(result);
    expect(propertiesOf(components[0]!).filter((line) => line.startsWith("bycatch:access:"))).toEqual([
      "bycatch:access:precise-location = referenced",
      "bycatch:access:contacts = referenced yields-nothing",
    ]);
    expect(services).toBeUndefined();
    expect(components[0]!.evidence!.identity[0]).toMatchObject({
      confidence: 0.7,
      methods: [{ technique: "binary-analysis" }],
    });
  });

  test("what a vendor says that it collects enters its service; what it says that it does not is no data", () => {
    const vendor = { id: "acme", name: "Acme GmbH" };
    const practices = [
      says("contacts", "https://acme.example/p"),
      says("photos", "https://acme.example/p", { collected: false }),
    ];
    const [service] = bomOf(buildResult({ parties: [party("acme", "Acme", { vendor, practices })] }))
      .services!;
    expect(service).toMatchObject({
      provider: { name: "Acme GmbH" },
      data: [{ flow: "inbound", classification: "contacts" }],
    });
    expect(service!.data).toHaveLength(1);
    expect(propertiesOf(service!)).toContain("bycatch:documented-collected:photos = false");
  });

  test("a host is its vendor's only where the SDK was recognised by it; a URL that is none is left out", () => {
    const vendor = { id: "acme", name: "Acme" };
    const evidence = [{ kind: "host", entry: "classes.dex", value: "in.acme.example" }] as const;
    const host = (name: string, owner: string, urls: string[]) => ({
      party: owner,
      host: name,
      sites: 1,
      urls,
      evidence: [],
    });
    const { services } = bomOf(
      buildResult({
        parties: [party("acme", "Acme", { vendor, evidence }), party("other", "Other")],
        hosts: [
          host("in.acme.example", "other", ["https://in.acme.example/a b"]),
          host("in.acme.example", "acme", ["https://in.acme.example/%s", "https://%s.acme.example/"]),
          host("play.google.com", "acme", []),
        ],
      }),
    );
    expect(services!.map(({ name, provider, endpoints }) => [name, provider?.name, endpoints])).toEqual([
      ["in.acme.example", "Acme", ["https://in.acme.example/a%20b", "https://in.acme.example/%s"]],
      ["play.google.com", undefined, undefined],
    ]);
    expect(propertiesOf(services![0]!)).toEqual(["bycatch:named-by = other", "bycatch:named-by = acme"]);
  });

  test("the same result gives the same bytes, another result another number, and nothing tells the time", () => {
    const bom = renderCyclonedx(speedTest());
    expect(renderCyclonedx(speedTest())).toBe(bom);
    expect(bomOf(incomplete()).serialNumber).not.toBe(bomOf(speedTest()).serialNumber);
    expect(bomOf(speedTest()).serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(bomOf(speedTest()).metadata.timestamp).toBeUndefined();
  });

  test("holds nothing that a terminal obeys", () => {
    expect(renderCyclonedx(poison(speedTest())).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});
