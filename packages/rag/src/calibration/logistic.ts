/**
 * Logistic regression for a handful of features: Newton's method with a ridge (Hastie, Tibshirani & Friedman 2009,
 * section 4.4), features standardised inside and weights given back in the features' own units. Signs can be held, because a
 * verdict that rises with missing words would be an accident of the sample.
 */
export interface LogisticModel {
  readonly bias: number;
  readonly weights: readonly number[];
}

export interface LogisticOptions {
  /** Strength of the ridge on standardised weights; the bias is free. */
  readonly ridge?: number;
  /** Weight of each row in the loss; default 1. */
  readonly rowWeights?: readonly number[];
  /** 1: at least 0, -1: at most 0, 0: free; one a feature. */
  readonly signs?: readonly (1 | 0 | -1)[];
}

const STEPS = 50;

/** rows: [n][features] · labels: n of 0 or 1. */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  options: LogisticOptions = {},
): LogisticModel {
  const featureCount = rows[0]?.length ?? 0;
  const { means, deviations } = scaleOf(rows, featureCount);
  const standard = rows.map((row) => [1, ...row.map((value, at) => (value - means[at]!) / deviations[at]!)]);
  let active = Array.from({ length: featureCount + 1 }, () => true);
  let parameters = newton(standard, labels, active, options);
  // A weight of the wrong sign is dropped and the others fitted again, until all signs hold.
  for (;;) {
    const wrong = parameters.findIndex((value, at) => at > 0 && value * (options.signs?.[at - 1] ?? 0) < 0);
    if (wrong < 0) break;
    active = active.map((isActive, at) => isActive && at !== wrong);
    parameters = newton(standard, labels, active, options);
  }
  const weights = parameters.slice(1).map((value, at) => value / deviations[at]!);
  const bias = parameters[0]! - weights.reduce((sum, weight, at) => sum + weight * means[at]!, 0);
  return { bias, weights };
}

export function predictLogistic(model: LogisticModel, row: readonly number[]): number {
  return sigmoid(row.reduce((sum, value, at) => sum + value * model.weights[at]!, model.bias));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function scaleOf(rows: readonly (readonly number[])[], featureCount: number) {
  const at = (column: number): number[] => rows.map((row) => row[column]!);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = Array.from({ length: featureCount }, (_, column) => mean(at(column)));
  const deviations = means.map(
    (center, column) => Math.sqrt(mean(at(column).map((value) => (value - center) ** 2))) || 1,
  );
  return { means, deviations };
}

function newton(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  active: readonly boolean[],
  { ridge = 1, rowWeights }: LogisticOptions,
): number[] {
  const columns = active.flatMap((isActive, at) => (isActive ? [at] : []));
  const parameters = active.map(() => 0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = columns.map((at) => (at === 0 ? 0 : -ridge * parameters[at]!));
    const hessian = columns.map((at, i) => columns.map((_, j) => (i === j ? (at === 0 ? 1e-9 : ridge) : 0)));
    for (const [index, row] of rows.entries()) {
      const probability = sigmoid(columns.reduce((sum, at) => sum + row[at]! * parameters[at]!, 0));
      const weight = rowWeights?.[index] ?? 1;
      for (const [i, at] of columns.entries()) {
        gradient[i] = gradient[i]! + weight * (labels[index]! - probability) * row[at]!;
        for (const [j, other] of columns.entries())
          hessian[i]![j] = hessian[i]![j]! + weight * probability * (1 - probability) * row[at]! * row[other]!;
      }
    }
    const change = solve(hessian, gradient);
    for (const [i, at] of columns.entries()) parameters[at] = parameters[at]! + change[i]!;
    if (Math.max(...change.map(Math.abs)) < 1e-9) break;
  }
  return parameters;
}

/** Gaussian elimination with partial pivoting; the matrix is small and positive definite. */
function solve(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, vector[at]!]);
  for (let column = 0; column < rows.length; column++) {
    let pivot = column;
    for (let row = column + 1; row < rows.length; row++)
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let row = 0; row < rows.length; row++) {
      if (row === column) continue;
      const factor = rows[row]![column]! / rows[column]![column]!;
      for (let at = column; at <= rows.length; at++) rows[row]![at] = rows[row]![at]! - factor * rows[column]![at]!;
    }
  }
  return rows.map((row, at) => row[rows.length]! / row[at]!);
}
