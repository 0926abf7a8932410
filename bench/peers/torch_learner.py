"""Peer of `hone bench learner`: forward, backward and AdamW in PyTorch on sequences that share no prompt.

bf16: weights, activations and gradients in bf16, an fp32 master under fused AdamW. fp32: everything in fp32. Several micro-batch sizes are
tried, since the best differs between machines; the reader takes the best.

    python torch_learner.py MODEL_FOLDER --dtype bf16 --micro-batch 4,16
"""

import argparse

import peer
import torch


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("--dtype", choices=peer.DTYPES, default="bf16")
    arguments.add_argument("--sequences", type=int, default=16)
    arguments.add_argument("--length", type=int, default=128)
    arguments.add_argument("--micro-batch", default="4,16", help="sequences of one forward and backward pass")
    arguments.add_argument("--repeats", type=int, default=3, help="best of so many; a first step that allocates is not counted")
    arguments.add_argument("--threads", type=int, default=0, help="0: all cores")
    options = arguments.parse_args()
    peer.set_threads(options.threads)
    torch.manual_seed(1)
    model = peer.load_model(options.model, options.dtype).train()
    optimizer = peer.MasterAdamW(model, lr=1e-6, betas=(0.9, 0.99), clip_norm=1.0)
    # One token more than positions: every position predicts.
    tokens = torch.randint(model.config.vocab_size, (options.sequences, options.length + 1))

    def step(size):
        for part in tokens.split(size):
            logits = model(input_ids=part[:, :-1], use_cache=False).logits
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), part[:, 1:].flatten(), reduction="sum")
            (loss / (options.sequences * options.length)).backward()
        optimizer.step(1e-6)

    for size in map(int, options.micro_batch.split(",")):
        step(size)
        best = min(peer.seconds(lambda: step(size)) for _ in range(options.repeats))
        peer.emit(peer="pytorch", bench="learner", dtype=options.dtype, sequences=options.sequences, length=options.length, micro_batch=size,
                  tokens_per_second=options.sequences * options.length / best, threads=torch.get_num_threads(),
                  peak_rss_gib=peer.peak_rss_gib(), **peer.versions())


if __name__ == "__main__":
    main()
