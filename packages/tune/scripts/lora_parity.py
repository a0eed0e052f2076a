"""Trains a LoRA adapter with PEFT and PyTorch on given batches from given initial tensors: the yardstick of our trainer.

python lora_parity.py --weights weights.f32 --manifest weights.json --adapter initial.json --batches batches.json \
    --learning-rate 3e-4 [--steps 20] [--clip 1.0] [--threads 2] [--final final.json]

batches.json: {"batches": [{"ids": [[...]], "answerMask": [[...]]}]}, rows padded to one length on the right. Token t with
answerMask 1 is predicted from position t - 1 and its loss counts; padding needs no mask, since attention is causal.
Step k takes batch k modulo their number. AdamW (0.9, 0.999, 1e-8, no decay), constant learning rate, loss = mean over the
answer tokens of the batch. Prints {losses, gradientNorms, tokensPerSecond, secondsPerStep, peakMiB, versions}; speed is
B x T over the median step, the first one left out. --final writes A and B after the last step, as transformers has them.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import peft
import torch
import transformers

sys.path.insert(0, str(Path(__file__).parent))
from llama_from_gguf import load_model, read_raw_adapter  # noqa: E402


def attach(model, adapter: dict):
    """The model with PEFT's LoRA layers, holding exactly the given tensors."""
    settings = peft.LoraConfig(
        r=adapter["rank"],
        lora_alpha=adapter["alpha"],
        target_modules=adapter["linears"],
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
    )
    model = peft.get_peft_model(model, settings)
    trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
    if trained.keys() != adapter["tensors"].keys():
        raise SystemExit(f"PEFT trains other weights: {sorted(trained.keys() ^ adapter['tensors'].keys())[:4]}")
    with torch.no_grad():
        for name, value in trained.items():
            value.copy_(adapter["tensors"][name])
    return model, trained


def mean_loss(model, batch: dict) -> torch.Tensor:
    ids = torch.tensor(batch["ids"])
    mask = torch.tensor(batch["answerMask"], dtype=torch.bool)[:, 1:]
    logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits[mask].float(), ids[:, 1:][mask])


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("weights", "manifest", "adapter", "batches"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--clip", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--final")
    options = parser.parse_args()
    if options.threads > 0:
        torch.set_num_threads(options.threads)

    config = json.loads(Path(options.manifest).read_text())["config"]
    batches = json.loads(Path(options.batches).read_text())["batches"]
    model = load_model(options.weights, options.manifest)
    model, trained = attach(model, read_raw_adapter(options.adapter, config))
    model.train()
    optimizer = torch.optim.AdamW(
        trained.values(), lr=options.learning_rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0
    )

    losses, norms, speeds, seconds = [], [], [], []
    for step in range(options.steps):
        batch = batches[step % len(batches)]
        started = time.perf_counter()
        loss = mean_loss(model, batch)
        loss.backward()
        limit = options.clip if options.clip > 0 else float("inf")
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained.values(), limit)))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        seconds.append(time.perf_counter() - started)
        speeds.append(sum(map(len, batch["ids"])) / seconds[-1])

    if options.final:
        final = {name: value.detach().flatten().tolist() for name, value in trained.items()}
        Path(options.final).write_text(json.dumps(final))
    print(
        json.dumps(
            {
                "losses": losses,
                "gradientNorms": norms,
                "tokensPerSecond": float(np.median(speeds[1:] or speeds)),
                "secondsPerStep": seconds,
                "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "threads": torch.get_num_threads(),
                "versions": {
                    "torch": torch.__version__,
                    "transformers": transformers.__version__,
                    "peft": peft.__version__,
                },
            }
        )
    )


if __name__ == "__main__":
    main()
