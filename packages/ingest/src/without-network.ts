/**
 * How a parser child is started without a network that even native code could use: in a user and network namespace of its
 * own (Linux; unshare of util-linux), where the only interface is a loopback that is down. Node's permission model says
 * nothing about sockets, so elsewhere, and where the system forbids such namespaces, only the child's own lock on
 * JavaScript's sockets remains. Costs some 30 ms a child.
 */
import { execFile } from "node:child_process";

const UNSHARE = "/usr/bin/unshare";
const ARGUMENTS = ["--user", "--net", "--"] as const;
const PROBE_MS = 5_000;

/** A program and its first arguments; Node's own path and arguments follow. Null: start Node itself. */
export type Launcher = { readonly program: string; readonly arguments: readonly string[] } | null;

let probe: Promise<Launcher> | undefined;

/** Asks the system once. */
export function launcherWithoutNetwork(): Promise<Launcher> {
  probe ??= new Promise((resolve) => {
    if (process.platform !== "linux") resolve(null);
    else
      execFile(UNSHARE, [...ARGUMENTS, "/bin/true"], { timeout: PROBE_MS, env: {} }, (error) =>
        resolve(error === null ? { program: UNSHARE, arguments: ARGUMENTS } : null),
      );
  });
  return probe;
}
