#!/usr/bin/env bash
# Code rewards with one failure of ours in ten: the reward rises, every injected failure is a masked sample and none a score of 0, and all
# verdicts can be made again from the ledger, equal. Then the same with verifier workers, one of which is killed.
source "$(dirname "$0")/lib.sh"

# Without a sandbox there is nothing to test.
if ! "$HONE" verify --verifier code --params '{"language":"bash","format":"tests"}' <<<'{"id":1,"completion":"echo 1","row":{"tests":[{"input":"","output":"1"}]}}' >"$WORK/probe" 2>&1 ||
  ! grep -q '"score":1.0' "$WORK/probe"; then
  printf 'skipped: no program runs in the sandbox here: %s\n' "$(tail -n 1 "$WORK/probe")"
  exit 77
fi

# tasks.jsonl: 1,200 tasks {"prompt": "sort:52301=>", "reference": a program that is right, "tests": what it must print}.
awk 'BEGIN {
  seed = 1
  for (row = 1; row <= 1200; row++) {
    digits = ""; split("", count)
    for (i = 0; i < 6; i++) { seed = (seed * 16807) % 2147483647; digit = int(seed / 7) % 10; digits = digits digit; count[digit]++ }
    sorted = ""
    for (digit = 0; digit < 10; digit++) for (i = 0; i < count[digit]; i++) sorted = sorted digit
    printf "{\"id\":\"task-%d\",\"prompt\":\"sort:%s=>\",\"reference\":\"echo %s\",\"tests\":[{\"input\":\"\",\"output\":\"%s\"}]}\n", row, digits, sorted, sorted
  }
}' >"$WORK/tasks.jsonl"

recipe=tests/integration/code_rewards.json
run=$WORK/run
start=$(date +%s)
expect_exit 0 "$HONE" run $recipe --set "run.dir=$run" --set "data.path=$WORK/tasks.jsonl"
printf 'trained in %d s\n' $(($(date +%s) - start))

# metric NAME: its values, one a step.
metric() { grep -oE "\"$1\":[-0-9.e+]+" "$run/metrics.jsonl" | sed 's/.*://'; }
metric reward/mean | awk '
  { reward[NR] = $1 }
  END {
    fifth = int(NR / 5)
    for (i = 1; i <= fifth; i++) { first += reward[i] / fifth; last += reward[NR + 1 - i] / fifth }
    printf "reward %.3f -> %.3f over %d steps\n", first, last, NR
    if (NR != 40 || last < first + 0.15) exit 1
  }' || fail "the reward did not rise by 0.15"

# One call in ten failed, for good since there is one attempt; each is an InfraError on record, and each is counted as masked.
total=$(query "$run" "select count(*) from trajectories")
failed=$(query "$run" "select count(*) from verdict_parts where label = 'runs' and part = '' and outcome = 'infra_error'")
scored=$(query "$run" "select count(*) from verdict_parts where label = 'runs' and part = '' and outcome = 'score'")
masked=$(metric samples/unscorable | awk '{ sum += $1 } END { printf "%d", sum }')
printf '%d samples: %d scored, %d failed on purpose, %d masked\n' "$total" "$scored" "$failed" "$masked"
[ $((failed * 100)) -gt $((total * 7)) ] && [ $((failed * 100)) -lt $((total * 13)) ] || fail "$failed of $total failed, not about a tenth"
[ "$((scored + failed))" = "$total" ] || fail "a sample is neither scored nor failed"
[ "$masked" = "$failed" ] || fail "$failed failures, but $masked masked samples"
[ "$(query "$run" "select count(*) from verdict_parts where outcome = 'infra_error' and value is not null")" = 0 ] || fail "a failure has a score"
# Nobody else made a 0 of one: the mean over scored samples alone gives the reward of each step.
query "$run" "select avg(v.value) from verdict_parts v join consumed c on c.group_number = v.group_number
  where v.part = '' and v.outcome = 'score' group by c.step order by c.step" >"$WORK/means"
metric reward/mean | paste - "$WORK/means" | awk '{ if (($1 - $2) ^ 2 > 1e-12) { print "step " NR ": reward " $1 ", scores " $2 > "/dev/stderr"; exit 1 } }' ||
  fail "a step's reward is not the mean of its scores"

# All verdicts again.
start=$(date +%s)
expect_exit 0 "$HONE" verify --rescore "$run" --json
printf 'made %d verdicts again in %d s\n' "$total" $(($(date +%s) - start))
expect_text "\"verdicts\":$total,\"equal\":$total,\"different\":0,\"recovered\":0,\"failed\":0,\"input_changed\":0" "$WORK/out"
# In worker processes, with attempts enough for the injected failures and for a worker that dies: nothing is masked.
run=$WORK/workers
"$HONE" run $recipe --set "run.dir=$run" --set "data.path=$WORK/tasks.jsonl" --set run.steps=8 --set data.prompts_per_step=8 \
  --set stages.warm_start.steps=80 --set actors.verifier_workers=2 --set verifiers.0.max_attempts=8 \
  --set 'reward.second={"of": "runs", "verifier": "exact", "share": 0.3}' >"$WORK/out" 2>"$WORK/err" &
pid=$!
wait_for_step "$run" 2
worker=$(pgrep -f -- "verifier --recipe $run/recipe.json --listen unix:.*verifier-0.sock" | head -n 1)
kill -KILL "$worker"
wait $pid || { cat "$WORK/out" "$WORK/err"; fail "the run with workers failed"; }
expect_text "verifier-0 ended by signal 9" "$WORK/err"
[ "$(query "$run" 'select count(*) from steps')" = 8 ] || fail "not 8 steps"
[ "$(query "$run" "select count(*) from verdict_parts where label = 'runs' and part = '' and outcome = 'score'")" = $((8 * 64)) ] || fail "a sample was not scored"
[ "$(metric samples/unscorable | awk '{ sum += $1 } END { printf "%d", sum }')" = 0 ] || fail "samples were masked"
[ "$(metric verify/retries | awk '{ sum += $1 } END { printf "%d", sum }')" -gt 20 ] || fail "the injected failures were not tried again"
expect_exit 0 "$HONE" verify --rescore "$run"
# The second checker's verdicts stand under a label of their own, and can be made again by it.
twice=$(query "$run" "select count(*) from verdict_parts where label = 'second/runs' and part = ''")
[ "$twice" -gt $((8 * 64 * 2 / 10)) ] && [ "$twice" -lt $((8 * 64 * 4 / 10)) ] || fail "$twice of $((8 * 64)) samples were judged twice, not about 0.3"
expect_exit 0 "$HONE" verify --rescore "$run" --verifier second/runs --json
expect_text "\"verdicts\":$twice,\"equal\":$twice,\"different\":0," "$WORK/out"
# The same programs as another language: the verdicts differ, and the label has to be one of the recipe's.
expect_exit 1 "$HONE" verify --rescore "$run" --verifier runs --params '{"language":"python","format":"tests"}' --json
expect_text '"comparison":"different"' "$WORK/out"
expect_exit 2 "$HONE" verify --rescore "$run" --verifier run
expect_text 'did you mean "runs"' "$WORK/err"
expect_exit 2 "$HONE" verify --rescore "$WORK/nothing"
! pgrep -f -- "--recipe $run/recipe.json" >/dev/null || fail "a verifier worker is left"
