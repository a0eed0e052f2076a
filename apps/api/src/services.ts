/** What every route handler is given besides its request: the house, the limits, and the word that the server is closing. */
import type { Platform } from "@lorekeep/platform";
import type { RateLimit } from "./rate-limit.ts";

export interface ApiServices {
  readonly platform: Platform;
  readonly requests: RateLimit;
  /** Tries to sign in, by address and by name. */
  readonly logins: RateLimit;
  /** Fires at once when the server begins to close: streams that only watch end now. */
  readonly closing: AbortSignal;
  /** Fires when the server's patience with running answers is over. */
  readonly closed: AbortSignal;
  readonly now: () => Date;
}
