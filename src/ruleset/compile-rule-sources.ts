import type { PlacedRule } from "./compile-ruleset.js";
import type { ApiSources, PartySources, RuleSources, VendorSources } from "./rule-sources.js";
import type { ApiRule, SdkRule, SupportLibraryRule, Vendor } from "./schema.js";

/**
 * Collects what checked rule files say beside what a scan needs.
 *
 * @param base sources to build on; a rule of `placed` replaces those of the same kind and id
 */
export function compileRuleSources(placed: readonly PlacedRule[], base?: RuleSources): RuleSources {
  const sources = {
    parties: { ...base?.parties },
    vendors: { ...base?.vendors },
    apis: { ...base?.apis },
    dataTypes: { ...base?.dataTypes },
    permissions: { ...base?.permissions },
  };
  for (const { file } of placed) {
    switch (file.kind) {
      case "sdk":
      case "support-library":
        sources.parties[file.rule.id] = ofParty(file.rule);
        break;
      case "vendor":
        sources.vendors[file.rule.id] = ofVendor(file.rule);
        break;
      case "api":
        sources.apis[file.rule.id] = ofApi(file.rule);
        break;
      case "data-types":
        for (const { id } of file.rule["data-types"]) sources.dataTypes[id] = { sources: file.rule.sources };
        break;
      case "permissions":
        for (const { name, note } of file.rule.permissions)
          sources.permissions[name] = { ...given({ note }), sources: file.rule.sources };
    }
  }
  return sources;
}

function ofParty(rule: SdkRule | SupportLibraryRule): PartySources {
  const sdk = "category" in rule ? rule : undefined;
  const codeSwitches = (sdk?.switches ?? []).filter((item) => "method" in item);
  return {
    ...given({ site: rule.site, note: rule.note, maven: sdk?.maven, autoInit: sdk?.["auto-init"] }),
    ...(codeSwitches.length === 0 ? {} : { codeSwitches }),
    sources: rule.sources,
  };
}

function ofVendor({ site, privacy, "checked-on": checkedOn }: Vendor): VendorSources {
  return given({ site, privacy, checkedOn });
}

function ofApi({ note, apis, sources }: ApiRule): ApiSources {
  const apiNotes = Object.fromEntries(
    apis.flatMap((api, index) => (api.note === undefined ? [] : [[index, api.note]])),
  );
  return { ...given({ note }), ...(Object.keys(apiNotes).length === 0 ? {} : { apiNotes }), sources };
}

/** Of optional values those that are there. */
function given<Values extends object>(
  values: Values,
): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: Exclude<Values[Key], undefined>;
  };
}
