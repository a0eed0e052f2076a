"""Logits that PEFT computes with an exported adapter, as JSON, for comparison with our own.

python check_peft.py --weights weights.f32 --manifest weights.json --adapter adapter.zip --ids 1,5,7
prints {"logits": [[...], ...], "base": [[...], ...], "versions": {...}}; the ZIP is loaded by PEFT itself.
"""

import argparse
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import peft
import torch
import transformers

sys.path.insert(0, str(Path(__file__).parent))
from llama_from_gguf import load_model  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("weights", "manifest", "adapter", "ids"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    ids = torch.tensor([[int(each) for each in options.ids.split(",")]])

    model = load_model(options.weights, options.manifest).eval()
    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        base = model(ids).logits[0]
        with zipfile.ZipFile(options.adapter) as archive:
            archive.extractall(folder)
        adapted = peft.PeftModel.from_pretrained(model, folder).eval()
        logits = adapted(ids).logits[0]
    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
    print(json.dumps({"logits": logits.tolist(), "base": base.tolist(), "versions": versions}))


if __name__ == "__main__":
    main()
