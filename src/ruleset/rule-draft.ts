/** A rule as far as an app tells it: for a person to complete. */
export interface RuleDraft {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly category: string;
  /** In the order they are written, with what was seen beside them. */
  readonly signatures: readonly DraftSignature[];
  readonly version: readonly DraftVersion[];
  /** Class names of content providers below the package. */
  readonly providers: readonly string[];
  readonly examples: {
    readonly present: readonly Readonly<Record<string, string>>[];
    readonly absent: readonly Readonly<Record<string, string>>[];
  };
  /** Where it was read: the app's file and its SHA-256. */
  readonly source: string;
  /** Day of the draft, YYYY-MM-DD. */
  readonly readOn: string;
}

/** One signature: its kind and value. */
export interface DraftSignature {
  readonly kind: string;
  readonly value: string;
  /** For the author. */
  readonly comment?: string;
}

/** One way to read the version. */
export interface DraftVersion {
  readonly kind: "field" | "method" | "file" | "meta-data";
  readonly value: string;
  readonly comment: string;
}
