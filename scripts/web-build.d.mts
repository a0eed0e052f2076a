export const WEB_INPUTS: readonly string[];
export function webStamp(root: string): string | null;
export function ensureWebBuilt(root: string, build: () => number): number;
