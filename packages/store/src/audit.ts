/** Who did what; append-only, newest first. */
import { desc, lt } from "drizzle-orm";
import type { Audit } from "@lorekeep/core";
import { cursorNumber, toPage } from "./cursors.ts";
import type { Connection } from "./open-database.ts";
import { auditLog } from "./schema.ts";

export function openAudit({ orm, now }: Connection): Audit {
  return {
    async record({ actor, action, target, detail }) {
      orm
        .insert(auditLog)
        .values({ at: now(), actor, action, target: target ?? null, detail: detail ?? {} })
        .run();
    },
    async list(query) {
      const rows = orm
        .select()
        .from(auditLog)
        .where(lt(auditLog.id, cursorNumber(query.cursor, Number.MAX_SAFE_INTEGER)))
        .orderBy(desc(auditLog.id))
        .limit(query.limit + 1)
        .all();
      return toPage(
        rows,
        query.limit,
        (row) => row,
        (row) => [row.id],
      );
    },
  };
}
