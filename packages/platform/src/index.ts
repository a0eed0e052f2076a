/** Composition: open the house, read its settings, tend it. */
export { LOCAL_ACTOR, SCRATCH_PREFIX } from "./access.ts";
export type { Adaptation } from "./adaptation.ts";
export * from "./backup.ts";
export { collectGarbage } from "./collect-garbage.ts";
export { dataPaths, modelsFolder } from "./data-folder.ts";
export type { DataPaths } from "./data-folder.ts";
export * from "./doctor.ts";
export * from "./evaluate-folder.ts";
export * from "./evaluation/run-file.ts";
export { readVersion } from "./installation.ts";
export * from "./issue-key.ts";
export { cleanName } from "./library.ts";
export * from "./load-config.ts";
export { openLogger } from "./open-logger.ts";
export * from "./open-platform.ts";
export * from "./platform.ts";
export * from "./server-info.ts";
