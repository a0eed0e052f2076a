/**
 * The words of the graph language: each function checks shapes, says what comes out, and appends one node. Nothing is
 * computed. Shapes follow numpy and ONNX; throws shape_mismatch. What is not here is composed (layers.ts).
 */
import type { OpName, Value } from "./graph.ts";
import { broadcast, floatType, mismatch, sizeOf } from "./tensor-type.ts";
import type { Dim } from "./tensor-type.ts";

const binary =
  (op: "add" | "sub" | "mul") =>
  (a: Value, b: Value): Value =>
    a.graph.append(op, [a, b], floatType(broadcast(a.type.dims, b.type.dims, op)));
const unary =
  (op: OpName) =>
  (x: Value): Value =>
    x.graph.append(op, [x], x.type);

export const add = binary("add");
export const sub = binary("sub");
export const mul = binary("mul");
export const neg = unary("neg");
export const exp = unary("exp");
export const reciprocal = unary("reciprocal");
export const sqrt = unary("sqrt");
export const sigmoid = unary("sigmoid");
export const tanh = unary("tanh");
export const erf = unary("erf");
/** log(1 + eˣ). */
export const softplus = unary("softplus");
/** x·sigmoid(x) (Elfwing et al. 2017). */
export const silu = unary("silu");
/** x·Φ(x), with the exact normal distribution (Hendrycks and Gimpel 2016). */
export const gelu = unary("gelu");
/** Over the last axis. */
export const softmax = unary("softmax");
export const logSoftmax = unary("logSoftmax");

export const scalar = (like: Value, number: number): Value => like.graph.constant([number], floatType([]));
export const scale = (x: Value, number: number): Value => (number === 1 ? x : mul(x, scalar(x, number)));

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly alpha?: number;
}
/** alpha · op(a) · op(b) over the last two axes; the axes before them must be equal, or b has none. */
export function matmul(a: Value, b: Value, options: MatmulOptions = {}): Value {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  const [leadA, rowsA, columnsA] = lastTwo(a, transposeA);
  const [leadB, rowsB, columnsB] = lastTwo(b, transposeB);
  if (columnsA !== rowsB)
    throw mismatch("matmul", `[${a.type.dims.join(",")}] times [${b.type.dims.join(",")}] has no common inner size`);
  if (leadB.length > 0 && leadA.join() !== leadB.join())
    throw mismatch("matmul", `leading axes [${leadA.join(",")}] and [${leadB.join(",")}] differ`);
  if (leadB.length === 0 && leadA.length > 0 && transposeA)
    throw mismatch("matmul", "a with leading axes cannot be transposed against one matrix");
  return a.graph.append("matmul", [a, b], floatType([...leadA, rowsA, columnsB]), { transposeA, transposeB, alpha });
}
function lastTwo(x: Value, transposed: boolean): [readonly Dim[], Dim, Dim] {
  const { dims } = x.type;
  if (dims.length < 2) throw mismatch("matmul", `[${dims.join(",")}] is no matrix`);
  const [rows, columns] = dims.slice(-2) as [Dim, Dim];
  return transposed ? [dims.slice(0, -2), columns, rows] : [dims.slice(0, -2), rows, columns];
}

export function transpose(x: Value, order: readonly number[]): Value {
  const { dims } = x.type;
  if ([...order].sort((a, b) => a - b).join() !== dims.map((_, i) => i).join())
    throw mismatch("transpose", `[${order.join(",")}] is no order of ${dims.length} axes`);
  return x.graph.append("transpose", [x], floatType(order.map((axis) => dims[axis]!)), { order });
}

export function reshape(x: Value, dims: readonly Dim[]): Value {
  const type = { element: x.type.element, dims: floatType(dims).dims };
  if (sizeOf(type.dims) !== sizeOf(x.type.dims))
    throw mismatch("reshape", `[${x.type.dims.join(",")}] does not hold as many as [${dims.join(",")}]`);
  return x.type.dims.join() === type.dims.join() ? x : x.graph.append("reshape", [x], type);
}

/** Sums over these axes, which are kept with size 1. */
export function reduceSum(x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x;
  const dims = x.type.dims.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return x.graph.append("reduceSum", [x], floatType(dims), { axes });
}
/** Repeats axes of size 1 until the shape is `dims`. */
export function expand(x: Value, dims: readonly Dim[]): Value {
  const type = floatType(dims);
  if (type.dims.join() === x.type.dims.join()) return x;
  if (broadcast(x.type.dims, type.dims, "expand").join() !== type.dims.join())
    throw mismatch("expand", `[${x.type.dims.join(",")}] does not fill [${dims.join(",")}]`);
  return x.graph.append("expand", [x], type);
}

/** table [n, …], rows int64 [k] → [k, …]. */
export function gatherRows(table: Value, rows: Value): Value {
  if (rows.type.element !== "int64" || rows.type.dims.length !== 1) throw mismatch("gatherRows", "rows are int64 [k]");
  return table.graph.append("gatherRows", [table, rows], floatType([rows.type.dims[0]!, ...table.type.dims.slice(1)]));
}
/** The gradient of gatherRows: zeros [count, …] with updates [k, …] added at rows [k]. */
export function scatterRows(updates: Value, rows: Value, count: Dim): Value {
  const type = floatType([count, ...updates.type.dims.slice(1)]);
  return updates.graph.append("scatterRows", [updates, rows], type);
}
/** x [m, n], columns int64 [m] → [m, 1]: one number a row. */
export function pick(x: Value, columns: Value): Value {
  if (x.type.dims.length !== 2 || columns.type.dims.join() !== String(x.type.dims[0]))
    throw mismatch("pick", `[${x.type.dims.join(",")}] wants one column a row`);
  return x.graph.append("pick", [x, columns], floatType([x.type.dims[0]!, 1]));
}
/** The gradient of pick: zeros [m, n] with values [m, 1] at columns [m]. */
export function unpick(values: Value, columns: Value, width: Dim): Value {
  return values.graph.append("unpick", [values, columns], floatType([values.type.dims[0]!, width]));
}

/**
 * Rotary position embedding (Su et al. 2021) of x [batch, time, heads·size]; cosine and sine are tables [positions, size/2],
 * positions int64 [batch, time]. `interleaved`: pairs are neighbours (GGUF's llama layout), else the halves.
 */
export function rotary(
  x: Value,
  positions: Value,
  cosine: Value,
  sine: Value,
  options: { readonly interleaved: boolean; readonly inverse?: boolean },
): Value {
  if (x.type.dims.length !== 3) throw mismatch("rotary", "x is [batch, time, heads·size]");
  const { interleaved, inverse = false } = options;
  return x.graph.append("rotary", [x, positions, cosine, sine], x.type, { interleaved, inverse });
}

/** x itself, but not before `after` are computed: keeps a scheduler from doing work too early. Never put into a loss. */
export function dependOn(x: Value, after: readonly Value[]): Value {
  if (after.length === 0) return x;
  const zero = x.graph.inputs.get("zero") ?? x.graph.input("zero", floatType([]));
  return x.graph.append("dependOn", [x, zero, ...after], x.type);
}
