import { describe, expect, test } from "vitest";
import { recipeSchema, type Recipe } from "@lorekeep/core";
import { exportRecipe, type RecipeExample } from "./export-recipe.ts";
import { encodeYaml } from "./yaml.ts";

const RECIPE: Recipe = recipeSchema.parse({ rank: 8, alpha: 24, learningRate: 0.0000005, epochs: 3, seed: 42 });
const BASE = { huggingFaceId: "someone/base" };

const example = (i: number, more: Partial<RecipeExample> = {}): RecipeExample => ({
  messages: [
    { role: "system", content: "简短回答。" },
    { role: "user", content: `问题 ${i}: "why"?\nline two` },
  ],
  target: `answer ${i}`,
  split: i % 4 === 0 ? "validation" : "train",
  ...more,
});
const DATASET = { examples: Array.from({ length: 40 }, (_, i) => example(i)) };

/** Reads the YAML that we write: nested mappings by two spaces, values that are JSON. */
function parseYaml(text: string): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  const path = [root];
  for (const line of text.split("\n").filter((each) => each !== "" && !each.startsWith("#"))) {
    const [, indent, key, value] = /^( *)(\w+):(?: (.+))?$/.exec(line)!;
    path.length = indent!.length / 2 + 1;
    const parent = path.at(-1)!;
    parent[key!] = value === undefined ? {} : (JSON.parse(value) as unknown);
    if (value === undefined) path.push(parent[key!] as Record<string, unknown>);
  }
  return root;
}

const rows = (text: string | undefined) =>
  (text ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("exportRecipe", () => {
  test("gives PEFT, LLaMA-Factory and Unsloth the same settings", async () => {
    const files = await exportRecipe(RECIPE, DATASET, BASE);
    const { lora, training, model } = JSON.parse(files.get("peft.json")!) as Record<string, Record<string, unknown>>;
    const factory = parseYaml(files.get("llama-factory.yaml")!);
    const unsloth = parseYaml(files.get("unsloth.yaml")!) as Record<string, Record<string, unknown>>;
    const all = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj";
    const steps = Math.ceil((30 / 2) * 3); // 30 for training, 1024 / 512 in a batch
    const expected = [8, 24, all, 5e-7, 3, 42, 2, Math.round(steps * 0.06), 0.01, 512, "someone/base"];
    expect([
      lora!.r,
      lora!.lora_alpha,
      (lora!.target_modules as string[]).join(","),
      training!.learning_rate,
      training!.num_train_epochs,
      training!.seed,
      training!.per_device_train_batch_size,
      training!.warmup_steps,
      training!.weight_decay,
      training!.max_length,
      model,
    ]).toEqual(expected);
    expect([
      factory.lora_rank,
      factory.lora_alpha,
      factory.lora_target,
      factory.learning_rate,
      factory.num_train_epochs,
      factory.seed,
      factory.per_device_train_batch_size,
      factory.warmup_steps,
      factory.weight_decay,
      factory.cutoff_len,
      factory.model_name_or_path,
    ]).toEqual(expected);
    expect([
      unsloth.lora!.lora_r,
      unsloth.lora!.lora_alpha,
      unsloth.lora!.target_modules,
      unsloth.training!.learning_rate,
      unsloth.training!.num_epochs,
      unsloth.training!.random_seed,
      unsloth.training!.batch_size,
      unsloth.training!.warmup_steps,
      unsloth.training!.weight_decay,
      unsloth.training!.max_seq_length,
      unsloth.model,
    ]).toEqual(expected);
  });

  test("writes whole chats as lines, split as the dataset is", async () => {
    const files = await exportRecipe(RECIPE, DATASET, BASE);
    const train = rows(files.get("train.jsonl"));
    expect(train).toHaveLength(30);
    expect(rows(files.get("validation.jsonl"))).toHaveLength(10);
    expect(train[0]).toEqual({
      messages: [...example(1).messages, { role: "assistant", content: "answer 1" }],
    });
  });

  test("names every data file that it mentions, and no other", async () => {
    for (const examples of [DATASET.examples, [example(1)]]) {
      const files = await exportRecipe(RECIPE, { examples }, BASE);
      const info = JSON.parse(files.get("dataset_info.json")!) as Record<string, { file_name: string }>;
      const factory = parseYaml(files.get("llama-factory.yaml")!);
      const mentioned = [factory.dataset, factory.eval_dataset].filter((name) => name !== undefined) as string[];
      expect(Object.keys(info)).toEqual(mentioned);
      for (const name of mentioned) expect(files.has(info[name]!.file_name)).toBe(true);
      expect(files.has("validation.jsonl")).toBe(examples.length > 1);
    }
  });

  test("exports preference pairs for DPO and leaves out what has no rejected answer", async () => {
    const pairs = { examples: [example(1, { rejected: "wrong" }), example(2), example(3, { rejected: "bad" })] };
    const files = await exportRecipe({ ...RECIPE, method: "preference", beta: 0.3 }, pairs, BASE);
    expect(rows(files.get("train.jsonl"))).toEqual([
      {
        messages: example(1).messages,
        chosen: { role: "assistant", content: "answer 1" },
        rejected: { role: "assistant", content: "wrong" },
      },
      expect.objectContaining({ rejected: { role: "assistant", content: "bad" } }),
    ]);
    expect(parseYaml(files.get("llama-factory.yaml")!)).toMatchObject({ stage: "dpo", pref_beta: 0.3 });
    expect(JSON.parse(files.get("peft.json")!)).toMatchObject({ method: "dpo", training: { beta: 0.3 } });
    expect(JSON.parse(files.get("dataset_info.json")!)).toMatchObject({ lorekeep_train: { ranking: true } });
    expect(files.has("unsloth.yaml")).toBe(false); // its file knows supervised training only
  });

  test("keeps a choice of targets", async () => {
    const files = await exportRecipe({ ...RECIPE, targets: ["attn_q", "ffn_down"] }, DATASET, BASE);
    expect(parseYaml(files.get("llama-factory.yaml")!).lora_target).toBe("q_proj,down_proj");
  });

  test("refuses a dataset without anything to train on", async () => {
    await expect(exportRecipe(RECIPE, { examples: [example(4)] }, BASE)).rejects.toThrow("no example for training");
  });
});

describe("encodeYaml", () => {
  test("writes what YAML 1.1 and 1.2 read alike", () => {
    const text = encodeYaml({ a: 1e-7, b: "yes: #no\n", c: true, d: { e: [1, "x"], f: null }, g: -2.5e21 }, "one\ntwo");
    expect(text).toBe(
      '# one\n# two\na: 1.0e-7\nb: "yes: #no\\n"\nc: true\nd:\n  e: [1, "x"]\n  f: null\ng: -2.5e+21\n',
    );
    expect(() => encodeYaml({ a: NaN })).toThrow(RangeError);
  });
});
