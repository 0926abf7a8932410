"""Peer of `hone bench decode`: greedy `generate` of Hugging Face transformers on random prompts, prefill included.

    python hf_decode.py MODEL_FOLDER --dtype bf16 --batch 1,16,64,128
"""

import argparse

import peer
import torch


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("--dtype", choices=peer.DTYPES, default="bf16")
    arguments.add_argument("--batch", default="1,16,64,128")
    arguments.add_argument("--prompt-tokens", type=int, default=64)
    arguments.add_argument("--new-tokens", type=int, default=64)
    arguments.add_argument("--repeats", type=int, default=3, help="best of so many, after a short warm-up")
    arguments.add_argument("--threads", type=int, default=0, help="0: all cores")
    options = arguments.parse_args()
    peer.set_threads(options.threads)
    model = peer.load_model(options.model, options.dtype).eval()

    def generate(prompt, new_tokens):
        out = model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False, min_new_tokens=new_tokens,
                             max_new_tokens=new_tokens, pad_token_id=0)
        assert out.shape[1] == prompt.shape[1] + new_tokens, out.shape

    for batch in map(int, options.batch.split(",")):
        torch.manual_seed(batch)
        prompt = torch.randint(model.config.vocab_size, (batch, options.prompt_tokens))
        generate(prompt, 2)
        best = min(peer.seconds(lambda: generate(prompt, options.new_tokens)) for _ in range(options.repeats))
        peer.emit(peer="transformers generate", bench="decode", dtype=options.dtype, batch=batch, prompt_tokens=options.prompt_tokens,
                  new_tokens=options.new_tokens, tokens_per_second=batch * options.new_tokens / best, threads=torch.get_num_threads(),
                  peak_rss_gib=peer.peak_rss_gib(), **peer.versions())


if __name__ == "__main__":
    with torch.inference_mode():
        main()
