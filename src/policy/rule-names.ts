import { findNearest, type RuleIndex } from "../ruleset/index.js";
import type { KnownNames, NameKind } from "./policy.js";

/** The names of the rules that an audit goes by. */
export class RuleNames implements KnownNames {
  readonly #index: RuleIndex;

  constructor(index: RuleIndex) {
    this.#index = index;
  }

  has(kind: NameKind, name: string): boolean {
    const { partyIds, vendorIds, dataTypes, permissions } = this.#index.compiled.header;
    switch (kind) {
      case "sdk":
        return partyIds.includes(name);
      case "vendor":
        return vendorIds.includes(name);
      case "data-type":
        return dataTypes.some(({ id }) => id === name);
      case "kind of data":
        return this.#index.apis.some(({ id }) => id === name);
      case "permission":
        return permissions.some(
          (permission) => permission.name === name || permission.name.endsWith(`.${name}`),
        );
      case "switch":
        return this.#list(kind).some(({ id }) => id === name);
    }
  }

  suggest(kind: NameKind, name: string): string[] {
    return findNearest(name, this.#list(kind));
  }

  #list(kind: NameKind): readonly { readonly id: string; readonly name: string }[] {
    const { sdks, supportLibraries, vendors, dataTypes, apis, permissions } = this.#index.ruleset;
    switch (kind) {
      case "sdk":
        return [...sdks, ...supportLibraries];
      case "vendor":
        return vendors;
      case "data-type":
        return dataTypes;
      case "kind of data":
        return apis;
      case "permission":
        return permissions.map(({ name }) => ({ id: name, name }));
      case "switch":
        return sdks.flatMap(({ switches = [] }) =>
          switches.flatMap((one) =>
            "meta-data" in one ? [{ id: one["meta-data"], name: one["meta-data"] }] : [],
          ),
        );
    }
  }
}
