/**
 * Secrets and passwords. Tokens are 256 random bits and only their sha256 is kept (nothing to guess, so no slow hash is
 * needed); passwords are kept as scrypt with a salt of their own (RFC 7914; N = 2^15, r = 8: 32 MiB and about 80 ms).
 */
import { createHash, randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";

export const newToken = (): string => randomBytes(32).toString("base64url");
export const hashToken = (token: string): string => createHash("sha256").update(token, "utf8").digest("hex");

/** Takes the same time wherever the texts differ. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(
    createHash("sha256").update(a, "utf8").digest(),
    createHash("sha256").update(b, "utf8").digest(),
  );
}

const COST = 2 ** 15;
const BLOCK_SIZE = 8;
const HASH_BYTES = 32;

const derive = (password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, { ...options, maxmem: 128 * 1024 * 1024 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

/** `scrypt$N$r$salt$hash`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, { N: COST, r: BLOCK_SIZE, p: 1 });
  return ["scrypt", COST, BLOCK_SIZE, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** Costs the same when there is no such user (`stored` null), so that names cannot be probed by time. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [kind, cost, blockSize, salt, hash] = (stored ?? `scrypt$${COST}$${BLOCK_SIZE}$AAAA$AAAA`).split("$");
  if (kind !== "scrypt" || salt === undefined || hash === undefined) return false;
  const key = await derive(password, Buffer.from(salt, "base64url"), { N: Number(cost), r: Number(blockSize), p: 1 });
  const expected = Buffer.from(hash, "base64url");
  return stored !== null && expected.length === key.length && timingSafeEqual(expected, key);
}
