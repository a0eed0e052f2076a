/** Small named JSON values; null when a name was never put. To put null is to forget the name: no row stays of it. */
import { eq } from "drizzle-orm";
import type { Settings } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";
import { settings } from "./schema.ts";

export function openSettings({ orm }: Connection): Settings {
  return {
    async get(name) {
      const row = orm.select().from(settings).where(eq(settings.name, name)).get();
      return row ? (JSON.parse(row.value) as unknown) : null;
    },
    async put(name, value) {
      if (value === null || value === undefined) {
        orm.delete(settings).where(eq(settings.name, name)).run();
        return;
      }
      const stored = JSON.stringify(value);
      orm
        .insert(settings)
        .values({ name, value: stored })
        .onConflictDoUpdate({ target: settings.name, set: { value: stored } })
        .run();
    },
  };
}
