/**
 * Who serves a data folder right now: `server.json` there holds process id, address and start time. The command line reads
 * it to go through the running server; a file left by a process that died counts for nothing.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";

const serverInfoSchema = z.object({
  pid: z.int().positive(),
  url: z.url(),
  startedAt: z.string(),
  version: z.string(),
});
export type ServerInfo = z.infer<typeof serverInfoSchema>;

/** Signal 0 only asks whether the process is there; a process of another user is there too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** What the last server of this folder wrote, if its process number is alive; null otherwise. */
export async function readServerInfo(path: string): Promise<ServerInfo | null> {
  try {
    const parsed = serverInfoSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null;
  } catch {
    return null; // no server has written it, or it was cut off by a crash
  }
}

const PROBE_MS = 3_000;

/**
 * The server of this folder that answers now, or null. Process numbers are used again (in containers at once), so a process
 * of that number proves nothing.
 */
export async function findServer(path: string): Promise<ServerInfo | null> {
  const info = await readServerInfo(path);
  if (info === null) return null;
  const answer = await fetch(`${info.url}/healthz`, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok === true ? info : null;
}

export async function writeServerInfo(path: string, info: ServerInfo): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(info), { mode: 0o600 });
  await rename(temporary, path);
}

/** Removes the file unless another process has written it since. */
export async function removeServerInfo(path: string): Promise<void> {
  const info = await readServerInfo(path);
  if (info === null || info.pid === process.pid) await rm(path, { force: true });
}
