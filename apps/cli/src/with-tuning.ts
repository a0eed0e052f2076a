/** Runs one of the `tune` commands with a way into the house. */
import type { CommandContext } from "./command-context.ts";
import type { Door } from "./door.ts";
import { withDoor } from "./open-door.ts";
import type { TuneRun } from "./run-fine-tune.ts";

/** `work`: do the house's jobs here when no server does. */
export function withTuning(
  context: CommandContext,
  options: { work: boolean },
  use: (run: TuneRun, door: Door) => Promise<void>,
): Promise<void> {
  const { terminal, signal, exitWith } = context;
  return withDoor(context.config(), terminal, options, (door) =>
    use({ tuning: door.tuning, terminal, signal, exitWith }, door),
  );
}
