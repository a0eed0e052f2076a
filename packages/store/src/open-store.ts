/** The store as one value: opens the database, migrates it, and hangs every repository on the one writing connection. */
import type { Clock, JobRows, Logger, ScheduleRows, Store } from "@lorekeep/core";
import { openAccounts } from "./accounts.ts";
import { openAdapters } from "./adapters.ts";
import { openAudit } from "./audit.ts";
import { openCheckpoints } from "./checkpoints.ts";
import { openCollections } from "./collections.ts";
import { openConversations } from "./conversations.ts";
import { openDatasets } from "./datasets.ts";
import { openDocuments } from "./documents.ts";
import { openEvaluations } from "./evaluations.ts";
import { openFineTunes } from "./fine-tunes.ts";
import { openJobRows } from "./job-rows.ts";
import { openKeywordDoor } from "./keyword-door.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { openPassageRows } from "./passages.ts";
import { openScheduleRows } from "./schedule-rows.ts";
import { openSettings } from "./settings.ts";
import { toStoreError, translateErrors } from "./sqlite-errors.ts";
import { openUpkeep } from "./upkeep.ts";
import { openVectorSource } from "./vectors.ts";
import type { TrimmableVectorSource } from "./vectors.ts";
import { openVersions } from "./versions.ts";

export interface StoreOptions {
  /** The SQLite file, or `:memory:`. */
  readonly path: string;
  /** The house's `migrations/`. */
  readonly migrationsFolder: string;
  readonly logger: Logger;
  readonly clock?: Clock | undefined;
  /** From this many chunk rows on, keyword searches run in a thread of their own. */
  readonly threadFromChunks?: number | undefined;
}

export interface OpenedStore extends Store {
  readonly vectors: TrimmableVectorSource;
  readonly jobRows: JobRows;
  readonly scheduleRows: ScheduleRows;
}

/** Throws database_incompatible when the file is newer, edited, damaged or not ours; database_busy. */
export function openStore({ path, migrationsFolder, logger, clock, threadFromChunks }: StoreOptions): OpenedStore {
  try {
    const checkpoints = path === ":memory:" ? null : openCheckpoints(path, { logger });
    const connection = openDatabase(path, { clock, onCommit: checkpoints?.noteCommit });
    try {
      const applied = migrate(connection, migrationsFolder);
      if (applied > 0) logger.info("store.migrated", { migrationCount: applied });
    } catch (error) {
      connection.sqlite.close();
      throw error;
    }
    const keywords = openKeywordDoor(connection.sqlite, { path, threadFromChunks });
    return {
      collections: translateErrors(openCollections(connection)),
      documents: translateErrors(openDocuments(connection)),
      versions: translateErrors(openVersions(connection)),
      passages: translateErrors({ ...openPassageRows(connection), ...keywords }),
      vectors: translateErrors(openVectorSource(connection)),
      conversations: translateErrors(openConversations(connection)),
      accounts: translateErrors(openAccounts(connection)),
      audit: translateErrors(openAudit(connection)),
      settings: translateErrors(openSettings(connection)),
      upkeep: translateErrors(openUpkeep(connection, path)),
      datasets: translateErrors(openDatasets(connection)),
      fineTunes: translateErrors(openFineTunes(connection)),
      adapters: translateErrors(openAdapters(connection)),
      evaluations: translateErrors(openEvaluations(connection)),
      jobRows: translateErrors(openJobRows(connection)),
      scheduleRows: translateErrors(openScheduleRows(connection)),
      async close() {
        await keywords.close();
        await checkpoints?.close();
        if (connection.sqlite.open) connection.sqlite.close();
      },
    };
  } catch (error) {
    throw toStoreError(error);
  }
}
