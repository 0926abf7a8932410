"""hone's protocol for verifiers: one JSON object a line on stdin and stdout, log on stderr. Needs Python 3.8 and nothing else.

    def judge(request, params):
        return score(1.0 if request.reference in request.completion else 0.0)

    serve({"name": "contains", "version": 1}, judge)
"""

import base64
import json
import math
import os
import sys
import traceback


class Request:
    """One completion to judge. `completion_bytes` are its bytes as sampled; `completion` is their text, with U+FFFD for what is no UTF-8."""

    def __init__(self, fields):
        self.id = fields["id"]
        for name in ("prompt", "completion", "reference"):
            data, text = _text(fields, name)
            setattr(self, name, text)
            setattr(self, name + "_bytes", data)
        # The final answer when it has been extracted already, else None.
        self.answer = _text(fields, "answer")[1] if "answer" in fields or "answer_base64" in fields else None
        self.row = fields.get("row")  # the whole row of the data set
        self.group_id = fields.get("group_id", 0)
        self.sample_index = fields.get("sample_index", 0)
        self.seed = int(fields.get("seed", "0"))  # the only source of randomness
        self.num_tokens_completion = fields.get("num_tokens_completion")
        self.token_ids = fields.get("token_ids")
        self.finish_reason = fields.get("finish_reason")
        self.timeout_ms = fields.get("timeout_ms")


def score(value, reason="", parts=None, evidence=""):
    value = float(value)
    parts = {name: float(part) for name, part in (parts or {}).items()}
    if not all(math.isfinite(x) for x in [value, *parts.values()]):
        return infra_error("the score or a part is not finite", reason="not_finite")
    return {"outcome": "score", "score": value, "parts": parts, "reason": reason, "evidence": evidence}


def not_applicable(why, reason="not_applicable"):
    """Nothing to say about this sample."""
    return {"outcome": "not_applicable", "why": why, "reason": reason}


def task_error(why, reason="task_error"):
    """The task is broken."""
    return {"outcome": "task_error", "why": why, "reason": reason}


def infra_error(why, reason="infra_error", retryable=False):
    """The verifier failed; never a fact about the sample."""
    return {"outcome": "infra_error", "why": why, "reason": reason, "retryable": retryable}


def serve(description, judge, create=None):
    """Answers calls until stdin ends. create(params) may refuse the parameters with ValueError; what it returns goes to judge in their place."""
    # Only answers go to stdout: what else is printed, also by libraries in C, becomes log.
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    params = {}
    for line in sys.stdin.buffer:
        call = json.loads(line)
        if call["op"] == "describe":
            try:
                params = call.get("params", {})
                if create is not None:
                    params = create(params)
                _answer(out, {"id": call["id"], "description": description})
            except ValueError as error:
                _answer(out, {"id": call["id"], "error": str(error)})
        elif call["op"] == "verify":
            results = [_judge(fields, judge, params) for fields in call["requests"]]
            _answer(out, {"id": call["id"], "results": results})
        # "cancel": this program answers one call after the other, so there is nothing to cancel.


def _judge(fields, judge, params):
    try:
        result = judge(Request(fields), params)
    except Exception as error:  # a mistake of ours is not a fact about the sample
        traceback.print_exc(file=sys.stderr)
        result = infra_error(repr(error), reason="exception")
    return {"id": fields["id"], **result}


def _text(fields, name):
    if name + "_base64" in fields:
        data = base64.b64decode(fields[name + "_base64"])
        return data, data.decode("utf-8", "replace")
    text = fields.get(name) or ""
    return text.encode("utf-8", "surrogatepass"), text


def _answer(out, message):
    data = memoryview((json.dumps(message, allow_nan=False) + "\n").encode())
    while data:
        data = data[out.write(data):]
