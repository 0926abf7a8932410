"""Peer of a quickstart step: GRPO by hand in PyTorch, written to be as fast as a careful user makes it without kernels of their own.

  - Rollout: every prompt is prefilled once, its cache is repeated for the group's samples, finished sequences leave the batch.
  - Update: each group is one row, the prompt once and behind it all completions; a completion sees the prompt and itself (block mask), its
    positions go on from the prompt's. Logits are computed only where a completion token is predicted.
  - A group whose rewards are all equal has no gradient and is not computed; the token mean still counts its tokens (as hone does).
  - bf16: weights, activations and gradients in bf16 under an fp32 master; fp32: everything fp32.

    python grpo_loop.py MODEL_FOLDER --steps 10
"""

import argparse
import statistics
import time

import peer
import prompts
import torch
from transformers import DynamicCache


@torch.inference_mode()
def rollout(model, prompt_ids, samples, new_tokens, stop):
    """Samples `samples` completions of every prompt at temperature 1: a list of lists of token ids, group by group."""
    longest = max(map(len, prompt_ids))
    ids = torch.full((len(prompt_ids), longest), stop)
    seen = torch.zeros((len(prompt_ids), longest + new_tokens), dtype=torch.long)
    for row, prompt in enumerate(prompt_ids):  # padded on the left
        ids[row, longest - len(prompt):] = torch.tensor(prompt)
        seen[row, longest - len(prompt):] = 1  # the completion's columns too: a mask is always cut at the newest token
    cache = DynamicCache(config=model.config)
    positions = (seen.cumsum(1) - 1).clamp(min=0)
    logits = model(input_ids=ids, attention_mask=seen[:, :longest], position_ids=positions[:, :longest], past_key_values=cache,
                   logits_to_keep=1).logits[:, -1]
    cache.batch_repeat_interleave(samples)
    logits, seen, positions = (t.repeat_interleave(samples, 0) for t in (logits, seen, positions))
    completions = [[] for _ in range(len(seen))]
    owner = torch.arange(len(seen))  # the completion that a row of the batch belongs to
    for step in range(new_tokens):
        token = torch.multinomial(logits.float().softmax(-1), 1)
        for row, value in zip(owner.tolist(), token[:, 0].tolist()):
            completions[row].append(value)
        alive = (token[:, 0] != stop).nonzero()[:, 0]
        if step + 1 == new_tokens or len(alive) == 0:
            break
        if len(alive) < len(owner):
            cache.batch_select_indices(alive)
            token, seen, positions, owner = token[alive], seen[alive], positions[alive], owner[alive]
        end = longest + step + 1
        logits = model(input_ids=token, attention_mask=seen[:, :end], position_ids=positions[:, end - 1:end], past_key_values=cache,
                       logits_to_keep=1).logits[:, -1]
    return [completions[g * samples:(g + 1) * samples] for g in range(len(prompt_ids))]


def pack(groups):
    """Rows of (prompt, completions): ids, positions and block mask, and of every completion token its predictor, its id and its sample."""
    length = max(len(prompt) + sum(map(len, completions)) for prompt, completions in groups)
    ids = torch.zeros((len(groups), length), dtype=torch.long)
    positions = torch.zeros_like(ids)
    mask = torch.eye(length, dtype=torch.bool).repeat(len(groups), 1, 1, 1)  # padding sees itself, so no row of the mask is empty
    predictor, target, sample = [], [], []
    for row, (prompt, completions) in enumerate(groups):
        p = len(prompt)
        ids[row, :p] = torch.tensor(prompt)
        positions[row, :p] = torch.arange(p)
        mask[row, 0, :p, :p] = torch.ones(p, p).tril().bool()
        begin = p
        for index, completion in enumerate(completions):
            n = len(completion)
            ids[row, begin:begin + n] = torch.tensor(completion)
            positions[row, begin:begin + n] = torch.arange(p, p + n)
            mask[row, 0, begin:begin + n, :p] = True
            mask[row, 0, begin:begin + n, begin:begin + n] = torch.ones(n, n).tril().bool()
            predictor += [row * length + p - 1] + [row * length + i for i in range(begin, begin + n - 1)]
            target += completion
            sample += [(row, index)] * n
            begin += n
    return ids, positions, mask, torch.tensor(predictor), torch.tensor(target), sample


