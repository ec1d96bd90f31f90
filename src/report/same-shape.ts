/**
 * A type with nothing optional left: what may be absent from the JSON, or `undefined` before it, is
 * wrapped instead. So two types are the same if each is assignable to the other; with optional keys,
 * assignability would overlook one that is missing.
 */
export type Explicit<T> = T extends readonly [infer First, ...(infer Rest)[]]
  ? { first: Explicit<First>; rest: Explicit<Rest> }
  : T extends readonly (infer Item)[]
    ? { items: Explicit<Item> }
    : T extends object
      ? {
          [Key in keyof T]-?: IsOptional<T, Key> extends true
            ? { optional: Explicit<Exclude<T[Key], undefined>> }
            : Explicit<T[Key]>;
        }
      : T;
type IsOptional<T, Key extends keyof T> =
  Record<never, never> extends Pick<T, Key> ? true : undefined extends T[Key] ? true : false;
/** Whether two types are the same, given as {@link Explicit}. */
export type IsSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
