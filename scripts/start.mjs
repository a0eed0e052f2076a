// `npm start`: install what is missing, build the web app when its sources changed, then hand over to the server, which
// fetches models, migrates, and prints the ready line as its last line on stdout. Everything else goes to stderr.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled, nodeBinary, root, runTool, toolEnvironment } from "./install.mjs";
import { SERVER_FLAGS, serverEnvironment } from "./server-process.mjs";
import { ensureWebBuilt } from "./web-build.mjs";

ensureInstalled();
const status = ensureWebBuilt(
  root,
  () => runTool("turbo", ["run", "build", "--output-logs=errors-only", "--no-update-notifier"]).status ?? 1,
);
if (status !== 0) {
  console.error("The web app could not be built: see the message above.");
  process.exit(status);
}
const main = join(root, "apps", "api", "src", "main.ts");
const server = spawn(nodeBinary, [...SERVER_FLAGS, main, ...process.argv.slice(2)], {
  cwd: process.cwd(),
  stdio: "inherit",
  env: serverEnvironment(toolEnvironment()),
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code, signal) => process.exit(signal ? 0 : (code ?? 1)));
