/**
 * What an evaluation tried begins to serve: search settings, the adapter's choice, what is still to be built, the audit and the mark on
 * the run, in one transaction. A process that dies before it changes nothing, one that dies after it has changed all.
 */
import { and, eq, isNull } from "drizzle-orm";
import { AppError } from "@lorekeep/core";
import type { EvaluationId, SwitchOn } from "@lorekeep/core";
import { evaluations } from "./adaptation-schema.ts";
import { openAdapterChoices } from "./adapters.ts";
import type { Connection } from "./open-database.ts";
import { auditLog, collections, settings } from "./schema.ts";

export function openSwitchOn(connection: Connection): (id: EvaluationId, change: SwitchOn) => void {
  const { orm } = connection;
  const choices = openAdapterChoices(connection);

  function audit(change: SwitchOn, action: string, target: string | null, detail: Record<string, unknown>): void {
    orm.insert(auditLog).values({ at: change.at, actor: change.actor, action, target, detail }).run();
  }

  function putRetrieval({ collectionId, retrieval, at }: SwitchOn): void {
    if (retrieval === undefined) return;
    const isLive = and(eq(collections.id, collectionId), isNull(collections.deletedAt));
    const { changes } = orm.update(collections).set({ retrieval, updatedAt: at }).where(isLive).run();
    if (changes === 0) throw new AppError("not_found", "There is no such collection.", { collectionId });
  }

  function putPending({ pending }: SwitchOn): void {
    if (pending === undefined) return;
    const value = JSON.stringify(pending.value);
    orm
      .insert(settings)
      .values({ name: pending.name, value })
      .onConflictDoUpdate({ target: settings.name, set: { value } })
      .run();
  }

  return (id, change) => {
    connection.writeDurably(() => {
      const { collectionId, adapterId, adapterScale: scale = 1, actor, at } = change;
      putRetrieval(change);
      if (adapterId !== undefined) {
        choices.put({ collectionId, actor }, { adapterId, scale });
        const action = adapterId === null ? "adapter.deactivated" : "adapter.activated";
        audit(change, action, adapterId, { collectionId, scale });
      }
      putPending(change);
      audit(change, "evaluation.switched-on", id, { collectionId, settings: change.settings.join(" ") });
      const { changes } = orm.update(evaluations).set({ switchedOnAt: at }).where(eq(evaluations.id, id)).run();
      if (changes === 0) throw new AppError("not_found", "There is no such evaluation.", { evaluationId: id });
    });
  };
}
