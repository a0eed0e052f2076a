/**
 * A recipe and its dataset for trainers on larger machines: PEFT with TRL (settings and a script), LLaMA-Factory and
 * Unsloth, all with the same rank, alpha, targets, learning rate, epochs and seed, over the same chat lines. The adapter
 * that comes out is PEFT's and is taken in again by importAdapter.
 *
 * Same means: as far as the others go. They batch by sequences instead of tokens, shuffle with their own generators and
 * know no early stopping on our validation loss, so losses agree in shape, not in digits.
 */
import { readFile } from "node:fs/promises";
import type { ChatMessage, Recipe } from "@lorekeep/core";
import { PEFT_MODULES } from "../export/peft.ts";
import { encodeYaml, type YamlMapping } from "./yaml.ts";

export interface RecipeExample {
  /** System and user, exactly as serving sends them. */
  readonly messages: readonly ChatMessage[];
  /** What the assistant should write. */
  readonly target: string;
  /** What it should not write; examples without it are left out of preference tuning. */
  readonly rejected?: string | null | undefined;
  readonly split: "train" | "validation";
}

export interface RecipeDataset {
  readonly examples: readonly RecipeExample[];
}

export interface RecipeBase {
  /** On the Hugging Face Hub, or a folder: the others train from the unquantised weights. */
  readonly huggingFaceId: string;
  /** LLaMA-Factory's name of the chat template; ChatML when missing. */
  readonly llamaFactoryTemplate?: string;
}

/** What all trainers are told, in one place. */
interface Settings {
  readonly model: string;
  readonly isPreference: boolean;
  readonly hasValidation: boolean;
  readonly modules: readonly string[];
  /** Sequences per batch. */
  readonly batch: number;
  readonly warmupSteps: number;
}

