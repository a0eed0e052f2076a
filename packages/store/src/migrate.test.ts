import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import * as schema from "./schema.ts";
import { MIGRATIONS, openTestStore } from "./testing/seed-store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-migrate-"));
  cpSync(MIGRATIONS, join(folder, "migrations"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () => join(folder, "migrations");
const open = () => openTestStore({ path: join(folder, "a.db"), migrationsFolder: files() });

/** Opens, migrates, closes; returns the number of migrations applied. */
function migrateFile(): number {
  const connection = openDatabase(join(folder, "a.db"));
  try {
    return migrate(connection, files());
  } finally {
    connection.sqlite.close();
  }
}

describe("migrations", () => {
  test("L2 apply once and keep what is there", async () => {
    expect(migrateFile()).toBeGreaterThan(5);
    const store = open();
    await store.settings.put("kept", 1);
    await store.close();
    writeFileSync(join(files(), "0010_create_extra.sql"), "CREATE TABLE extra (no INTEGER PRIMARY KEY);");
    expect(migrateFile()).toBe(1);
    expect(migrateFile()).toBe(0);
    const again = open();
    expect(await again.settings.get("kept")).toBe(1);
    await again.close();
  });

  test("L2 refuse a database that a newer version has migrated", () => {
    writeFileSync(join(files(), "0010_create_extra.sql"), "CREATE TABLE extra (no INTEGER PRIMARY KEY);");
    migrateFile();
    rmSync(join(files(), "0010_create_extra.sql"));
    expect(open).toThrow(expect.objectContaining({ code: "database_incompatible" }));
  });

  test("L2 refuse a file that was edited after it was applied", () => {
    migrateFile();
    writeFileSync(join(files(), "0001_create_collections.sql"), "-- edited");
    expect(open).toThrow(expect.objectContaining({ code: "database_incompatible" }));
  });

  test("do not take other line ends for an edit", () => {
    const text = "CREATE TABLE extra (\n  no INTEGER PRIMARY KEY\n);\n";
    writeFileSync(join(files(), "0010_create_extra.sql"), text);
    migrateFile();
    writeFileSync(join(files(), "0010_create_extra.sql"), text.replaceAll("\n", "\r\n"));
    expect(migrateFile()).toBe(0);
  });

  test("L2 refuse a half-migrated database", () => {
    migrateFile();
    const { sqlite } = openDatabase(join(folder, "a.db"));
    sqlite.exec("DELETE FROM schema_migrations WHERE number = 2");
    sqlite.close();
    expect(open).toThrow(expect.objectContaining({ code: "database_incompatible" }));
  });

  test("leave the database as it was when one of them fails", () => {
    migrateFile();
    writeFileSync(join(files(), "0010_create_extra.sql"), "CREATE TABLE extra (no INTEGER); SELECT nonsense;");
    expect(migrateFile).toThrow(/nonsense/);
    rmSync(join(files(), "0010_create_extra.sql"));
    expect(migrateFile()).toBe(0);
  });

  test("refuse a gap in the numbers of the files", () => {
    writeFileSync(join(files(), "0011_create_extra.sql"), "SELECT 1;");
    expect(migrateFile).toThrow(expect.objectContaining({ code: "database_incompatible" }));
  });

  test("refuse a SQLite file of somebody else, and a file that is none", () => {
    const { sqlite } = openDatabase(join(folder, "a.db"));
    sqlite.exec("CREATE TABLE theirs (no INTEGER)");
    sqlite.close();
    expect(open).toThrow(expect.objectContaining({ code: "database_incompatible" }));
    writeFileSync(join(folder, "a.db"), "no database at all, but long enough to be read as a header".repeat(200));
    expect(open).toThrow(expect.objectContaining({ code: "database_incompatible" }));
  });
});

describe("the drizzle schema", () => {
  const tables = Object.values(schema) as SQLiteTable[];
  test.each(tables.map((table) => [getTableName(table), table] as const))(
    "says of %s what the migrations say",
    (name, table) => {
      const connection = openDatabase(":memory:");
      migrate(connection, MIGRATIONS);
      const actual = connection.sqlite.pragma(`table_info(${name})`) as { name: string; notnull: number; pk: number }[];
      const described = Object.values(getTableColumns(table)).map((column) => [column.name, column.notNull]);
      expect(described.sort()).toEqual(actual.map((row) => [row.name, row.notnull === 1 || row.pk > 0]).sort());
      connection.sqlite.close();
    },
  );
});
