#!/usr/bin/env python3
"""Convert a Whisper model of CTranslate2 into the file whisper.cpp reads (ggml, f16).

usage: convert_whisper.py OUT WEIGHTS [WEIGHTS…] --vocabulary FILE

WEIGHTS are the parts of `model.bin` in order. Matrices are stored as f16, vectors and positions as f32;
quantised weights are multiplied out first. The same input gives the same bytes. Needs numpy.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np

GGML_MAGIC = 0x67676D6C
# Text tokens of every Whisper vocabulary; the special ones after them are numbered by whisper.cpp itself.
TEXT_TOKENS = 50257
# Element types of CTranslate2's binary format, version 4 and later.
ELEMENT = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class Reader:
    """A cursor over little-endian bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, code):
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize(code)
        return value

    def text(self):
        length = self.number("H")  # counts the closing zero byte
        value = self.data[self.at : self.at + length - 1].decode()
        self.at += length
        return value

    def array(self, kind, shape, size):
        if self.at + size > len(self.data):
            raise SystemExit("the weights are cut short: a part is missing")
        count = size // np.dtype(kind).itemsize
        value = np.frombuffer(self.data, kind, count, self.at).reshape(shape)
        self.at += size
        return value


class Weights:
    """The variables of a CTranslate2 Whisper model by name."""

    def __init__(self, paths):
        read = Reader(b"".join(Path(p).read_bytes() for p in paths))
        version, kind, _revision = read.number("I"), read.text(), read.number("I")
        if version < 4 or kind != "WhisperSpec":
            raise SystemExit(f"not a Whisper model of CTranslate2: {kind} version {version}")
        self.raw = {}
        for _ in range(read.number("I")):
            name = read.text()
            shape = [read.number("I") for _ in range(read.number("B"))]
            element, size = ELEMENT[read.number("B")], read.number("I")
            self.raw[name] = read.array(element, shape, size)
        for _ in range(read.number("I")):
            alias, name = read.text(), read.text()
            self.raw.setdefault(alias, self.raw[name])
        if read.at != len(read.data):
            raise SystemExit("the weights are followed by something else")

    def __call__(self, name):
        value = self.raw[name]
        if value.dtype in (np.int8, np.int16):
            scale = self.raw[name + "_scale"].astype(np.float32)
            value = value.astype(np.float32) / scale.reshape(-1, *[1] * (value.ndim - 1))
        return value.astype(np.float32)

    def shape(self, name):
        return self.raw[name].shape

    def layers(self, side):
        numbers = (name.split("/")[1] for name in self.raw if name.startswith(side + "/layer_"))
        return 1 + max(int(n[len("layer_") :]) for n in numbers if n[len("layer_") :].isdigit())


def mel_filters(bands, transform=400, rate=16000):
    """Slaney's mel filters, area-normalised, in the steps of arithmetic that give OpenAI's own table."""
    log_step = np.log(6.4) / 27  # above 1 kHz the scale is logarithmic

    def to_mel(hertz):
        return np.where(hertz >= 1000, 15 + np.log(np.maximum(hertz, 1e-9) / 1000) / log_step, hertz / (200 / 3))

    def to_hertz(mel):
        return np.where(mel >= 15, 1000 * np.exp(np.log(6.4) / 27 * (mel - 15)), mel * 200 / 3)

    bins = np.linspace(0, rate / 2, transform // 2 + 1)
    edges = to_hertz(np.linspace(to_mel(np.array(0.0)), to_mel(np.array(rate / 2)), bands + 2))
    widths = np.diff(edges)
    ramps = edges[:, None] - bins[None]
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    filters = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    filters *= (2 / (edges[2:] - edges[:-2]))[:, None]  # in place: stays f32, bit for bit
    return filters


def vocabulary(path):
    """The text tokens as bytes: undoes the printable alphabet GPT-2 writes bytes in."""
    text = Path(path).read_text(encoding="utf-8")
    tokens = json.loads(text) if str(path).endswith(".json") else text.split("\n")
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in plain}
    shifted = (byte for byte in range(256) if byte not in plain)
    letters.update({chr(256 + i): byte for i, byte in enumerate(shifted)})
    return [bytes(letters[letter] for letter in token) for token in tokens[:TEXT_TOKENS]]


