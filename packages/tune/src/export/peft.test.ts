import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { referenceLogits } from "../gguf/testing/reference-forward.ts";
import { TINY_LLAMA } from "../gguf/testing/tiny-llama.ts";
import { peftFiles, readPeft, writePeftZip } from "./peft.ts";
import { interleaveRows, splitRows } from "./rope-layout.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { tinyAdapter, tinyWeights } from "./testing/tiny-adapter.ts";
import { encodeZip } from "./zip.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "peft-"));
});
afterEach(async () => rm(folder, { recursive: true }));

const content = () => ({ ...tinyAdapter(), config: TINY_LLAMA, baseModel: "tiny" });

async function writeFolder(files: ReadonlyMap<string, Buffer>): Promise<string> {
  const path = join(folder, "unpacked");
  await mkdir(path, { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(path, name), bytes);
  return path;
}

describe("rope layout", () => {
  test("row 2j + s of a head in GGUF is row s·d/2 + j in Hugging Face", () => {
    const halves = Float32Array.from({ length: 16 }, (_, i) => i); // 2 heads of 4 rows, 2 wide
    expect([...interleaveRows(halves, 2, 2)]).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
    expect([...splitRows(interleaveRows(halves, 2, 2), 2, 2)]).toEqual([...halves]);
    expect(() => splitRows(halves, 3, 2)).toThrow(RangeError);
  });
});

describe("PEFT", () => {
  test("the recorded logits of PEFT with our file are those of W + alpha/rank·B·A in our layout", async () => {
    const path = join(folder, "adapter.zip");
    await writePeftZip(path, content());
    const recorded = JSON.parse(await readFile(new URL("./testing/peft-logits.json", import.meta.url), "utf8")) as {
      ids: number[];
      zipSha256: string;
      logits: number[][];
    };
    const zip = await readFile(path);
    expect(createHash("sha256").update(zip).digest("hex")).toBe(recorded.zipSha256); // else record again
    const logits = referenceLogits(TINY_LLAMA, tinyWeights(tinyAdapter()), recorded.ids);
    for (const [t, row] of recorded.logits.entries())
      for (const [i, value] of row.entries()) expect(Math.abs(value - logits[t]![i]!)).toBeLessThan(1e-4);
  });

  test("comes back from a ZIP file and from a folder as it went in", async () => {
    const path = join(folder, "adapter.zip");
    await writePeftZip(path, { ...content(), extraFiles: { "README.md": "# 卡片\n" } });
    expect(await readPeft(path, TINY_LLAMA)).toEqual(tinyAdapter());
    expect(await readPeft(await writeFolder(peftFiles(content())), TINY_LLAMA)).toEqual(tinyAdapter());
  });

  test("names modules and settings as PEFT does", () => {
    const files = peftFiles({ ...content(), ...tinyAdapter({ linears: ["attn_q", "ffn_down"] }) });
    expect(JSON.parse(files.get("adapter_config.json")!.toString())).toMatchObject({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      base_model_name_or_path: "tiny",
      r: 4,
      lora_alpha: 6,
      target_modules: ["q_proj", "down_proj"],
    });
    const tensors = decodeSafetensors(files.get("adapter_model.safetensors")!);
    expect([...tensors.keys()].slice(0, 4)).toEqual([
      "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
      "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
      "base_model.model.model.layers.0.mlp.down_proj.lora_A.weight",
      "base_model.model.model.layers.0.mlp.down_proj.lora_B.weight",
    ]);
  });

  async function readWith(settings: Record<string, unknown>): Promise<unknown> {
    const files = peftFiles(content());
    const config = JSON.parse(files.get("adapter_config.json")!.toString()) as Record<string, unknown>;
    files.set("adapter_config.json", Buffer.from(JSON.stringify({ ...config, ...settings })));
    return await readPeft(await writeFolder(files), TINY_LLAMA);
  }

  test("understands rank-stabilised scaling", async () => {
    expect(await readWith({ use_rslora: true })).toMatchObject({ rank: 4, alpha: 12 });
  });

  test.each([
    [{ use_dora: true }, "DoRA"],
    [{ peft_type: "IA3" }, "of the kind IA3"],
    [{ modules_to_save: ["lm_head"] }, "modules_to_save"],
    [{ rank_pattern: { q_proj: 8 } }, "rank_pattern"],
    [{ bias: "all" }, "biases"],
    [{ r: "8" }, "names no rank"],
    [{ r: 8 }, "not of rank 8"],
  ])("refuses %o, which would be computed wrongly", async (settings, sentence) => {
    await expect(readWith(settings)).rejects.toThrow(sentence);
  });

  test("refuses files that are missing, foreign or halved", async () => {
    await expect(readPeft(join(folder, "nothing"), TINY_LLAMA)).rejects.toThrow("there is nothing at");
    await expect(readPeft(folder, TINY_LLAMA)).rejects.toThrow("adapter_config.json is missing");
    const files = peftFiles(content());
    const tensors = decodeSafetensors(files.get("adapter_model.safetensors")!);
    const first = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";
    const saved = tensors.get(first)!;
    tensors.delete(first);
    files.set("adapter_model.safetensors", encodeSafetensors(tensors));
    await expect(readPeft(await writeFolder(files), TINY_LLAMA)).rejects.toThrow("only half of blk.0.attn_q.weight");
    tensors.set("base_model.model.model.embed_tokens.lora_embedding_A", saved);
    files.set("adapter_model.safetensors", encodeSafetensors(tensors));
    await expect(readPeft(await writeFolder(files), TINY_LLAMA)).rejects.toThrow("embed_tokens");
    await writeFile(
      join(folder, "two.zip"),
      encodeZip(
        new Map(
          [...files].flatMap(([name, bytes]) => [
            [`a/${name}`, bytes],
            [`b/${name}`, bytes],
          ]),
        ),
      ),
    );
    await expect(readPeft(join(folder, "two.zip"), TINY_LLAMA)).rejects.toThrow("several adapters");
  });
});

describe("safetensors", () => {
  const one = new Map([["w", { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }]]);

  test("reads half precision and bfloat", () => {
    const head = JSON.stringify({
      h: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
      b: { dtype: "BF16", shape: [1, 1], data_offsets: [4, 6] },
    });
    const length = Buffer.alloc(8);
    length.writeUInt32LE(head.length);
    const body = Buffer.from([0x00, 0x3c, 0x00, 0xc0, 0xc0, 0x3f]);
    const tensors = decodeSafetensors(Buffer.concat([length, Buffer.from(head), body]));
    expect([...tensors.get("h")!.data]).toEqual([1, -2]);
    expect([...tensors.get("b")!.data]).toEqual([1.5]);
  });

  test("refuses a file cut short anywhere", () => {
    const bytes = encodeSafetensors(one);
    expect(decodeSafetensors(bytes)).toEqual(one);
    for (let cut = 0; cut < bytes.length; cut++)
      expect(() => decodeSafetensors(bytes.subarray(0, cut))).toThrow(
        expect.objectContaining({ code: "model_invalid" }),
      );
  });

  test.each([
    ["[]"],
    ['{"w":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4]}}'],
    ['{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'],
    ['{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,4]}}'],
    ['{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}}'],
    ['{"w":null}'],
    ["{"],
  ])("refuses the head %s", (head) => {
    const length = Buffer.alloc(8);
    length.writeUInt32LE(head.length);
    const read = () => decodeSafetensors(Buffer.concat([length, Buffer.from(head), Buffer.alloc(4)]));
    if (head === "[]") expect(read().size).toBe(0);
    else expect(read).toThrow(expect.objectContaining({ code: "model_invalid" }));
  });
});
