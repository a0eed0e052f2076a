export const SERVER_FLAGS: readonly string[];
export function serverEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
