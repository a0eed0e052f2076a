export { openBlobFolder } from "./blob-folder.ts";
export { openStore } from "./open-store.ts";
export type { OpenedStore, StoreOptions } from "./open-store.ts";
