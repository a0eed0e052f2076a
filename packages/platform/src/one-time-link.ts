/**
 * First run without a default password (acceptance S13): while there is no owner, each start makes a fresh 256-bit secret,
 * keeps only its sha256 for 24 hours, and prints the link once. The secret stands after `#`, so it reaches neither server
 * logs nor Referer headers.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Accounts, Clock } from "@lorekeep/core";

export const OWNER_SETUP_PURPOSE = "owner-setup";
const LIFETIME_MS = 24 * 3_600_000;

export const hashSecret = (secret: string): string => createHash("sha256").update(secret, "utf8").digest("hex");

/** The link that makes the owner, or null when there is one already. Earlier links stop working. */
export async function makeOwnerLink(
  accounts: Pick<Accounts, "countUsers" | "putOneTimeSecret">,
  options: { url: string; clock: Clock },
): Promise<string | null> {
  if ((await accounts.countUsers()) > 0) return null;
  const secret = randomBytes(32).toString("base64url");
  const expiresAt = new Date(options.clock.now().getTime() + LIFETIME_MS).toISOString();
  await accounts.putOneTimeSecret(OWNER_SETUP_PURPOSE, hashSecret(secret), expiresAt);
  return `${options.url.replace(/\/$/, "")}/setup#${secret}`;
}

/** True once for the secret of the latest link, within its 24 hours. */
export async function takeOwnerSecret(
  accounts: Pick<Accounts, "takeOneTimeSecret">,
  secret: string,
  clock: Clock,
): Promise<boolean> {
  return accounts.takeOneTimeSecret(OWNER_SETUP_PURPOSE, hashSecret(secret), clock.now().toISOString());
}
