/**
 * What we write passes ONNX's own checker, with types and shapes inferred from node to node. Runs where a Python with the package
 * `onnx` is there (python3, or the one that LOREKEEP_PYTHON names); onnxruntime loads the same graphs in gradients.test.ts. Ops of
 * com.microsoft are none of the checker's.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { gradients } from "../differentiate.ts";
import { Graph } from "../graph.ts";
import { lossOf, SMALL_GRAPHS } from "../testing/small-graphs.ts";
import { emitOnnx } from "./emit.ts";

const run = promisify(execFile);
const python = process.env.LOREKEEP_PYTHON ?? "python3";
const hasOnnx = await run(python, ["-c", "import onnx"]).then(
  () => true,
  () => false,
);
if (!hasOnnx) console.log(`skipped: ${python} has no onnx`);

const CHECK = `
import sys, onnx
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
print(len(sys.argv) - 1)
`;

/** Forward and backward of each op's graph, as a model file. */
function written(small: (typeof SMALL_GRAPHS)[number]): Uint8Array {
  const graph = new Graph();
  const result = small.build(graph);
  const trained = [...graph.inputs].filter(([, { type }]) => type.element === "float32");
  const loss = lossOf(graph, result, graph.input("weights", result.type));
  graph.output("loss", loss);
  const values = trained.map(([, value]) => value);
  gradients(loss, values).forEach((gradient, at) => graph.output(`grad:${trained[at]![0]}`, gradient));
  return emitOnnx(graph, { name: small.title, locate: () => ({ file: "", offset: 0, bytes: 0 }) });
}

test.skipIf(!hasOnnx)(
  "ONNX's checker finds nothing wrong with any op, forward or backward",
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "onnx-check-"));
    try {
      const paths = SMALL_GRAPHS.map((_, at) => join(folder, `${at}.onnx`));
      await Promise.all(SMALL_GRAPHS.map((small, at) => writeFile(paths[at]!, written(small))));
      const { stdout } = await run(python, ["-c", CHECK, ...paths]);
      expect(Number(stdout)).toBe(SMALL_GRAPHS.length);
      const broken = join(folder, "broken.onnx");
      await writeFile(broken, written(SMALL_GRAPHS[0]!).slice(0, -20));
      await expect(run(python, ["-c", CHECK, broken])).rejects.toThrow();
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
