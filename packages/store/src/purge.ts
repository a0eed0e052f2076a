/**
 * Takes away, in slices of bounded size, what a deletion has already made invisible: rows of dead versions, of deleted
 * documents and collections, of generations whose grace is over, and the quotes of all these in messages. Callers repeat
 * until a slice removes nothing. Killed between slices, the next call goes on where this one was.
 */
import type { Connection } from "./open-database.ts";
import { prepareBlobUse } from "./blob-use.ts";
import { openChangeLog } from "./change-log.ts";
import { openExampleScrubber } from "./forget-examples.ts";
import { openSourceScrubber } from "./forget-sources.ts";
import { SOURCES_OF_DOCUMENT } from "./live-source.ts";
import { openTermIndex } from "./term-index.ts";

/** A staged version that nobody has touched for so long belongs to a job that will not come back. */
const ABANDONED_MS = 48 * 3600 * 1000;
/** Making a version dead journals all its chunks; this many of them in one slice. */
const KILLS_A_SLICE = 20;
const MERGED_PAGES_A_SLICE = 32;

export interface PurgeOutcome {
  readonly removedRows: number;
  readonly unusedBlobs: string[];
}

export function openPurge(connection: Connection): (maxRows: number) => PurgeOutcome {
  const { sqlite } = connection;
  const changeLog = openChangeLog(connection);
  const termIndex = openTermIndex(sqlite);
  const isBlobUsed = prepareBlobUse(sqlite);
  const scrubSources = openSourceScrubber(connection);
  const examples = openExampleScrubber(connection);
  const select = prepareSelections(connection);
  const remove = prepareRemovals(connection);

  /** Versions that should be dead but are not yet: their collection is deleted, their generation is over, their job is gone. */
  function killHidden(): number {
    const now = connection.now();
    const abandoned = new Date(Date.parse(now) - ABANDONED_MS).toISOString();
    const numbers = select.hidden.all({ now, abandoned, limit: KILLS_A_SLICE }) as number[];
    for (const no of numbers) changeLog.kill(no);
    return numbers.length;
  }

  /** Rows of dead versions, chunks first, at most `budget`. */
  function removeDead(budget: number, blobs: Set<string>): number {
    let removed = 0;
    for (const version of select.dead.all() as { no: number; blob: string; isNewest: 0 | 1 }[]) {
      for (const seq of select.chunks.all(version.no, budget - removed) as number[]) {
        termIndex.delete(seq);
        remove.chunk.run(seq);
        removed += 1;
      }
      if (removed < budget) removed += remove.pages.run(version.no, budget - removed).changes;
      if (removed >= budget) return removed;
      remove.version.run(version.no);
      // The newest bytes of a document are given up with its own row, so that they are named once.
      if (!version.isNewest) blobs.add(version.blob);
      removed += 1;
    }
    return removed;
  }

  /** Deleted documents without versions, then collections and generations without anything. */
  function removeEmpty(budget: number, blobs: Set<string>): number {
    let removed = 0;
    for (const row of select.documents.all(budget) as { no: number; id: string; blob: string }[]) {
      removed += remove.jobs.run(row.id).changes;
      remove.quotes.run({ documentId: row.id });
      remove.document.run(row.no);
      blobs.add(row.blob);
      removed += 1;
    }
    for (const no of select.generations.all(connection.now()) as number[]) {
      remove.changes.run(no);
      remove.generation.run(no);
      removed += 1;
    }
    for (const { no, id } of select.collections.all() as { no: number; id: string }[]) {
      examples.dropCollection(id);
      remove.servingOf.run(no);
      for (const generationNo of select.generationsOf.all(no) as number[]) {
        remove.changes.run(generationNo);
        remove.generation.run(generationNo);
      }
      remove.collection.run(no);
      removed += 1;
    }
    return removed;
  }

  return (maxRows) => {
    const blobs = new Set<string>();
    const removedRows = connection.write(() => {
      let removed = killHidden();
      if (removed < maxRows) removed += removeDead(maxRows - removed, blobs);
      termIndex.mergeSome(MERGED_PAGES_A_SLICE);
      if (removed < maxRows) removed += scrubSources(maxRows - removed);
      if (removed < maxRows) removed += removeEmpty(maxRows - removed, blobs);
      return removed;
    });
    return { removedRows, unusedBlobs: [...blobs].filter((blob) => !isBlobUsed(blob)) };
  };
}

function prepareSelections({ sqlite }: Connection) {
  return {
    hidden: sqlite
      .prepare(
        `SELECT v.no FROM generations g JOIN collections c ON c.no = g.collection_no
           JOIN document_versions v ON v.generation_no = g.no
          WHERE (c.deleted_at IS NOT NULL OR (g.status = 'retired' AND g.purge_after <= :now)) AND v.status IN ('staged', 'live')
         UNION
         SELECT no FROM document_versions WHERE status = 'staged' AND updated_at < :abandoned
         LIMIT :limit`,
      )
      .pluck(),
    dead: sqlite.prepare(
      `SELECT v.no, v.blob, v.blob = d.blob AS isNewest FROM document_versions v JOIN documents d ON d.no = v.document_no
        WHERE v.status = 'dead' ORDER BY v.no LIMIT 200`,
    ),
    chunks: sqlite.prepare("SELECT seq FROM chunks WHERE version_no = ? LIMIT ?").pluck(),
    documents: sqlite.prepare(
      `SELECT d.no, d.id, d.blob FROM documents d JOIN collections c ON c.no = d.collection_no
        WHERE (d.deleted_at IS NOT NULL OR c.deleted_at IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.document_no = d.no) LIMIT ?`,
    ),
    generations: sqlite
      .prepare(
        `SELECT g.no FROM generations g WHERE g.status = 'retired' AND g.purge_after <= ?
            AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.generation_no = g.no)`,
      )
      .pluck(),
    collections: sqlite.prepare(
      `SELECT c.no, c.id FROM collections c WHERE c.deleted_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.collection_no = c.no)`,
    ),
    generationsOf: sqlite.prepare("SELECT no FROM generations WHERE collection_no = ?").pluck(),
  };
}

function prepareRemovals({ sqlite }: Connection) {
  return {
    chunk: sqlite.prepare("DELETE FROM chunks WHERE seq = ?"),
    pages: sqlite.prepare("DELETE FROM pages WHERE no IN (SELECT no FROM pages WHERE version_no = ? LIMIT ?)"),
    version: sqlite.prepare("DELETE FROM document_versions WHERE no = ?"),
    jobs: sqlite.prepare("DELETE FROM jobs WHERE document_id = ? AND status NOT IN ('queued', 'scheduled', 'running')"),
    // Documents of a deleted collection were never deleted one by one: their quotes go with the next slice.
    quotes: sqlite.prepare(`INSERT OR IGNORE INTO gone_sources (document_id, blob) ${SOURCES_OF_DOCUMENT}`),
    document: sqlite.prepare("DELETE FROM documents WHERE no = ?"),
    changes: sqlite.prepare("DELETE FROM index_changes WHERE generation_no = ?"),
    servingOf: sqlite.prepare("UPDATE collections SET serving_no = NULL, next_no = NULL WHERE no = ?"),
    generation: sqlite.prepare("DELETE FROM generations WHERE no = ?"),
    collection: sqlite.prepare("DELETE FROM collections WHERE no = ?"),
  };
}
