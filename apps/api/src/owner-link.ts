/**
 * The one-time link that makes the owner. Its secret stands after the `#`, which browsers never send to a server or put
 * into a referrer; the database keeps only its hash. Each start without an owner makes a new one, which ends the one before.
 */
import type { Platform } from "@lorekeep/platform";
import { hashToken, newToken } from "./credentials.ts";

export const SETUP_PURPOSE = "owner-setup";
/** Long enough to read the terminal the next morning; terminals, logs and chat histories keep a link for longer. */
export const OWNER_LINK_HOURS = 24;
const LIFETIME_MS = OWNER_LINK_HOURS * 3_600_000;

/** null when there is an owner. */
export async function makeOwnerLink(platform: Platform, url: string, now = new Date()): Promise<string | null> {
  const { accounts } = platform.store;
  if ((await accounts.countUsers()) > 0) return null;
  const secret = newToken();
  const expiresAt = new Date(now.getTime() + LIFETIME_MS).toISOString();
  await accounts.putOneTimeSecret(SETUP_PURPOSE, hashToken(secret), expiresAt);
  return `${url}/setup#${secret}`;
}
