/**
 * Settings from outside, merged once: defaults < file < environment < flags. Only the apps' main files call this; nothing
 * else in the house reads the environment.
 *
 * The file is `lorekeep.config.json` in the data folder, or the one LOREKEEP_CONFIG names; it has the shape of
 * core/config.ts. Paths in the file are relative to the file, all others to the working folder. What does not fit the
 * schema becomes `config_invalid` sentences that name the variable, flag or key to change.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { AppError, configSchema } from "@lorekeep/core";
import type { Config } from "@lorekeep/core";
import type { z } from "zod";

export type ConfigLayer = z.input<typeof configSchema>;
type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  readonly config: Config;
  /** The configuration file that was read, if any. */
  readonly file: string | null;
}

interface Variable {
  readonly name: string;
  readonly path: readonly string[];
  readonly read: (text: string) => unknown;
  readonly isSecret?: boolean;
}

const text = (value: string): unknown => value;
const number = (value: string): unknown => (/^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value);
const TRUE = ["1", "true", "yes", "on"];
const FALSE = ["0", "false", "no", "off"];
function flag(value: string): unknown {
  const word = value.trim().toLowerCase();
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : value;
}

/** Every environment variable that is read, and the setting that it sets. */
export const VARIABLES: readonly Variable[] = [
  { name: "LOREKEEP_DATA", path: ["dataFolder"], read: text },
  { name: "LOREKEEP_HOST", path: ["host"], read: text },
  { name: "LOREKEEP_PORT", path: ["port"], read: number },
  { name: "LOREKEEP_API_KEY", path: ["apiKey"], read: text, isSecret: true },
  { name: "LOREKEEP_DATABASE_URL", path: ["databaseUrl"], read: text, isSecret: true },
  { name: "LOREKEEP_REDIS_URL", path: ["redisUrl"], read: text, isSecret: true },
  { name: "LOREKEEP_OFFLINE", path: ["offline"], read: flag },
  { name: "LOREKEEP_LOG_LEVEL", path: ["logLevel"], read: text },
  { name: "LOREKEEP_MODELS", path: ["models", "folder"], read: text },
  { name: "LOREKEEP_MODEL_SOURCE", path: ["models", "source"], read: text },
  { name: "LOREKEEP_MODEL_SOURCE_FOLDER", path: ["models", "sourceFolder"], read: text },
  { name: "LOREKEEP_GENERATOR", path: ["models", "generator"], read: text },
  { name: "LOREKEEP_EMBEDDER", path: ["models", "embedder"], read: text },
  { name: "LOREKEEP_OPENAI_API_KEY", path: ["models", "openaiApiKey"], read: text, isSecret: true },
  { name: "LOREKEEP_THREADS", path: ["models", "threads"], read: number },
];

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

function merge(under: Tree, over: Tree): Tree {
  const result: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    if (value !== undefined) result[key] = isTree(value) && isTree(below) ? merge(below, value) : value;
  }
  return result;
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  let at = tree;
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Tree; // holds: only this function writes the tree
  at[path.at(-1)!] = value;
}

function fromEnvironment(env: Environment): Tree {
  const tree: Tree = {};
  for (const variable of VARIABLES) {
    const value = env[variable.name];
    if (value !== undefined && value.trim() !== "") put(tree, variable.path, variable.read(value));
  }
  return tree;
}

function readFile(path: string): Tree {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new AppError("config_invalid", `The configuration file ${path} cannot be read as JSON.`, { path }, { cause });
  }
  if (!isTree(parsed)) throw new AppError("config_invalid", `The configuration file ${path} must hold a JSON object.`);
  return parsed;
}

const PATHS = [["dataFolder"], ["models", "folder"], ["models", "sourceFolder"]] as const;

function absolute(path: string, base: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(base, path);
}

/** Makes the paths of one layer absolute, each against the place it was written in. */
function withAbsolutePaths(layer: Tree, base: string): Tree {
  const result = structuredClone(layer);
  for (const path of PATHS) {
    const parent = path.length === 1 ? result : result[path[0]];
    const key = path.at(-1)!;
    if (isTree(parent) && typeof parent[key] === "string") parent[key] = absolute(parent[key], base);
  }
  const folders = isTree(result.ingest) ? result.ingest.watchFolders : undefined;
  for (const folder of Array.isArray(folders) ? folders : [])
    if (isTree(folder) && typeof folder.path === "string") folder.path = absolute(folder.path, base);
  return result;
}

