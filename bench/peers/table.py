"""The table of bench/compare from its results.jsonl: `python table.py FILE`.

A rate is the best of all rounds; a step is the median of all rounds' steps. Bounds are of the machine as hone's bench measured it in the same
run: the larger of multiply-adds / GEMM rate and bytes / memory rate, best round.
"""

import json
import os
import re
import statistics
import sys

# SmolLM2-135M: matrix elements of the blocks, of the tied output, bytes of a token in a bf16 cache (30 layers, keys and values, 3 heads of 64).
BLOCKS, HEAD, CACHE_BYTES = 106_168_320, 28_311_552, 2 * 30 * 2 * 3 * 64


def machine(lines):
    info = open("/proc/cpuinfo", encoding="utf-8").read()
    name = re.search(r"model name\s*: (.*)", info)
    flags = set(re.search(r"flags\s*: (.*)", info)[1].split())
    known = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16"]
    loads = [line["load"] for line in lines]
    print(f"machine: {name[1] if name else '?'}, {len(os.sched_getaffinity(0))} cores; has {' '.join(f for f in known if f in flags)}; "
          f"lacks {' '.join(f for f in known if f not in flags)}")
    print(f"load average during the run: {min(loads):.1f} to {max(loads):.1f} (above {len(os.sched_getaffinity(0)) + 1}: something else was running, the figures say little)")
    versions = {k: line[k] for line in lines for k in ("torch", "transformers", "trl", "python") if k in line}
    print("peers: " + ", ".join(f"{k} {v}" for k, v in versions.items()))


def best(lines, **want):
    """The highest rate among lines with these values, over all rounds; None without one."""
    rates = [line["tokens_per_second"] for line in lines if all(line.get(k) == v for k, v in want.items())]
    return max(rates, default=None)


