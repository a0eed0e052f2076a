/** API keys: make, list, revoke. A secret is printed once. */
import { createApiKeySchema, SCOPES } from "@lorekeep/core";
import type { CreateApiKeyRequest } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withDoor } from "../open-door.ts";
import { tableOf } from "../terminal.ts";

interface CreateOptions {
  readonly scope: string[];
  readonly collection?: string[];
  readonly expires?: string;
  readonly json?: boolean;
}

export function addKeys(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const keys = program.command("keys").description("API keys for programs");
  keys
    .command("create")
    .argument("<name>", "what the key is for")
    .option("-s, --scope <scope...>", SCOPES.join(", "), ["search", "chat"])
    .option("-c, --collection <name...>", "only these collections (id or name)")
    .option("--expires <time>", "ISO 8601, for example 2027-01-31T00:00:00Z")
    .option("--json", "print one JSON object")
    .action((name: string, options: CreateOptions) =>
      withDoor(context.config(), terminal, { work: false }, async (door) => {
        const key = await door.createKey(parseRequest(name, options));
        if (options.json) return terminal.printJson(key);
        terminal.print(key.secret);
        terminal.say("This is the only time that the key is shown.");
      }),
    );
  keys
    .command("list")
    .option("--json", "print one JSON object")
    .action((options: { json?: boolean }) =>
      withDoor(context.config(), terminal, { work: false }, async (door) => {
        const items = await door.listKeys();
        if (options.json) return terminal.printJson({ items });
        const rows = items.map((key) => [
          key.id,
          key.name,
          `${key.prefix}…`,
          key.scopes.join(","),
          key.collectionIds === null ? "all" : String(key.collectionIds.length),
          key.expiresAt ?? "never",
          key.lastUsedAt ?? "never",
        ]);
        terminal.print(tableOf(["id", "name", "key", "rights", "collections", "expires", "last used"], rows));
      }),
    );
  keys
    .command("revoke")
    .argument("<id>", "as in `keys list`")
    .action((id: string) =>
      withDoor(context.config(), terminal, { work: false }, async (door) => {
        await door.revokeKey(id);
        terminal.print(`${id} is revoked.`);
      }),
    );
}

function parseRequest(name: string, options: CreateOptions): CreateApiKeyRequest {
  const scopes = options.scope.flatMap((scope) => scope.split(","));
  const parsed = createApiKeySchema.safeParse({
    name,
    scopes,
    ...(options.collection ? { collections: options.collection } : {}),
    ...(options.expires ? { expiresAt: options.expires } : {}),
  });
  if (!parsed.success)
    throw new AppError(
      "request_invalid",
      parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
    );
  return parsed.data;
}
