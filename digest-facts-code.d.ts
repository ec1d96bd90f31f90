export function digestFactsCode(root: string): Promise<string>;
