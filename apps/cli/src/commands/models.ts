/** Models of the catalogue: what is there, and fetching what is not. */
import type { ModelStatus } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withDoor } from "../open-door.ts";
import { tableOf } from "../terminal.ts";

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

export function addModels(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const models = program.command("models").description("the models that answer and embed");
  models
    .command("list")
    .option("--json", "print one JSON object")
    .action((options: { json?: boolean }) =>
      withDoor(context.config(), terminal, { work: false }, async (door) => {
        const items = await door.listModels();
        if (options.json) return terminal.printJson({ items });
        const rows = items.map((model) => [
          `${model.inUse ? "*" : " "} ${model.name}`,
          model.role,
          model.state,
          `${megabytes(model.sizeBytes)} MB`,
          model.languages,
          model.licence,
        ]);
        terminal.print(tableOf(["  name", "role", "state", "size", "languages", "licence"], rows));
      }),
    );
  models
    .command("pull")
    .argument("[name...]", "models of the catalogue (default: those in use)")
    .action((names: string[]) =>
      withDoor(context.config(), terminal, { work: false }, async (door) => {
        const wanted =
          names.length > 0 ? names : (await door.listModels()).filter((each) => each.inUse).map(({ name }) => name);
        for (const name of wanted) {
          const bar = terminal.bar(name);
          await door.pullModel(name, (model) => drawProgress(bar, model), context.signal);
          bar.end();
          terminal.print(`${name} is there.`);
        }
      }),
    );
}

function drawProgress(bar: ReturnType<CommandContext["terminal"]["bar"]>, { progress }: ModelStatus): void {
  if (progress === null) return;
  const { doneBytes, totalBytes, bytesPerSecond } = progress;
  const left =
    totalBytes === null || bytesPerSecond <= 0
      ? ""
      : `, ${Math.ceil((totalBytes - doneBytes) / bytesPerSecond)} s left`;
  bar.update(
    megabytes(doneBytes),
    totalBytes === null ? null : megabytes(totalBytes),
    `MB, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s${left}`,
  );
}
