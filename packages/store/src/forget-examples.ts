/**
 * The closed loop's side of forgetting: for a document that is gone, or bytes that were replaced, takes its text out of
 * examples, gate reports and evaluations. Ids and names of documents stay where they say what an adapter was trained on.
 */
import type { Gate } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";

interface GoneSource {
  readonly documentId: string;
  readonly blob: string;
}

export interface ExampleScrubber {
  /** Inside a write transaction: forgets one source in at most `maxRows` rows; gives the number of rows changed. */
  scrub(source: GoneSource, maxRows: number): number;
  /** True while rows rest on it. */
  isQuoted(source: GoneSource): boolean;
  /** Choices and evaluations of collections that are gone. */
  dropCollection(collectionId: string): void;
}

export function openExampleScrubber({ sqlite }: Connection): ExampleScrubber {
  const quoted = "document_id = :documentId AND blob = :blob";
  const isQuoted = sqlite.prepare(
    `SELECT 1 FROM example_sources WHERE ${quoted} UNION ALL SELECT 1 FROM evaluation_sources WHERE ${quoted} LIMIT 1`,
  );
  const dropExamples = sqlite.prepare(
    `DELETE FROM examples WHERE no IN (SELECT example_no FROM example_sources WHERE ${quoted} AND essential = 1 LIMIT :limit)`,
  );
  const showing = sqlite.prepare(
    `SELECT e.no, e.passages FROM example_sources s JOIN examples e ON e.no = s.example_no
      WHERE s.document_id = :documentId AND s.blob = :blob AND s.essential = 0 LIMIT :limit`,
  );
  const setPassages = sqlite.prepare("UPDATE examples SET passages = ? WHERE no = ?");
  const dropSource = sqlite.prepare(
    "DELETE FROM example_sources WHERE example_no = :no AND document_id = :documentId AND blob = :blob",
  );
  const dropItems = sqlite.prepare(
    `DELETE FROM evaluation_items WHERE no IN (SELECT item_no FROM evaluation_sources WHERE ${quoted} LIMIT :limit)`,
  );
  const gates = (["fine_tunes", "adapters"] as const).map((table) => ({
    holding: sqlite.prepare(`SELECT no, gate FROM ${table} WHERE instr(gate, ?) > 0`),
    set: sqlite.prepare(`UPDATE ${table} SET gate = ? WHERE no = ?`),
  }));
  const dropChoice = sqlite.prepare("DELETE FROM adapter_choices WHERE collection_id = ?");
  const dropEvaluations = sqlite.prepare("DELETE FROM evaluations WHERE collection_id = ?");
  const freeDatasets = sqlite.prepare("UPDATE datasets SET collection_id = NULL WHERE collection_id = ?");

  /** The passage goes, the example stays: it does not rest on it. */
  function scrubPassages({ documentId, blob }: GoneSource, limit: number): number {
    const rows = showing.all({ documentId, blob, limit }) as { no: number; passages: string }[];
    for (const { no, passages } of rows) {
      const kept = (JSON.parse(passages) as { documentId: string | null }[]).filter(
        (passage) => passage.documentId !== documentId,
      );
      setPassages.run(JSON.stringify(kept), no);
      dropSource.run({ no, documentId, blob });
    }
    return rows.length;
  }

  /** Answers side by side may quote any passage that was shown for them. */
  function scrubGates(documentId: string): number {
    let changed = 0;
    for (const { holding, set } of gates) {
      for (const row of holding.all(documentId) as { no: number; gate: string }[]) {
        const gate = JSON.parse(row.gate) as Gate;
        const samples = gate.samples.filter((sample) => !(sample.documentIds ?? []).includes(documentId));
        if (samples.length === gate.samples.length) continue;
        set.run(JSON.stringify({ ...gate, samples }), row.no);
        changed += 1;
      }
    }
    return changed;
  }

  return {
    scrub(source, maxRows) {
      let changed = dropExamples.run({ ...source, limit: maxRows }).changes;
      if (changed < maxRows) changed += scrubPassages(source, maxRows - changed);
      if (changed < maxRows) changed += dropItems.run({ ...source, limit: maxRows - changed }).changes;
      return changed + scrubGates(source.documentId);
    },
    isQuoted: (source) => isQuoted.get(source) !== undefined,
    dropCollection(collectionId) {
      dropChoice.run(collectionId);
      dropEvaluations.run(collectionId);
      freeDatasets.run(collectionId);
    },
  };
}
