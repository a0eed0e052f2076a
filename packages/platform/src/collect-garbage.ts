/**
 * One thorough garbage collection on request. Loading the house and its models leaves some 100 MB that V8 would keep for as long as
 * nothing presses it; a server that is about to be idle gives them back. Holds the event loop for some 100 ms: only where nobody waits.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

interface Thorough {
  readonly type: "major";
  readonly execution: "sync";
  readonly flavor: "last-resort";
}

export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (how: Thorough) => void; // what V8 puts into a new context after the flag
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
