#!/usr/bin/env node
// Starts the command line under a Node that runs TypeScript: this one when it is new enough, else the one that was installed
// with the packages. Plain JavaScript that any supported Node (20.19 and later) can run.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NEEDED = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);
const isNewEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
const main = new URL("../src/main.ts", import.meta.url);

if (isNewEnough) {
  const { runMain } = await import(main.href);
  process.exitCode = await runMain(process.argv.slice(2));
  // Everything is closed by now; whatever still holds the process must not hold it for long.
  setTimeout(() => process.exit(), 5_000).unref();
} else {
  const installed = ["node", "node.exe"]
    .map((name) => fileURLToPath(new URL(`../../../node_modules/node/bin/${name}`, import.meta.url)))
    .find((path) => existsSync(path));
  if (installed === undefined) {
    process.stderr.write(
      `lorekeep needs Node ${NEEDED.join(".")} or later; this is ${process.versions.node}. Run npm install first.\n`,
    );
    process.exit(1);
  }
  const child = spawn(installed, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`lorekeep could not start ${installed}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
