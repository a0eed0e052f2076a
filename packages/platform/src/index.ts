/** Composition: open the house, read its settings, tend it. */
export { LOCAL_ACTOR, SCRATCH_PREFIX } from "./access.ts";
export { dataPaths, modelsFolder } from "./data-folder.ts";
export type { DataPaths } from "./data-folder.ts";
export * from "./backup.ts";
export { readVersion } from "./installation.ts";
export * from "./load-config.ts";
export * from "./one-time-link.ts";
export * from "./open-platform.ts";
export * from "./platform.ts";
export * from "./server-info.ts";
export * from "./doctor.ts";
export * from "./evaluate-folder.ts";
export { cleanName } from "./library.ts";
