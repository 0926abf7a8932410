#!/usr/bin/env bash
# Ctrl-C, then resume: the same last step with the same number of trained prompts, and the very same weights as a run that was never stopped;
# the same after the learner was killed between two checkpoints.
source "$(dirname "$0")/lib.sh"

steps=(--set run.steps=24 --set checkpoint.every_steps=5)
expect_exit 0 "$HONE" run recipes/tiny.json --set "run.dir=$WORK/whole" "${SMALL[@]}" "${steps[@]}"

"$HONE" run recipes/tiny.json --set "run.dir=$WORK/stopped" "${SMALL[@]}" "${steps[@]}" >"$WORK/out" 2>"$WORK/err" &
pid=$!
wait_for_step "$WORK/stopped" 7
kill -INT $pid
code=0
wait $pid || code=$?
[ $code = 3 ] || { cat "$WORK/out" "$WORK/err"; fail "exit code $code after Ctrl-C, expected 3"; }
expect_text "hone resume $WORK/stopped" "$WORK/out"
expect_exit 0 "$HONE" resume "$WORK/stopped"

"$HONE" run recipes/tiny.json --set "run.dir=$WORK/killed" "${SMALL[@]}" "${steps[@]}" >"$WORK/out" 2>"$WORK/err" &
pid=$!
wait_for_step "$WORK/killed" 13
pkill -KILL -f "learner $WORK/killed" || fail "no learner to kill"
code=0
wait $pid || code=$?
[ $code = 1 ] || fail "exit code $code after the learner's death, expected 1"
expect_exit 0 "$HONE" resume "$WORK/killed"

for run in stopped killed; do
  for sql in 'select max(step) from steps' 'select count(*) from consumed' 'select count(distinct group_number) from consumed'; do
    [ "$(query "$WORK/$run" "$sql")" = "$(query "$WORK/whole" "$sql")" ] || fail "$run differs from the whole run in: $sql"
  done
  cmp "$WORK/$run/checkpoints/step-24/model.safetensors" "$WORK/whole/checkpoints/step-24/model.safetensors" || fail "$run ended in other weights"
done
