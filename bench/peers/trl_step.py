"""Peer of a quickstart step: TRL's GRPOTrainer, 16 prompts x 8 samples, at most 24 new tokens, with the settings of recipes/quickstart.json.

bf16 is TRL's mixed precision on an fp32 model. Gradient checkpointing, on by default in TRL, is off: it costs time and is not needed here.

    python trl_step.py MODEL_FOLDER --steps 10
"""

import argparse
import statistics
import tempfile
import time

import peer
import prompts
import transformers
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer
from trl import __version__ as trl_version


class StepClock(transformers.TrainerCallback):
    """Prints one line a step. The step's clock runs from before its generation to after its optimizer."""

    def __init__(self, dtype):
        self.dtype, self.seconds, self.metrics = dtype, [], {}

    def on_step_begin(self, args, state, control, **kwargs):
        self.start = time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        self.seconds.append(time.perf_counter() - self.start)

    def on_log(self, args, state, control, logs=None, **kwargs):
        if not logs or "reward" not in logs:
            return
        peer.emit(peer="trl", bench="grpo", dtype=self.dtype, step=state.global_step, seconds_step=self.seconds[-1], reward=logs["reward"],
                  completion_tokens=logs.get("completions/mean_length"), zero_variance=logs.get("frac_reward_zero_std"),
                  peak_rss_gib=peer.peak_rss_gib())


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("--dtype", choices=peer.DTYPES, default="bf16")
    arguments.add_argument("--steps", type=int, default=10)
    arguments.add_argument("--prompts", default="", help="JSONL of {\"prompt\":..,\"reference\":..}; made here when left out")
    arguments.add_argument("--prompts-per-step", type=int, default=16)
    arguments.add_argument("--group-size", type=int, default=8)
    arguments.add_argument("--new-tokens", type=int, default=24)
    arguments.add_argument("--micro-batch", type=int, default=32, help="completions of one forward and backward pass")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=0, help="0: all cores")
    options = arguments.parse_args()
    peer.set_threads(options.threads)
    completions = options.prompts_per_step * options.group_size
    micro_batch = min(options.micro_batch, completions)
    if completions % micro_batch:
        raise SystemExit(f"--micro-batch {micro_batch} does not divide the {completions} completions of a step")

    rows = prompts.prompts(options.prompts, options.steps * options.prompts_per_step, options.seed)
    data = Dataset.from_list([{"prompt": [{"role": "user", "content": text}], "reference": reference} for text, reference in rows])

    def accuracy(completions, reference, **kwargs):
        return [prompts.reward(c[0]["content"], r) for c, r in zip(completions, reference)]

    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder, use_cpu=True, bf16=options.dtype == "bf16", seed=options.seed, max_steps=options.steps,
            num_generations=options.group_size, max_completion_length=options.new_tokens, temperature=1.0, top_p=1.0, top_k=0,
            per_device_train_batch_size=micro_batch, gradient_accumulation_steps=completions // micro_batch, gradient_checkpointing=False,
            beta=0.0, loss_type="dapo", scale_rewards="group", learning_rate=5e-5, adam_beta1=0.9, adam_beta2=0.99, weight_decay=0.0,
            max_grad_norm=1.0, warmup_steps=2, lr_scheduler_type="constant_with_warmup", shuffle_dataset=False, logging_steps=1,
            save_strategy="no", report_to="none", disable_tqdm=True, dataloader_pin_memory=False)
        clock = StepClock(options.dtype)
        trainer = GRPOTrainer(model=peer.load_model(options.model, "fp32"), reward_funcs=accuracy, args=config, train_dataset=data,
                              processing_class=peer.load_tokenizer(options.model), callbacks=[clock])
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    peer.emit(peer="trl", bench="grpo_summary", dtype=options.dtype, steps=len(clock.seconds), seconds_median=statistics.median(clock.seconds),
              peak_rss_gib=peer.peak_rss_gib(), trl=trl_version, **peer.versions())


if __name__ == "__main__":
    main()
