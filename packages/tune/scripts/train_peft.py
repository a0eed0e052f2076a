"""Trains the adapter that peft.json describes on train.jsonl, with PEFT and TRL. Run it in the folder of these files.

Supervised lines hold {"messages": [...]}, the last one the assistant's: only its tokens count. Preference lines hold the
prompt as messages, and "chosen" and "rejected". The adapter is written to the folder that peft.json names.
"""

import json
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer


def read_lines(path: Path, method: str) -> Dataset | None:
    if not path.exists():
        return None
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    if method == "dpo":
        rows = [
            {"prompt": row["messages"], "chosen": [row["chosen"]], "rejected": [row["rejected"]]} for row in rows
        ]
    else:
        rows = [{"prompt": row["messages"][:-1], "completion": row["messages"][-1:]} for row in rows]
    return Dataset.from_list(rows)


def main() -> None:
    settings = json.loads(Path("peft.json").read_text(encoding="utf-8"))
    method = settings["method"]
    if method == "dpo":
        from trl import DPOConfig as Config
        from trl import DPOTrainer as Trainer
    else:
        from trl import SFTConfig as Config
        from trl import SFTTrainer as Trainer

    validation = read_lines(Path("validation.jsonl"), method)
    trainer = Trainer(
        model=AutoModelForCausalLM.from_pretrained(settings["model"], dtype=torch.float32),
        args=Config(**settings["training"], eval_strategy="no" if validation is None else "epoch"),
        train_dataset=read_lines(Path("train.jsonl"), method),
        eval_dataset=validation,
        processing_class=AutoTokenizer.from_pretrained(settings["model"]),
        peft_config=LoraConfig(**settings["lora"]),
    )
    trainer.train()
    trainer.save_model(settings["training"]["output_dir"])


if __name__ == "__main__":
    main()
