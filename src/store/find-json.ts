/** What a text of JSON says; `undefined` of one that is none. */
export function findJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** As {@link findJson}, of an object by its keys; without any where it is none. */
export function findJsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = findJson(text);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