def update(model, optimizer, groups, advantages, num_tokens, groups_per_pass, lr):
    """One optimizer step; returns the gradient norm and the rows computed, padding included."""
    rows = 0
    order = sorted(range(len(groups)), key=lambda g: len(groups[g][0]) + sum(map(len, groups[g][1])))  # alike lengths pad little
    for begin in range(0, len(order), groups_per_pass):
        chosen = order[begin:begin + groups_per_pass]
        ids, positions, mask, predictor, target, sample = pack([groups[g] for g in chosen])
        advantage = torch.tensor([advantages[chosen[row]][index] for row, index in sample])
        hidden = model.model(input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False).last_hidden_state
        logits = model.lm_head(hidden.flatten(0, 1)[predictor]).float()
        logprob = -torch.nn.functional.cross_entropy(logits, target, reduction="none")
        # One update a step: the policy is the one that sampled, the ratio is 1 and only its gradient counts.
        loss = -(advantage * (logprob - logprob.detach()).exp()).sum() / num_tokens
        loss.backward()
        rows += ids.numel()
    return (optimizer.step(lr) if order else 0.0), rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("--dtype", choices=peer.DTYPES, default="bf16")
    arguments.add_argument("--steps", type=int, default=10)
    arguments.add_argument("--prompts", default="", help="JSONL of {\"prompt\":..,\"reference\":..}; made here when left out")
    arguments.add_argument("--prompts-per-step", type=int, default=16)
    arguments.add_argument("--group-size", type=int, default=8)
    arguments.add_argument("--new-tokens", type=int, default=24)
    arguments.add_argument("--groups-per-pass", type=int, default=4, help="groups of one forward and backward pass")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=0, help="0: all cores")
    options = arguments.parse_args()
    peer.set_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = peer.load_tokenizer(options.model)
    stop = tokenizer.eos_token_id
    model = peer.load_model(options.model, options.dtype).train()  # no dropout in it, so also the sampler
    optimizer = peer.MasterAdamW(model, lr=5e-5, betas=(0.9, 0.99), clip_norm=1.0)
    problems = prompts.prompts(options.prompts, options.steps * options.prompts_per_step, options.seed)
    encoded = [tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True, return_dict=True)["input_ids"]
               for text, _ in problems]

    all_seconds = []
    for step in range(1, options.steps + 1):
        place = slice((step - 1) * options.prompts_per_step, step * options.prompts_per_step)
        start = time.perf_counter()
        completions = rollout(model, encoded[place], options.group_size, options.new_tokens, stop)
        sampled = time.perf_counter()
        rewards = torch.tensor([[prompts.reward(text, reference) for text in tokenizer.batch_decode(group, skip_special_tokens=True)]
                                for group, (_, reference) in zip(completions, problems[place])])
        trained = [g for g in range(len(rewards)) if rewards[g].min() != rewards[g].max()]
        advantages = (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + 1e-6)
        num_tokens = sum(len(c) for group in completions for c in group)
        norm, rows = update(model, optimizer, [(encoded[place][g], completions[g]) for g in trained], [advantages[g].tolist() for g in trained],
                            num_tokens, options.groups_per_pass, 5e-5 * min(1, step / 2))
        end = time.perf_counter()
        all_seconds.append(end - start)
        peer.emit(peer="pytorch loop", bench="grpo", dtype=options.dtype, step=step, seconds_step=end - start, seconds_rollout=sampled - start,
                  seconds_update=end - sampled, groups_trained=len(trained) / len(rewards), reward=float(rewards.mean()), grad_norm=norm,
                  completion_tokens=num_tokens, prompt_tokens=sum(map(len, encoded[place])), rows=rows, peak_rss_gib=peer.peak_rss_gib())
    peer.emit(peer="pytorch loop", bench="grpo_summary", dtype=options.dtype, steps=len(all_seconds),
              seconds_median=statistics.median(all_seconds), peak_rss_gib=peer.peak_rss_gib(), **peer.versions())


if __name__ == "__main__":
    main()
