"""What every peer script shares: the machine's cores, the model as the Hugging Face libraries load it, AdamW with an fp32 master, JSON lines."""

import json
import os
import resource
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # models are folders on this disk
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
import transformers

DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


def cores():
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def set_threads(threads):
    """Compute threads; 0: all cores. Call before any work."""
    torch.set_num_threads(threads or cores())
    torch.set_num_interop_threads(1)
    transformers.logging.set_verbosity_error()


def load_model(folder, dtype):
    """The model of a Hugging Face folder, with PyTorch's fused attention."""
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=DTYPES[dtype], attn_implementation="sdpa")


def load_tokenizer(folder):
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer.padding_side = "left"
    return tokenizer


def emit(**fields):
    """One JSON object a line."""
    print(json.dumps(fields), flush=True)


def peak_rss_gib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def versions():
    return {"torch": torch.__version__, "transformers": transformers.__version__, "python": sys.version.split()[0]}


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class MasterAdamW:
    """Fused AdamW on an fp32 copy of the weights of a model that computes in bf16; on the weights themselves when the model is fp32."""

    def __init__(self, model, lr, betas, clip_norm):
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.shadow = self.parameters[0].dtype != torch.float32
        self.master = [p.detach().float().clone() for p in self.parameters] if self.shadow else self.parameters
        self.clip_norm = clip_norm
        self.optimizer = torch.optim.AdamW(self.master, lr=lr, betas=betas, weight_decay=0.0, fused=True)

    def step(self, lr):
        """One step with the gradients that the model holds; drops them and returns their norm."""
        if self.shadow:
            for master, parameter in zip(self.master, self.parameters):
                master.grad = parameter.grad.float()
                parameter.grad = None
        norm = torch.nn.utils.clip_grad_norm_(self.master, self.clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.shadow:
            with torch.no_grad():
                torch._foreach_copy_(self.parameters, self.master)
        return float(norm)