def show(rows):
    width = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        print("  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, width))))
        if number == 0:
            print("  " + "  ".join("-" * w for w in width))


def number(value):
    return "-" if value is None else f"{value:.3g}" if value < 10 else f"{value:.0f}"


def ratio(a, b):
    return "-" if a is None or not b else f"{a / b:.2f}x"


def rates(lines, bench, keys):
    """One row for each setting of hone's: its rate, the bound, the peer in bf16 and fp32 with hone's ratio to each."""
    rows = [["setting", "hone tokens/s", "bound", "of bound", "peer bf16", "ratio", "peer fp32", "ratio", "GEMM GFLOP/s", "memory GB/s"]]
    ours = [line for line in lines if line.get("bench") == bench and line["side"] == "hone"]
    for setting in dict.fromkeys(tuple(line[k] for k in keys) for line in ours):
        same = dict(zip(keys, setting), bench=bench)
        mine = best(ours, **same)
        line = max((l for l in ours if all(l[k] == v for k, v in same.items())), key=lambda l: l["tokens_per_second"])
        peer = {k: v for k, v in same.items() if k != "dtype"}
        theirs = [l for l in lines if l["side"] != "hone"]
        bf16, fp32 = best(theirs, dtype="bf16", **peer), best(theirs, dtype="fp32", **peer)
        rows.append([", ".join(f"{k} {v}" for k, v in zip(keys, setting)), number(mine), number(line["bound_tokens_per_second"]),
                     f"{100 * mine / line['bound_tokens_per_second']:.0f} %", number(bf16), ratio(mine, bf16), number(fp32), ratio(mine, fp32),
                     number(line["gemm_gflops"]), number(line["memory_gb_per_s"])])
    return rows


def step_bound(steps, prompt_tokens, machine_line):
    """Seconds of an average step that the machine needs at least: prefill and update by multiply-adds, decoding by the larger of both."""
    flops, memory = machine_line["gemm_gflops"] * 1e9, machine_line["memory_gb_per_s"] * 1e9
    mean = lambda key: statistics.mean(step[key] for step in steps)
    completion, rows, targets, samples = mean("tokens/completion"), mean("tokens/rows"), mean("tokens/trained"), mean("samples/total")
    decode_steps = completion / samples  # at least: the longest sample decides
    context = prompt_tokens + completion / 2  # rows of the cache that a decode step reads, prompts shared
    prefill = 2 * BLOCKS * prompt_tokens / flops
    decode = max(2 * (BLOCKS + HEAD) * completion / flops, decode_steps * (2 * (BLOCKS + HEAD) + context * CACHE_BYTES) / memory)
    return prefill + decode + 6 * (BLOCKS * rows + HEAD * targets) / flops


def grpo(lines):
    ours = [line for line in lines if line["side"] == "hone" and "seconds/step" in line]
    rows = [["side", "steps", "median s/step", "hone / side", "rollout s", "update s", "groups trained", "completion tokens", "peak GiB"]]
    mine = statistics.median(line["seconds/step"] for line in ours)
    memory = [line["peak_gib"] for line in lines if line["side"] == "hone" and "peak_gib" in line]
    median = lambda steps, key: statistics.median(step[key] for step in steps)
    share = statistics.mean(step["groups/trained"] / step["groups/total"] for step in ours)
    rows.append(["hone (learner and actor)", str(len(ours)), number(mine), "1.00x", number(median(ours, "seconds/rollout")),
                 number(median(ours, "seconds/update")), f"{100 * share:.0f} %", number(median(ours, "tokens/completion")),
                 number(max(memory, default=None))])
    groups = {}
    for line in lines:
        if line.get("bench") == "grpo":
            groups.setdefault((line["side"], line["dtype"]), []).append(line)
    for (side, dtype), steps in groups.items():
        theirs = median(steps, "seconds_step")
        loop = "seconds_rollout" in steps[0]
        trained = [s["groups_trained"] if loop else 1 - s["zero_variance"] for s in steps if loop or s.get("zero_variance") is not None]
        # TRL computes groups without variance too and reports the mean length of a completion.
        rows.append([f"{side} {dtype}", str(len(steps)), number(theirs), ratio(mine, theirs), number(median(steps, "seconds_rollout") if loop else None),
                     number(median(steps, "seconds_update") if loop else None), f"{100 * statistics.mean(trained):.0f} %" if trained else "-",
                     number(median(steps, "completion_tokens") if loop else None), number(max(s["peak_rss_gib"] for s in steps))])
    show(rows)
    bench = [line for line in lines if line["side"] == "hone" and "gemm_gflops" in line]
    prompt_tokens = [line["prompt_tokens"] for line in lines if line.get("bench") == "grpo" and "prompt_tokens" in line]
    if bench and prompt_tokens:
        fastest = {key: max(line[key] for line in bench) for key in ("gemm_gflops", "memory_gb_per_s")}
        bound = step_bound(ours, statistics.mean(prompt_tokens), fastest)
        mean = statistics.mean(line["seconds/step"] for line in ours)
        print(f"  bound of hone's mean step: {bound:.2f} s ({100 * bound / mean:.0f} % of {mean:.2f} s) at {fastest['gemm_gflops']:.0f} GFLOP/s and "
              f"{fastest['memory_gb_per_s']:.1f} GB/s")
    else:
        print("  bound: needs hone's bench of decode or learner in the same run")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    machine(lines)
    parts = {line.get("bench") for line in lines}
    if "decode" in parts:
        print("\ndecode, greedy, prefill included; ratio = hone / peer, higher is better")
        show(rates(lines, "decode", ("batch", "prompt_tokens", "new_tokens")))
    if "learner" in parts:
        print("\nforward + backward + AdamW, no shared prompts; ratio = hone / peer, higher is better")
        show(rates(lines, "learner", ("dtype", "sequences", "length")))
    if "grpo" in parts:
        print("\none GRPO step of the quickstart; hone / side is a share of time, lower is better")
        grpo(lines)


if __name__ == "__main__":
    main()
