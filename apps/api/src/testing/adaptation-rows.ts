/** The rows of the closed loop in memory, and how its doubles look them up: by id or name, else not_found. */
import {
  AppError,
  type Adapter,
  type AdapterHistory,
  type Dataset,
  type Evaluation,
  type Example,
  type FineTune,
} from "@lorekeep/core";
import type { Adaptation } from "@lorekeep/platform";

export type Part<Name extends keyof Adaptation> = Pick<Adaptation, Name>;

export interface AdaptationRows {
  readonly datasets: Map<string, Dataset>;
  readonly examples: Map<string, Example>;
  readonly fineTunes: Map<string, FineTune>;
  readonly adapters: Map<string, Adapter>;
  readonly evaluations: Map<string, Evaluation>;
  readonly history: AdapterHistory["items"];
  /** Bytes of imported adapters, as text. */
  readonly imported: Map<string, string>;
}

export const emptyAdaptationRows = (): AdaptationRows => ({
  datasets: new Map(),
  examples: new Map(),
  fineTunes: new Map(),
  adapters: new Map(),
  evaluations: new Map(),
  history: [],
  imported: new Map(),
});

export const now = () => new Date().toISOString();
export const page = <Item>(rows: Map<string, Item>, limit: number) => ({
  items: [...rows.values()].slice(0, limit),
  nextCursor: null,
});

export function find<Row extends { readonly name?: string; readonly id: string }>(
  rows: Map<string, Row>,
  what: string,
  idOrName: string,
): Row {
  const row = rows.get(idOrName) ?? [...rows.values()].find((each) => each.name === idOrName);
  if (row === undefined) throw new AppError("not_found", `There is no such ${what}.`);
  return row;
}

export function remove(rows: Map<string, { readonly id: string }>, what: string, id: string): void {
  find(rows, what, id);
  rows.delete(id);
}
