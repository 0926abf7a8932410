#!/usr/bin/env python3
"""@NAME@: a verifier for hone, as a program.

Score 1 when the last line of the completion that is not empty is the reference, or one of the texts in the row's list "accept"; else 0.
"""

import hone_verifier

# Raise the version when the same input may score differently.
DESCRIPTION = {
    "name": "@NAME@",
    "version": 1,
    "range": [0, 1],
    "parts": ["exact"],
    "deterministic": True,
    "max_batch": 64,
    "params_schema": {
        "type": "object",
        "properties": {
            "ignore_case": {"type": "boolean", "default": False, "description": "letters of either case are equal"},
        },
    },
}


def judge(request, params):
    """One verdict. What the completion holds is chosen by a model that is paid for its score: any length, any bytes."""
    accepted = [request.reference] if request.reference else []
    row = request.row if isinstance(request.row, dict) else {}
    if isinstance(row.get("accept"), list):
        accepted += [text for text in row["accept"] if isinstance(text, str)]
    if not accepted:
        return hone_verifier.task_error("neither a reference nor a list \"accept\" in the row", reason="no_reference")

    lines = request.completion.strip(" \r\n").rsplit("\n", 1)
    answer = lines[-1].strip(" \r")
    for text in accepted:
        if answer == text:
            return hone_verifier.score(1, reason="correct", parts={"exact": 1})
        if params.get("ignore_case", False) and answer.lower() == text.lower():
            return hone_verifier.score(1, reason="correct", parts={"exact": 0})
    return hone_verifier.score(0, reason="wrong", parts={"exact": 0})


if __name__ == "__main__":
    hone_verifier.serve(DESCRIPTION, judge)
