/** Users, sessions, API keys, one-time secrets. Only hashes come in and are kept; an expired secret is as good as none. */
import { and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import { AppError, newId } from "@lorekeep/core";
import type { Accounts, ApiKey, User } from "@lorekeep/core";
import type { Connection } from "./open-database.ts";
import { apiKeys, sessions, users } from "./schema.ts";

export function openAccounts(connection: Connection): Accounts {
  const { orm, sqlite } = connection;
  const putSecret = sqlite.prepare(
    "INSERT OR REPLACE INTO one_time_secrets (purpose, secret_hash, expires_at) VALUES (?, ?, ?)",
  );
  const takeSecret = sqlite.prepare(
    "DELETE FROM one_time_secrets WHERE purpose = ? AND secret_hash = ? AND expires_at > ?",
  );
  const dropExpired = sqlite.prepare("DELETE FROM one_time_secrets WHERE expires_at <= ?");
  const dropSessions = sqlite.prepare("DELETE FROM sessions WHERE expires_at <= ?");

  return {
    async countUsers() {
      return (
        orm
          .select({ count: sql<number>`count(*)` })
          .from(users)
          .get()?.count ?? 0
      );
    },
    async createOwner(user) {
      return connection.writeDurably(() => {
        // There is one owner: whoever comes second with a stolen set-up link gets nothing.
        if (orm.select({ no: users.no }).from(users).get())
          throw new AppError("conflict", "The owner's account is there already.");
        const row = orm
          .insert(users)
          .values({ id: newId("user"), ...user, role: "owner", createdAt: connection.now() })
          .returning()
          .get();
        return toUser(row);
      });
    },
    async findUser(name) {
      const row = orm.select().from(users).where(eq(users.name, name)).get();
      return row ? { ...toUser(row), passwordHash: row.passwordHash } : null;
    },
    async getUser(id) {
      const row = orm.select().from(users).where(eq(users.id, id)).get();
      return row ? toUser(row) : null;
    },
    async createSession({ userId, tokenHash, expiresAt }) {
      return connection.write(() => {
        const user = orm.select({ no: users.no }).from(users).where(eq(users.id, userId)).get();
        if (!user) throw new AppError("not_found", "There is no such user.", { userId });
        dropSessions.run(connection.now());
        const id = newId("session");
        orm
          .insert(sessions)
          .values({ id, userNo: user.no, tokenHash, expiresAt: utc(expiresAt), createdAt: connection.now() })
          .run();
        return id;
      });
    },
    async findSession(tokenHash, now) {
      const row = orm
        .select({ id: sessions.id, user: users })
        .from(sessions)
        .innerJoin(users, eq(users.no, sessions.userNo))
        .where(and(eq(sessions.tokenHash, tokenHash), gt(sessions.expiresAt, utc(now))))
        .get();
      return row ? { id: row.id, user: toUser(row.user) } : null;
    },
    async deleteSession(tokenHash) {
      orm.delete(sessions).where(eq(sessions.tokenHash, tokenHash)).run();
    },
    async createKey(key) {
      const row = orm
        .insert(apiKeys)
        .values({
          ...key,
          id: newId("apiKey"),
          expiresAt: key.expiresAt === null ? null : utc(key.expiresAt),
          createdAt: connection.now(),
        })
        .returning()
        .get();
      return toKey(row);
    },
    async findKey(secretHash, now) {
      const row = orm
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.secretHash, secretHash), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, utc(now)))))
        .get();
      if (!row) return null;
      // Once a minute is enough to see that a key is in use; a write for each request is not needed for that.
      if (row.lastUsedAt === null || Date.parse(now) - Date.parse(row.lastUsedAt) > 60_000)
        orm
          .update(apiKeys)
          .set({ lastUsedAt: utc(now) })
          .where(eq(apiKeys.no, row.no))
          .run();
      return toKey(row);
    },
    async listKeys() {
      return orm.select().from(apiKeys).orderBy(asc(apiKeys.no)).all().map(toKey);
    },
    async revokeKey(id) {
      return orm.delete(apiKeys).where(eq(apiKeys.id, id)).run().changes === 1;
    },
    async putOneTimeSecret(purpose, secretHash, expiresAt) {
      connection.write(() => {
        dropExpired.run(connection.now());
        putSecret.run(purpose, secretHash, utc(expiresAt));
      });
    },
    async takeOneTimeSecret(purpose, secretHash, now) {
      return connection.writeDurably(() => takeSecret.run(purpose, secretHash, utc(now)).changes === 1);
    },
  };
}

/** One form of writing a time, so that comparing text compares times. */
function utc(time: string): string {
  return new Date(time).toISOString();
}

function toUser(row: typeof users.$inferSelect): User {
  return { id: row.id, name: row.name, role: row.role, createdAt: row.createdAt };
}

function toKey(row: typeof apiKeys.$inferSelect): ApiKey {
  const { no: _no, secretHash: _secretHash, ...key } = row;
  return key;
}
