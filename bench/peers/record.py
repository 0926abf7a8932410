"""Appends the JSON lines of standard input to a file, each with the side, the round and the load of the machine at the end:
`python record.py SIDE ROUND FILE`. Fails when there is none."""

import json
import os
import sys


def main():
    side, number, path = sys.argv[1:]
    lines = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    with open(path, "a", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps({"side": side, "round": int(number), "load": os.getloadavg()[0], **line}) + "\n")
    sys.exit(0 if lines else f"record.py: {side} printed no figures")


if __name__ == "__main__":
    main()
