import type { NameMapping } from "../dex/index.js";
import type { AndroidManifest, Component } from "../manifest/index.js";

/**
 * The same manifest with the original names of the classes that it names: builds that rename components
 * write the new names into it.
 */
export function restoreManifestNames(manifest: AndroidManifest, mapping: NameMapping): AndroidManifest {
  const restore = <Name extends string | undefined>(name: Name) =>
    (name === undefined ? name : mapping.restoreClassName(name)) as Name;
  const restoreComponents = <Kind extends Component>(components: readonly Kind[]) =>
    components.map((component) => ({ ...component, name: restore(component.name) }));
  const { application } = manifest;
  return {
    ...manifest,
    application:
      application === undefined
        ? undefined
        : {
            ...application,
            name: restore(application.name),
            appComponentFactory: restore(application.appComponentFactory),
            backupAgent: restore(application.backupAgent),
            zygotePreloadName: restore(application.zygotePreloadName),
          },
    activities: restoreComponents(manifest.activities).map((activity) => ({
      ...activity,
      targetActivity: restore(activity.targetActivity),
    })),
    services: restoreComponents(manifest.services),
    receivers: restoreComponents(manifest.receivers),
    providers: restoreComponents(manifest.providers),
  };
}
