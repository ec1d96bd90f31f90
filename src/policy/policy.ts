import type { PolicyException, PolicyRule } from "./policy-schema.js";

/** Where something of a policy is written; the line from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A policy as it is evaluated: its own rules and those that it builds on. */
export interface Policy {
  readonly rules: readonly (PolicyRule & { readonly place: Place })[];
  readonly exceptions: readonly (PolicyException & { readonly place: Place })[];
}

/** What a policy may name; asked of the rules that an audit goes by. */
export interface KnownNames {
  has(kind: NameKind, name: string): boolean;
  /** Names that may be meant, nearest first. */
  suggest(kind: NameKind, name: string): readonly string[];
}

export type NameKind = "sdk" | "vendor" | "data-type" | "kind of data" | "permission" | "switch";