def tensors(w):
    """The model's tensors under OpenAI's names, in the order of OpenAI's checkpoint."""
    width = w.shape("decoder/embeddings/weight")[1]

    def norm(name, source):
        yield name + ".weight", w(source + "/gamma")
        yield name + ".bias", w(source + "/beta")

    def linear(name, source):
        yield name + ".weight", w(source + "/weight")
        yield name + ".bias", w(source + "/bias")

    def split(name, source, parts):
        """One matrix that holds several projections below each other; the key projection has no bias."""
        weight, bias = w(source + "/weight"), w(source + "/bias")
        for i, part in enumerate(parts):
            rows = slice(i * width, (i + 1) * width)
            yield f"{name}.{part}.weight", weight[rows]
            if part != "key":
                yield f"{name}.{part}.bias", bias[rows]
            elif np.abs(bias[rows]).max() != 0:
                raise SystemExit("a key projection with a bias: not Whisper")

    yield "decoder.positional_embedding", w("decoder/position_encodings/encodings")
    yield "encoder.positional_embedding", w("encoder/position_encodings/encodings")
    yield "decoder.token_embedding.weight", w("decoder/embeddings/weight")
    for side in ("decoder", "encoder"):
        if side == "encoder":
            for conv in ("conv1", "conv2"):
                yield f"encoder.{conv}.weight", w(f"encoder/{conv}/weight")
                yield f"encoder.{conv}.bias", w(f"encoder/{conv}/bias").reshape(-1, 1)
        for i in range(w.layers(side)):
            name, source = f"{side}.blocks.{i}", f"{side}/layer_{i}"
            yield from norm(name + ".mlp_ln", source + "/ffn/layer_norm")
            yield from linear(name + ".mlp.0", source + "/ffn/linear_0")
            yield from linear(name + ".mlp.2", source + "/ffn/linear_1")
            yield from norm(name + ".attn_ln", source + "/self_attention/layer_norm")
            yield from split(name + ".attn", source + "/self_attention/linear_0", ("query", "key", "value"))
            yield from linear(name + ".attn.out", source + "/self_attention/linear_1")
            if side == "decoder":
                yield from norm(name + ".cross_attn_ln", source + "/attention/layer_norm")
                yield from linear(name + ".cross_attn.query", source + "/attention/linear_0")
                yield from split(name + ".cross_attn", source + "/attention/linear_1", ("key", "value"))
                yield from linear(name + ".cross_attn.out", source + "/attention/linear_2")
        yield from norm("decoder.ln" if side == "decoder" else "encoder.ln_post", side + "/layer_norm")


def write(out, w, words):
    words_in_model, width = w.shape("decoder/embeddings/weight")
    heads = int(w.raw["encoder/num_heads"])
    audio_context = w.shape("encoder/position_encodings/encodings")[0]
    text_context = w.shape("decoder/position_encodings/encodings")[0]
    bands = w.shape("encoder/conv1/weight")[1]
    audio = (audio_context, width, heads, w.layers("encoder"))
    text = (text_context, width, heads, w.layers("decoder"))
    with open(out, "wb") as file:
        file.write(struct.pack("<12i", GGML_MAGIC, words_in_model, *audio, *text, bands, 1))
        filters = mel_filters(bands)
        file.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        file.write(struct.pack("<i", len(words)))
        for word in words:
            file.write(struct.pack("<i", len(word)) + word)
        for name, value in tensors(w):
            exact = value.ndim < 2 or name.endswith("positional_embedding") or name.endswith(("conv1.bias", "conv2.bias"))
            data = np.ascontiguousarray(value.astype(np.float32 if exact else np.float16))
            label = name.encode()
            file.write(struct.pack("<3i", data.ndim, len(label), 0 if exact else 1))
            file.write(struct.pack(f"<{data.ndim}i", *reversed(data.shape)) + label + data.tobytes())


def main():
    arguments = argparse.ArgumentParser(description="CTranslate2 Whisper to ggml")
    arguments.add_argument("out")
    arguments.add_argument("weights", nargs="+")
    arguments.add_argument("--vocabulary", required=True)
    given = arguments.parse_args()
    write(given.out, Weights(given.weights), vocabulary(given.vocabulary))


if __name__ == "__main__":
    main()
