/** Starts the server in a process of its own and stands in for it: its output, its signals, its end. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { SERVER_FLAGS, serverEnvironment } from "../../../../scripts/server-process.mjs";
import type { CommandContext } from "../command-context.ts";

const API_MAIN = fileURLToPath(new URL("../../../api/src/main.ts", import.meta.url));
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function addUp(program: Command, context: CommandContext): void {
  program
    .command("up")
    .description("start the server: web app, API and worker on one port")
    .option("--host <address>", "address to listen on")
    .option("--port <number>", "port to listen on; 0 = any free one")
    .action(async (options: { host?: string; port?: string }) => {
      const { dataFolder } = context.config(); // says now what is wrong with the settings
      const env: Record<string, string | undefined> = { ...context.env, LOREKEEP_DATA: dataFolder };
      if (options.host !== undefined) env.LOREKEEP_HOST = options.host;
      if (options.port !== undefined) env.LOREKEEP_PORT = options.port;
      context.exitWith(await runServer(env));
    });
}

function runServer(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [...SERVER_FLAGS, API_MAIN], { stdio: "inherit", env: serverEnvironment(env) });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const each of SIGNALS) process.off(each, forward);
      resolve(code ?? (signal === "SIGTERM" || signal === "SIGINT" ? 0 : 1));
    });
  });
}
