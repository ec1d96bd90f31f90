export function digestFactsCode(root: string): Promise<string>;
export function digestAuditCode(root: string): Promise<string>;
