/** Starts the server: `node main.ts [--host ADDRESS] [--port NUMBER] [--data FOLDER] [--offline]`. The only file here that reads the environment. */
import { parseArgs } from "node:util";
import { toAppError } from "@lorekeep/core";
import { loadConfig, type ConfigLayer } from "@lorekeep/platform";
import { serve } from "./serve.ts";

const HARD_STOP_MS = 19_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const HELP = `Starts Lorekeep: web app, API and worker on one port.

  --host ADDRESS   address to listen on (LOREKEEP_HOST, 127.0.0.1)
  --port NUMBER    port to listen on, 0 = any free one (LOREKEEP_PORT, 7777)
  --data FOLDER    where everything is kept (LOREKEEP_DATA, ./data)
  --offline        never look outside this machine (LOREKEEP_OFFLINE)
  --help           this text
`;

/** Throws config_invalid-like TypeErrors of parseArgs for unknown flags. */
function readFlags(args: readonly string[]): ConfigLayer | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: "string" },
      port: { type: "string" },
      data: { type: "string" },
      offline: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return null;
  return {
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values.data === undefined ? {} : { dataFolder: values.data }),
    ...(values.offline === undefined ? {} : { offline: values.offline }),
  };
}

/** The first signal asks for an orderly end, which is cut off after 19 s; a second one ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    for (const signal of SIGNALS)
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(1);
        setTimeout(() => process.exit(1), HARD_STOP_MS).unref();
        resolve();
      });
  });
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  if (flags === null) {
    process.stdout.write(HELP);
    return;
  }
  const { config } = loadConfig({ env: process.env, flags });
  await serve({
    config,
    stopped: stopSignal(),
    print: (line) => process.stdout.write(`${line}\n`),
    tell: (text) => process.stderr.write(`${text}\n`),
  });
}

main().then(
  () => process.exit(0),
  (thrown: unknown) => {
    const error = toAppError(thrown);
    const isUsage = thrown instanceof TypeError && "code" in thrown;
    process.stderr.write(`Lorekeep cannot start: ${isUsage ? thrown.message : error.message}\n`);
    if (error.code === "unexpected" && !isUsage && error.cause instanceof Error)
      process.stderr.write(`${error.cause.stack ?? error.cause.message}\n`);
    process.exit(1);
  },
);
