#!/usr/bin/env python3
"""Convert a MiniLM sentence embedder (BERT with mean pooling) into GGUF, f16.

usage: convert_minilm.py OUT WEIGHTS --config FILE --vocabulary FILE --name NAME

Matrices are stored as f16, vectors, positions and token types as f32. The same input gives the same bytes.
Needs numpy, gguf and safetensors.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

SPECIAL = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
WORD_START = "\u2581"


def describe(out, config, name):
    """What the model is."""
    out.add_name(name)
    out.add_type("model")
    out.add_license("apache-2.0")
    out.add_block_count(config["num_hidden_layers"])
    out.add_context_length(config["max_position_embeddings"])
    out.add_embedding_length(config["hidden_size"])
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_head_count(config["num_attention_heads"])
    out.add_layer_norm_eps(config["layer_norm_eps"])
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.MEAN)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def describe_words(out, config, words):
    """Its vocabulary: BERT marks continuations with ##, GGUF marks beginnings with a lower block."""

    def spelled(word):
        if word in SPECIAL:
            return word
        return word[2:] if word.startswith("##") else WORD_START + word

    def kind(word):
        return gguf.TokenType.CONTROL if word in SPECIAL else gguf.TokenType.NORMAL

    out.add_token_type_count(config["type_vocab_size"])
    out.add_tokenizer_model("bert")
    out.add_tokenizer_pre("bert-bge")
    out.add_token_list([spelled(word) for word in words])
    out.add_token_types([kind(word) for word in words])
    out.add_unk_token_id(words.index("[UNK]"))
    out.add_sep_token_id(words.index("[SEP]"))
    out.add_pad_token_id(words.index("[PAD]"))
    out.add_mask_token_id(words.index("[MASK]"))
    out.add_bos_token_id(words.index("[CLS]"))
    out.add_eos_token_id(words.index("[SEP]"))


def add_tensors(out, config, tensors):
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
    for source, value in tensors.items():
        if source == "embeddings.position_ids" or source.startswith("pooler."):
            continue  # a constant, and a head that sentence embedding does not use
        name = names.get_name(source, try_suffixes=(".weight", ".bias"))
        if name is None:
            raise SystemExit(f"unknown tensor {source}")
        exact = value.ndim != 2 or name.startswith(("position_embd", "token_types"))
        out.add_tensor(name, value.astype(np.float32 if exact else np.float16))


def main():
    arguments = argparse.ArgumentParser(description="MiniLM to GGUF")
    arguments.add_argument("out")
    arguments.add_argument("weights")
    arguments.add_argument("--config", required=True)
    arguments.add_argument("--vocabulary", required=True)
    arguments.add_argument("--name", required=True)
    given = arguments.parse_args()
    config = json.loads(Path(given.config).read_text(encoding="utf-8"))
    words = Path(given.vocabulary).read_text(encoding="utf-8").split("\n")[: config["vocab_size"]]
    out = gguf.GGUFWriter(given.out, "bert")
    describe(out, config, given.name)
    describe_words(out, config, words)
    add_tensors(out, config, load_file(given.weights))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    main()
