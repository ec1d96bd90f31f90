import type { ResValue } from "./res-value.js";

/** Android's own XML namespace, that of the attributes with a resource id. */
export const ANDROID_NAMESPACE = "http://schemas.android.com/apk/res/android";

/** An element of an Android XML document: binary (APK), or another form that says the same. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The text between the tags, pieces joined; empty where there is none. */
  readonly text: string;
  /** Line in the source document, as the compiler noted it; 0 where it did not. */
  readonly line: number;
}

/** An attribute of an {@link XmlElement}. */
export interface XmlAttribute {
  readonly namespace: string | undefined;
  /** By {@link resourceId} where that is known, else as the document spells it. */
  readonly name: string;
  /** What Android goes by; `undefined` for attributes without one, such as `package`. */
  readonly resourceId: number | undefined;
  /** The value as it was written, where the compiler kept it. */
  readonly rawValue: string | undefined;
  readonly typedValue: ResValue;
}
