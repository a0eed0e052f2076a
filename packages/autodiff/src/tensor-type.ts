/**
 * What is known of a tensor before any number is: its element type and its dimensions. A dimension is a number, or a
 * product of symbols that a run binds, written canonically: `batch`, `batch*time`, `3*time`. Equal strings are equal sizes.
 */
import { AppError } from "@lorekeep/core";

export type Dim = number | string;
export interface TensorType {
  readonly element: "float32" | "int64";
  readonly dims: readonly Dim[];
}

export const floatType = (dims: readonly Dim[]): TensorType => ({ element: "float32", dims: dims.map(canonical) });
export const intType = (dims: readonly Dim[]): TensorType => ({ element: "int64", dims: dims.map(canonical) });

/** The factors of a dimension: `3*batch*time` → { number: 3, symbols: ["batch", "time"] }. */
export function factors(dim: Dim): { readonly number: number; readonly symbols: readonly string[] } {
  if (typeof dim === "number") return { number: dim, symbols: [] };
  let number = 1;
  const symbols: string[] = [];
  for (const part of dim.split("*")) {
    if (/^\d+$/.test(part)) number *= Number(part);
    else symbols.push(part);
  }
  return { number, symbols: symbols.sort() };
}

/** The product of dimensions in canonical form. */
export function multiply(...dims: readonly Dim[]): Dim {
  let number = 1;
  const symbols: string[] = [];
  for (const dim of dims) {
    const parts = factors(dim);
    number *= parts.number;
    symbols.push(...parts.symbols);
  }
  if (symbols.length === 0) return number;
  symbols.sort();
  return [...(number === 1 ? [] : [String(number)]), ...symbols].join("*");
}

const canonical = (dim: Dim): Dim => multiply(dim);
export const sizeOf = (dims: readonly Dim[]): Dim => multiply(...dims);

/** Numpy's rule: trailing dimensions are equal, or one of them is 1. Throws shape_mismatch. */
export function broadcast(a: readonly Dim[], b: readonly Dim[], op: string): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw mismatch(op, `[${a.join(",")}] and [${b.join(",")}] do not broadcast`);
  });
}

/** The numbers of a shape once its symbols are bound. Throws shape_mismatch for an unbound symbol. */
export function bindDims(dims: readonly Dim[], bindings: ReadonlyMap<string, number>): number[] {
  return dims.map((dim) => {
    const { number, symbols } = factors(dim);
    return symbols.reduce((product, symbol) => {
      const size = bindings.get(symbol);
      if (size === undefined) throw mismatch("bind", `nothing says how large "${symbol}" is`);
      return product * size;
    }, number);
  });
}

export function mismatch(op: string, detail: string): AppError {
  return new AppError("shape_mismatch", `${op}: ${detail}.`, { op });
}
