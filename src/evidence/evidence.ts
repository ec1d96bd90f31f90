/** What kind of thing was seen. */
export type EvidenceKind =
  // In the manifest or the archive
  | "application-id"
  | "component"
  | "authority"
  | "meta-data"
  | "defines-permission"
  | "permission"
  | "native-library"
  | "file"
  // In the code
  | "class"
  | "string"
  | "host"
  | "method-call"
  | "field-read"
  | "content-uri"
  | "class-constant"
  | "reflection"
  | "override"
  | "native-method";

/**
 * What was seen and where: strings and numbers only, so it can cross a worker and a database.
 *
 * @property entry the archive entry, `classes2.dex` or `AndroidManifest.xml`
 * @property value what was seen there: a class, a component's name, a file's path, a smali reference
 * @property caller the method whose code holds it, smali form; code only
 * @property codeUnit position in the caller's `insns`, in 16-bit code units as dexdump prints them
 */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly entry: string;
  readonly value: string;
  readonly caller?: string;
  readonly codeUnit?: number;
}