/**
 * Reads and checks the settings.
 *
 * `flags` win over `env`, which wins over the file. Throws config_invalid with one sentence for each fault.
 */
export function loadConfig(input: {
  env: Environment;
  flags?: ConfigLayer | undefined;
  cwd?: string | undefined;
}): LoadedConfig {
  const cwd = input.cwd ?? process.cwd();
  const environment = withAbsolutePaths(fromEnvironment(input.env), cwd);
  const flags = withAbsolutePaths(input.flags ?? {}, cwd);
  const outer = merge(environment, flags);
  const dataFolder = typeof outer.dataFolder === "string" ? outer.dataFolder : resolve(cwd, "data");
  const named = input.env.LOREKEEP_CONFIG?.trim();
  const file = named ? absolute(named, cwd) : join(dataFolder, "lorekeep.config.json");
  const hasFile = named ? true : existsSync(file);
  const fromFile = hasFile ? withAbsolutePaths(readFile(file), dirname(file)) : {};
  const parsed = configSchema.safeParse(merge({ dataFolder, ...fromFile }, outer));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => sentence(issue, { env: input.env, flags, file }));
    throw new AppError("config_invalid", faults.join(" "), { faultCount: faults.length });
  }
  refuseUnsupported(parsed.data);
  return { config: parsed.data, file: hasFile ? file : null };
}

function refuseUnsupported(config: Config): void {
  if (config.databaseUrl !== null && /^postgres(ql)?:/i.test(config.databaseUrl))
    throw new AppError(
      "config_invalid",
      "LOREKEEP_DATABASE_URL names a PostgreSQL server; this version keeps its data in SQLite only. Give a file path or leave it out.",
    );
  if (config.models.source === "folder" && config.models.sourceFolder === null)
    throw new AppError(
      "config_invalid",
      "LOREKEEP_MODEL_SOURCE is `folder`, but no folder is given. Set LOREKEEP_MODEL_SOURCE_FOLDER.",
    );
}

function lookUp(tree: Tree, path: readonly PropertyKey[]): unknown {
  let at: unknown = tree;
  for (const key of path) at = isTree(at) ? at[String(key)] : undefined;
  return at;
}

function sentence(issue: z.core.$ZodIssue, from: { env: Environment; flags: Tree; file: string }): string {
  const path = issue.path.map(String);
  const variable = VARIABLES.find((each) => each.path.join(".") === path.join("."));
  const message = issue.message.replace(/^LOREKEEP_\w+ /, "").replace(/\.?$/, ".");
  if (variable && lookUp(from.flags, path) === undefined && from.env[variable.name]?.trim()) {
    const value = variable.isSecret ? "" : ` is ${JSON.stringify(from.env[variable.name])}`;
    return `${variable.name}${value}: ${message}`;
  }
  const key = path.length > 0 ? path.join(".") : "the top level";
  return lookUp(from.flags, path) === undefined
    ? `${from.file}, key ${key}: ${message}`
    : `The flag for ${key}: ${message}`;
}

const HIDDEN = "(set, hidden)";

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = "hidden";
    return parsed.toString();
  } catch {
    return url;
  }
}

/** The effective settings for people and logs: keys are hidden, passwords in URLs too. */
export function describeConfig(config: Config): Config {
  const { models } = config;
  const hide = (value: string | null): string | null => (value === null ? null : HIDDEN);
  const driver = (name: string): string =>
    name.startsWith("openai:") ? `openai:${withoutPassword(name.slice("openai:".length))}` : name;
  return {
    ...config,
    apiKey: hide(config.apiKey),
    databaseUrl: config.databaseUrl === null ? null : withoutPassword(config.databaseUrl),
    redisUrl: config.redisUrl === null ? null : withoutPassword(config.redisUrl),
    models: {
      ...models,
      generator: driver(models.generator),
      embedder: driver(models.embedder),
      openaiApiKey: hide(models.openaiApiKey),
    },
  };
}
