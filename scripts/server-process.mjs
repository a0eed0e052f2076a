// What the server's process is started with, by `npm start` and by `lorekeep up`. Plain JavaScript: `npm start` runs on any Node.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Small young spaces: what the server keeps is old or native, and a large one is only filled before it is swept. */
export const SERVER_FLAGS = ["--max-semi-space-size=4"];

/**
 * Compiled code is kept between starts (and type stripping with it). Few arenas: with one for each of a dozen threads, glibc keeps
 * tens of megabytes that nobody uses. What is set already stays.
 */
export function serverEnvironment(environment) {
  const { NODE_COMPILE_CACHE, MALLOC_ARENA_MAX } = environment;
  return {
    ...environment,
    NODE_COMPILE_CACHE: NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "lorekeep-compiled"),
    MALLOC_ARENA_MAX: MALLOC_ARENA_MAX ?? "2",
  };
}
