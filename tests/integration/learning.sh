#!/usr/bin/env bash
# recipes/tiny.json as a newcomer runs it: the reward of the last fifth of the steps is 0.25 above that of the first fifth, learner and actor agree
# bit for bit at every step, and the run's checkpoint answers.
source "$(dirname "$0")/lib.sh"

start=$(date +%s)
expect_exit 0 "$HONE" run recipes/tiny.json --set "run.dir=$WORK/run"
seconds=$(($(date +%s) - start))
awk -F'[:,]' '
  {
    for (i = 1; i < NF; i++) {
      if ($i == "\"reward/mean\"") { reward[NR] = $(i + 1) }
      if ($i == "\"mismatch/logprob_max_abs\"") { if ($(i + 1) + 0 != 0) { print "mismatch at step " NR > "/dev/stderr"; exit 1 } seen++ }
    }
  }
  END {
    fifth = int(NR / 5)
    for (i = 1; i <= fifth; i++) { first += reward[i] / fifth; last += reward[NR + 1 - i] / fifth }
    printf "reward %.3f -> %.3f over %d steps, mismatch 0 at %d steps\n", first, last, NR, seen
    if (seen != NR || last < first + 0.25) exit 1
  }' "$WORK/run/metrics.jsonl" || fail "the reward did not rise by 0.25, or a step had a mismatch"
printf 'took %d s\n' "$seconds"
checkpoint=$(ls -d "$WORK"/run/checkpoints/step-* | tail -n 1)
echo '{"text":"sort:31425926=>"}' | "$HONE" generate "$checkpoint" --temperature 0 --max-new-tokens 12 >"$WORK/answer"
expect_text '"tokens":' "$WORK/answer"
expect_exit 2 "$HONE" run recipes/tiny.json --set "run.dir=$WORK/run"
expect_text "hone resume" "$WORK/err"
