/** What is known of one of Android's classes. */
interface AndroidClass {
  /** Superclass and interfaces, `Ljava/lang/Object;` left out. */
  readonly supers: readonly string[];
  /** Instance methods that its ancestors do not have, as {@link methodKey} names them. */
  readonly methods: ReadonlySet<string>;
}

const UNKNOWN: AndroidClass = { supers: [], methods: new Set() };

/**
 * Android's own classes, which a finished build names and does not carry: what they extend and implement, and what of them
 * an app's class can override. Of `rules/android-classes.tsv`, whose lines are read when they are asked for.
 */
export class AndroidClasses {
  readonly #lines = new Map<string, string>();
  readonly #known = new Map<string, AndroidClass>();

  /** @param text of the file */
  constructor(text: string) {
    for (const line of text.split("\n")) {
      const tab = line.indexOf("\t");
      if (tab > 0) this.#lines.set(line.slice(0, tab), line);
    }
  }

  has(descriptor: string): boolean {
    return this.#lines.has(descriptor);
  }

  /** Superclass and interfaces that a class names itself, `Ljava/lang/Object;` left out; none of one that is not known. */
  supersOf(descriptor: string): readonly string[] {
    return this.#find(descriptor).supers;
  }

  /** Instance methods of a class that its ancestors do not have, as {@link methodKey} names them. */
  methodsOf(descriptor: string): ReadonlySet<string> {
    return this.#find(descriptor).methods;
  }

  #find(descriptor: string): AndroidClass {
    const known = this.#known.get(descriptor);
    if (known !== undefined) return known;
    const line = this.#lines.get(descriptor);
    if (line === undefined) return UNKNOWN;
    const [, supers = "", methods = ""] = line.split("\t");
    const found = { supers: words(supers), methods: new Set(words(methods)) };
    this.#known.set(descriptor, found);
    return found;
  }
}

/** A method by what a callback is known by: name and number of arguments, `onClick/1`. */
export function methodKey(name: string, parameters: number): string {
  return `${name}/${parameters}`;
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
