"""Does a checkpoint of hone open in transformers, and do both decode the same greedy tokens from it in fp32?

    python same_tokens.py CHECKPOINT --hone build/release/hone

Ten word problems through the chat template; prints one JSON object a prompt and exits 1 when any tokens differ.
"""

import argparse
import json
import subprocess
import sys

import peer
import prompts
import torch


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("--hone", required=True)
    arguments.add_argument("--prompts", type=int, default=10)
    arguments.add_argument("--new-tokens", type=int, default=48)
    options = arguments.parse_args()
    peer.set_threads(0)
    tokenizer = peer.load_tokenizer(options.model)
    model = peer.load_model(options.model, "fp32").eval()
    stops = model.generation_config.eos_token_id
    stops = set(stops if isinstance(stops, list) else [stops])
    encoded = [tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True, return_dict=True)["input_ids"]
               for text, _ in prompts.word_problems(options.prompts, 7)]
    lines = "".join(json.dumps({"tokens": ids}) + "\n" for ids in encoded)
    command = [options.hone, "generate", options.model, "--dtype", "fp32", "--temperature", "0", "--max-new-tokens", str(options.new_tokens)]
    answers = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    equal = 0
    for ids, answer in zip(encoded, map(json.loads, answers), strict=True):
        with torch.inference_mode():
            out = model.generate(input_ids=torch.tensor([ids]), attention_mask=torch.ones((1, len(ids)), dtype=torch.long), do_sample=False,
                                 max_new_tokens=options.new_tokens, pad_token_id=0)[0, len(ids):].tolist()
        # transformers keeps the stop token, hone says it in finish_reason.
        strip = lambda tokens: tokens[:-1] if tokens and tokens[-1] in stops else tokens
        same = strip(out) == strip(answer["tokens"])
        equal += same
        peer.emit(same=same, tokens=len(out), text=answer["text"])
    peer.emit(equal=equal, of=len(encoded), **peer.versions())
    sys.exit(equal != len(encoded))


if __name__ == "__main__":
    main()
