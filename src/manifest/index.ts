/**
 * Android's XML and resources. Comes in: the bytes of AndroidManifest.xml and resources.arsc. Goes
 * out: the document as a tree, resources by id, and the manifest as Android understands it, each of
 * them also for reading by people.
 *
 * Never opens an archive, never knows an SDK, never judges. The authority is what Android's loader
 * makes of the bytes (AOSP `ResourceTypes`, `LoadedArsc`, `ParsingPackageUtils`).
 */
export {
  type Activity,
  type AndroidManifest,
  type Application,
  type Component,
  type ImpliedPermission,
  type Instrumentation,
  type IntentData,
  type IntentDataAttribute,
  type IntentFilter,
  isLauncherActivity,
  type MetaData,
  type PermissionDefinition,
  type Provider,
  type Queries,
  type Receiver,
  type ResourceReference,
  type SdkVersion,
  type Service,
  toApiLevel,
  type UsesFeature,
  type UsesLibrary,
  type UsesPermission,
  type UsesSdk,
} from "./android-manifest.js";
export { buildManifest, readManifest } from "./read-manifest.js";
export { type RenderManifestOptions, renderManifestXml } from "./render-manifest-xml.js";
export { formatResourceId, ResDataType, type ResValue } from "./res-value.js";
export { type ResolvedResource, type ResourceTable, readResourceTable } from "./resource-table.js";
export { ANDROID_NAMESPACE, type XmlAttribute, type XmlElement } from "./xml-element.js";
export { readXmlTree } from "./xml-tree.js";
