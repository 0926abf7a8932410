"""The prompts of the GRPO peers, and how their completions are scored.

Word problems in the style of hone's generator `word_problems` (the 14 sentences of recipes/quickstart.json, operands to 10, factors to 6, the same ending, so the same lengths)
from another random generator: the texts are alike, not equal. --prompts FILE of the peers replaces them by a JSONL file's.

    python prompts.py --count 200 --seed 1        prints {"prompt":..,"reference":..}, one object a line
"""

import argparse
import json
import random
import re

ENDING = " Answer with just the number."
NAMES = "Tom Anna Ben Lucy Sam Mia Jack Emma Leo Sara Max Nina Paul Rosa Adam Lily Omar Kate Ivan Zoe".split()
OBJECTS = "apples books marbles pencils coins stickers cards cookies shells balls stamps oranges".split()
# n, m: people; o: things; a, b: the numbers. A difference is a - b with a > b, a quotient a / b without remainder.
TEMPLATES = [
    ("+", "{n} has {a} {o}. {n} gets {b} more. How many {o} does {n} have now?"),
    ("-", "{n} has {a} {o} and gives {b} of them to {m}. How many {o} does {n} have left?"),
    ("+", "{n} has {a} {o} and {m} has {b} {o}. How many {o} do they have together?"),
    ("*", "There are {a} boxes with {b} {o} in each box. How many {o} are there in all?"),
    ("/", "{n} shares {a} {o} equally among {b} friends. How many {o} does each friend get?"),
    ("-", "{n} is {a} years old and {m} is {b} years old. What is the difference between their ages in years?"),
    ("*", "{n} has {a} {o}. {m} has {b} times as many. How many {o} does {m} have?"),
    ("*", "One ticket costs {a} dollars. How many dollars do {b} tickets cost?"),
    ("*", "{n} reads {a} pages every day. How many pages does {n} read in {b} days?"),
    ("*", "{n} saves {a} dollars every week. How many dollars does {n} save in {b} weeks?"),
    ("*", "A garden has {a} rows with {b} plants in each row. How many plants are in the garden?"),
    ("+", "{n} has {a} {o}. {m} has {b} more than {n}. How many {o} does {m} have?"),
    ("+", "There are {a} people on a bus. At the next stop {b} more people get on. How many people are on the bus now?"),
    ("+", "{n} walks {a} miles in the morning and {b} miles in the evening. How many miles does {n} walk in all?"),
]
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")


def word_problems(count, seed):
    """`count` problems as (prompt, reference)."""
    chance = random.Random(seed)
    problems = []
    for _ in range(count):
        operation, text = chance.choice(TEMPLATES)
        largest = 6 if operation in "*/" else 10
        x, y = chance.randint(2, largest), chance.randint(2, largest)
        if operation == "-":
            x, y = max(x, y) + (x == y), min(x, y)
        answer = {"+": x + y, "-": x - y, "*": x * y, "/": x}[operation]
        a, b = (x * y, y) if operation == "/" else (x, y)
        n, m = chance.sample(NAMES, 2)
        problems.append((text.format(n=n, m=m, o=chance.choice(OBJECTS), a=a, b=b) + ENDING, str(answer)))
    return problems


def read_prompts(path):
    """All prompts of a JSONL file of {"prompt":..,"reference":..}."""
    with open(path, encoding="utf-8") as lines:
        return [(row["prompt"], str(row["reference"])) for row in map(json.loads, lines)]


def prompts(path, count, seed):
    """`count` prompts of the file, over again when it has fewer; made here when there is no file."""
    if not path:
        return word_problems(count, seed)
    known = read_prompts(path)
    if not known:
        raise SystemExit(path + ': has no prompts; write lines of {"prompt":..,"reference":..}')
    return [known[i % len(known)] for i in range(count)]


def reward(completion, reference):
    """1 when the last number of the completion is the reference, else 0."""
    numbers = NUMBER.findall(completion)
    return float(bool(numbers) and float(numbers[-1].replace(",", "")) == float(reference))


def main():
    arguments = argparse.ArgumentParser(description="word problems, one JSON object a line")
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    for prompt, reference in word_problems(options.count, options.seed):
        print(json.dumps({"prompt": prompt, "reference": reference}))


if __name__ == "__main__":
    main()
