/** Rows under the schedules. `takeDue` lets exactly one of all callers have a due time. */
import type { ScheduleRows } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";

export function openScheduleRows({ sqlite }: Connection): ScheduleRows {
  const get = sqlite.prepare(
    "SELECT name, cron, timezone, enabled, last_due_at AS lastDueAt FROM schedules WHERE name = ?",
  );
  const put = sqlite.prepare(
    `INSERT INTO schedules (name, cron, timezone, enabled) VALUES (:name, :cron, :timezone, :enabled)
     ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, timezone = excluded.timezone, enabled = excluded.enabled`,
  );
  const take = sqlite.prepare(
    "UPDATE schedules SET last_due_at = :dueAt WHERE name = :name AND (last_due_at IS NULL OR last_due_at < :dueAt)",
  );
  return {
    get(name) {
      const row = get.get(name) as
        { name: string; cron: string; timezone: string; enabled: 0 | 1; lastDueAt: string | null } | undefined;
      return row ? { ...row, enabled: row.enabled === 1 } : null;
    },
    put(schedule) {
      put.run({ ...schedule, enabled: schedule.enabled ? 1 : 0 });
    },
    takeDue(name, dueAt) {
      // One form of writing a time, so that comparing text compares times.
      return take.run({ name, dueAt: new Date(dueAt).toISOString() }).changes === 1;
    },
  };
}
