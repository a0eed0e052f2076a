import type { Upkeep } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";
export function openUpkeep({ sqlite }: Connection): Upkeep {
  return {
    async orphans() {
      return {};
    },
    async integrity() {
      return [];
    },
    async compact() {
      return { bytesBefore: 0, bytesAfter: 0 };
    },
    async backupTo(path) {
      await sqlite.backup(path);
    },
  };
}