/** Texts by file name; all of them belong into one folder. Throws RangeError when no example is for training. */
export async function exportRecipe(
  recipe: Recipe,
  dataset: RecipeDataset,
  base: RecipeBase,
): Promise<ReadonlyMap<string, string>> {
  const isPreference = recipe.method === "preference";
  const usable = dataset.examples.filter(({ rejected }) => !isPreference || (rejected ?? "") !== "");
  const train = usable.filter(({ split }) => split === "train");
  const validation = usable.filter(({ split }) => split === "validation");
  if (train.length === 0) throw new RangeError("The dataset has no example for training with this method.");
  const batch = Math.max(1, Math.floor(recipe.batchTokens / recipe.maxTokens));
  const settings: Settings = {
    model: base.huggingFaceId,
    isPreference,
    hasValidation: validation.length > 0,
    modules: recipe.targets.map((target) => PEFT_MODULES[target].split(".")[1]!),
    batch,
    warmupSteps: Math.round(recipe.warmupShare * Math.ceil((train.length / batch) * recipe.epochs)),
  };
  const script = await readFile(new URL("../../scripts/train_peft.py", import.meta.url), "utf8");
  const files: [string, string][] = [
    ["train.jsonl", linesOf(train, isPreference)],
    ...(validation.length > 0 ? [["validation.jsonl", linesOf(validation, isPreference)] as [string, string]] : []),
    ["peft.json", json(peftSettings(recipe, settings))],
    ["train_peft.py", script],
    ["llama-factory.yaml", llamaFactory(recipe, settings, base.llamaFactoryTemplate ?? "chatml")],
    ["dataset_info.json", json(datasetInfo(settings))],
    ...(isPreference ? [] : [["unsloth.yaml", unsloth(recipe, settings)] as [string, string]]),
    ["README.md", readme(settings)],
  ];
  return new Map(files);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** One JSON object a line: the whole chat, or the prompt with both answers. */
function linesOf(examples: readonly RecipeExample[], isPreference: boolean): string {
  const assistant = (content: string) => ({ role: "assistant", content });
  const rows = examples.map(({ messages, target, rejected }) =>
    isPreference
      ? { messages, chosen: assistant(target), rejected: assistant(rejected ?? "") }
      : { messages: [...messages, assistant(target)] },
  );
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** Arguments of peft.LoraConfig and trl.SFTConfig or DPOConfig, as train_peft.py passes them on. */
function peftSettings(recipe: Recipe, { model, isPreference, modules, batch, warmupSteps }: Settings): unknown {
  return {
    model,
    method: isPreference ? "dpo" : "sft",
    lora: {
      r: recipe.rank,
      lora_alpha: recipe.alpha,
      lora_dropout: 0,
      target_modules: modules,
      bias: "none",
      task_type: "CAUSAL_LM",
    },
    training: {
      output_dir: "adapter",
      learning_rate: recipe.learningRate,
      num_train_epochs: recipe.epochs,
      per_device_train_batch_size: batch,
      gradient_accumulation_steps: 1,
      lr_scheduler_type: "cosine",
      warmup_steps: warmupSteps,
      weight_decay: recipe.weightDecay,
      max_grad_norm: recipe.clipNorm,
      seed: recipe.seed,
      max_length: recipe.maxTokens,
      bf16: false,
      logging_steps: 10,
      save_strategy: "no",
      report_to: "none",
      ...(isPreference ? { beta: recipe.beta } : {}),
    },
  };
}

function llamaFactory(recipe: Recipe, settings: Settings, template: string): string {
  const { model, isPreference, hasValidation, modules, batch, warmupSteps } = settings;
  const preference: YamlMapping = isPreference ? { pref_beta: recipe.beta, pref_loss: "sigmoid" } : {};
  const evaluation: YamlMapping = hasValidation
    ? { eval_dataset: "lorekeep_validation", per_device_eval_batch_size: batch, eval_strategy: "epoch" }
    : {};
  return encodeYaml(
    {
      model_name_or_path: model,
      stage: isPreference ? "dpo" : "sft",
      do_train: true,
      finetuning_type: "lora",
      lora_rank: recipe.rank,
      lora_alpha: recipe.alpha,
      lora_dropout: 0,
      lora_target: modules.join(","),
      ...preference,
      dataset: "lorekeep_train",
      dataset_dir: ".",
      template,
      cutoff_len: recipe.maxTokens,
      ...evaluation,
      output_dir: "adapter",
      overwrite_output_dir: true,
      logging_steps: 10,
      report_to: "none",
      per_device_train_batch_size: batch,
      gradient_accumulation_steps: 1,
      learning_rate: recipe.learningRate,
      num_train_epochs: recipe.epochs,
      lr_scheduler_type: "cosine",
      warmup_steps: warmupSteps,
      weight_decay: recipe.weightDecay,
      max_grad_norm: recipe.clipNorm,
      seed: recipe.seed,
    },
    "llamafactory-cli train llama-factory.yaml",
  );
}

function datasetInfo({ isPreference, hasValidation }: Settings): unknown {
  const entry = (file: string) => ({
    file_name: file,
    formatting: "sharegpt",
    ...(isPreference ? { ranking: true } : {}),
    columns: { messages: "messages", ...(isPreference ? { chosen: "chosen", rejected: "rejected" } : {}) },
    tags: {
      role_tag: "role",
      content_tag: "content",
      user_tag: "user",
      assistant_tag: "assistant",
      system_tag: "system",
    },
  });
  return {
    lorekeep_train: entry("train.jsonl"),
    ...(hasValidation ? { lorekeep_validation: entry("validation.jsonl") } : {}),
  };
}

/** Unsloth's file takes whole epochs and a whole alpha only. */
function unsloth(recipe: Recipe, { model, modules, batch, warmupSteps }: Settings): string {
  return encodeYaml(
    {
      model,
      data: { local_dataset: ["train.jsonl"], format_type: "chatml" },
      training: {
        training_type: "lora",
        max_seq_length: recipe.maxTokens,
        load_in_4bit: false,
        output_dir: "adapter",
        num_epochs: Math.max(1, Math.round(recipe.epochs)),
        learning_rate: recipe.learningRate,
        batch_size: batch,
        gradient_accumulation_steps: 1,
        warmup_steps: warmupSteps,
        weight_decay: recipe.weightDecay,
        random_seed: recipe.seed,
        packing: false,
        train_on_completions: true,
      },
      lora: {
        lora_r: recipe.rank,
        lora_alpha: Math.max(1, Math.round(recipe.alpha)),
        lora_dropout: 0,
        target_modules: modules.join(","),
        use_rslora: false,
      },
    },
    "unsloth train --config unsloth.yaml",
  );
}

function readme({ model, isPreference }: Settings): string {
  return `# The same training elsewhere

Base: ${model}. Run one of these in this folder, on a machine with a GPU:

- PEFT with TRL: \`pip install trl peft\`, then \`python train_peft.py\`
- LLaMA-Factory: \`llamafactory-cli train llama-factory.yaml\`
${isPreference ? "" : "- Unsloth: `unsloth train --config unsloth.yaml`\n"}
Each leaves the adapter in \`adapter/\` (adapter_config.json, adapter_model.safetensors). Import that folder, or a ZIP
file of it, as an adapter; it passes the same gate as one that was trained here.

Rank, alpha, targets, learning rate, warm-up, weight decay, clipping, epochs and seed are those of the recipe. Batches
are counted in sequences here and in tokens there, so losses agree in shape, not in digits.
`;
}
