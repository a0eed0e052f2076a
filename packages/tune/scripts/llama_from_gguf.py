"""Weights and adapters in GGUF layout -> transformers and PEFT.

Reads what the TypeScript side writes: weights.f32 with weights.json (prepare-weights.ts) and raw adapters
(export/raw-adapter.ts). GGUF keeps the rows of q and k in the order of interleaved RoPE, transformers in two halves.
Independent of our own exporters on purpose: the permutations here are written after llama.cpp's converter.
"""

import json
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

MODULES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}


def halves(rows: torch.Tensor, heads: int) -> torch.Tensor:
    """Interleaved rows -> two halves (undoes `permute` of convert_hf_to_gguf.py)."""
    out, width = rows.shape
    return rows.reshape(heads, out // heads // 2, 2, width).swapaxes(1, 2).reshape(out, width).contiguous()


def load_model(weights_path: str, manifest_path: str) -> LlamaForCausalLM:
    manifest = json.loads(Path(manifest_path).read_text())
    config = manifest["config"]
    data = np.memmap(weights_path, dtype="<f4", mode="r")
    heads = {"attn_q": config["heads"], "attn_k": config["kvHeads"]}

    state = {}
    for name, place in manifest["tensors"].items():
        start = place["offsetBytes"] // 4
        size = int(np.prod(place["shape"]))
        tensor = torch.from_numpy(np.array(data[start : start + size]).reshape(place["shape"]))
        if name.startswith("blk."):
            _, layer, linear, _ = name.split(".")
            if linear in heads:
                tensor = halves(tensor, heads[linear])
            state[f"model.layers.{layer}.{MODULES[linear]}.weight"] = tensor
        else:
            renamed = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
            state[f"{renamed[name.split('.')[0]]}.weight"] = tensor
    if config["tiedEmbeddings"]:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]

    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=config["vocabulary"],
            hidden_size=config["hidden"],
            intermediate_size=config["feedForward"],
            num_hidden_layers=config["layers"],
            num_attention_heads=config["heads"],
            num_key_value_heads=config["kvHeads"],
            head_dim=config["headDimension"],
            max_position_embeddings=config["contextTokens"],
            rope_theta=config["ropeBase"],
            rope_parameters={"rope_type": "default", "rope_theta": config["ropeBase"]},
            rms_norm_eps=config["rmsEpsilon"],
            tie_word_embeddings=config["tiedEmbeddings"],
            bos_token_id=None,
            eos_token_id=None,
        )
    ).to(torch.float32)
    model.load_state_dict(state, strict=True)
    return model


def read_raw_adapter(json_path: str, config: dict) -> dict:
    """{rank, alpha, linears, tensors: {PEFT parameter name: tensor}}, B of q and k in two halves."""
    index = json.loads(Path(json_path).read_text())
    data = np.fromfile(Path(json_path).parent / index["data"], dtype="<f4")
    rank = index["rank"]
    heads = {"attn_q": config["heads"], "attn_k": config["kvHeads"]}
    tensors, linears = {}, []
    for entry in index["tensors"]:
        _, layer, linear, _ = entry["name"].split(".")
        a_start, b_start = entry["aOffsetBytes"] // 4, entry["bOffsetBytes"] // 4
        a = torch.from_numpy(data[a_start : a_start + rank * entry["in"]].reshape(rank, entry["in"]).copy())
        b = torch.from_numpy(data[b_start : b_start + rank * entry["out"]].reshape(entry["out"], rank).copy())
        if linear in heads:
            b = halves(b, heads[linear])
        module = MODULES[linear]
        linears.append(module.split(".")[1])
        prefix = f"base_model.model.model.layers.{layer}.{module}"
        tensors[f"{prefix}.lora_A.default.weight"] = a
        tensors[f"{prefix}.lora_B.default.weight"] = b
    return {"rank": rank, "alpha": index["alpha"], "linears": sorted(set(linears)), "tensors": tensors}
