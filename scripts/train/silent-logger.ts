import type { Logger } from "@lorekeep/core";

const ignore = (): void => undefined;
/** For scripts that print their own lines. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
