/** What `${{ }}` may name: `inputs.app`, `steps.check.outputs.outcome`. */
export type Context = Readonly<Record<string, string>>;

const TOKEN = /\s*(?:(&&|\|\||==|!=|[()!])|'((?:[^']|'')*)'|([a-z][\w-]*(?:\.[\w-]+)*))/gy;

/**
 * A text of a workflow with its `${{ }}` replaced; of GitHub's expressions what action.yml uses: comparisons, `&&`,
 * `||`, `!`, parentheses, names and literals.
 *
 * @throws Error for a name that the context does not have, and for any other syntax
 */
export function interpolate(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, context));
}

/** Whether the `if:` of a step holds; a step without one runs. */
export function isTrue(condition: string | undefined, context: Context): boolean {
  if (condition === undefined) return true;
  const [, expression = condition] = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition) ?? [];
  return !["", "false"].includes(evaluate(expression, context));
}

function evaluate(expression: string, context: Context): string {
  const tokens = tokenize(expression);
  let next = 0;
  const take = (...wanted: string[]) => wanted.includes(tokens[next]?.operator ?? "") && tokens[next++];
  const any = (): string => {
    let left = all();
    while (take("||")) {
      const right = all();
      left = isTruthy(left) ? left : right;
    }
    return left;
  };
  const all = (): string => {
    let left = compare();
    while (take("&&")) {
      const right = compare();
      left = isTruthy(left) ? right : left;
    }
    return left;
  };
  const compare = (): string => {
    const left = value();
    const operator = take("==", "!=");
    if (!operator) return left;
    // Without regard to case, as GitHub compares strings.
    return String((left.toLowerCase() === value().toLowerCase()) === (operator.operator === "=="));
  };
  const value = (): string => {
    if (take("!")) return String(!isTruthy(value()));
    if (take("(")) {
      const inner = any();
      if (!take(")")) throw new Error(`unclosed: ${expression}`);
      return inner;
    }
    const token = tokens[next++];
    if (token?.literal !== undefined) return token.literal;
    if (token?.name === undefined || !Object.hasOwn(context, token.name))
      throw new Error(`nothing is called ${token?.name ?? token?.operator}: ${expression}`);
    return context[token.name]!;
  };
  const result = any();
  if (next < tokens.length) throw new Error(`not understood: ${expression}`);
  return result;
}

interface Token {
  readonly operator?: string | undefined;
  readonly literal?: string | undefined;
  readonly name?: string | undefined;
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const text = expression.trim();
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`not understood: ${expression}`);
    const [, operator, literal, name] = found;
    tokens.push({ operator, literal: literal?.replaceAll("''", "'"), name });
  }
  return tokens;
}

function isTruthy(text: string): boolean {
  return text !== "" && text !== "false";
}
