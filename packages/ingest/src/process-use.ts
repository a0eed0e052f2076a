/** What another process uses, as Linux tells it under /proc (proc_pid_status(5), proc_pid_stat(5)); null elsewhere. */
import { readFileSync } from "node:fs";

/** The kernel gives times in hundredths of a second, whatever its own clock (USER_HZ). */
const TICK_MS = 10;

/** Resident bytes. */
export function readMemory(pid: number | undefined): number | null {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, "status"))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Milliseconds of computing so far, over all its threads. */
export function readCpuMs(pid: number | undefined): number | null {
  // The program's name comes in brackets and may hold anything; what is counted stands behind it.
  const fields = read(pid, "stat")
    .replace(/^.*\)\s/s, "")
    .split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * TICK_MS : null;
}

function read(pid: number | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    // Not Linux, or the process has just ended: its exit is reported on its own.
    return "";
  }
}
