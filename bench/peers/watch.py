"""Runs a command and reports the memory and time of it with all its children: `python watch.py OUT.json COMMAND ...`; exits as the command does.

Memory is the sum of the processes' proportional set sizes, so that pages which learner and actor share count once; sampled twice a second.
"""

import json
import subprocess
import sys
import time


def children(pid):
    found = [pid]
    for process in found:
        try:
            with open(f"/proc/{process}/task/{process}/children") as file:
                found += [int(child) for child in file.read().split()]
        except OSError:
            pass  # it has ended
    return found


def pss_kib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("Pss:")), 0)
    except (OSError, ValueError):
        return 0


def main():
    out, command = sys.argv[1], sys.argv[2:]
    start, peak = time.time(), 0
    process = subprocess.Popen(command)
    while process.poll() is None:
        peak = max(peak, sum(map(pss_kib, children(process.pid))))
        time.sleep(0.5)
    with open(out, "w") as file:
        json.dump({"peak_gib": peak / 2**20, "seconds": time.time() - start}, file)
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
