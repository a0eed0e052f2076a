/** Starts compact-process.ts and waits for it. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { AppError } from "@lorekeep/core";
import type { ErrorCode } from "@lorekeep/core";

type Report =
  { readonly isDone: true } | { readonly isDone: false; readonly code: ErrorCode; readonly message: string };

export function compactInProcess(path: string): Promise<void> {
  const script = fileURLToPath(new URL("./compact-process.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(script, [path], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    let report: Report | null = null;
    child.on("message", (message) => (report = message as Report));
    child.on("error", reject);
    child.on("exit", (status, signal) => {
      if (report?.isDone) resolve();
      else if (report) reject(new AppError(report.code, report.message));
      else reject(new AppError("unexpected", "Compacting the database ended early.", { status, signal }));
    });
  });
}
