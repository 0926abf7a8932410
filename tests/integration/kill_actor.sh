#!/usr/bin/env bash
# An actor killed with SIGKILL three times: the run ends well and every prompt of every step was trained on exactly once.
source "$(dirname "$0")/lib.sh"

run=$WORK/run
"$HONE" run recipes/tiny.json --set "run.dir=$run" "${SMALL[@]}" --set run.steps=40 >"$WORK/out" 2>"$WORK/err" &
pid=$!
# kill_actor: the one that is alive. Status shows the dead one until the next has registered.
last=
kill_actor() {
  local i actor
  for ((i = 0; i < 600; i++)); do
    actor=$("$HONE" status "$run" --json | grep -Eo '"name":"actor-0","pid":[0-9]+' | grep -Eo '[0-9]+$') || true
    if [ -n "$actor" ] && [ "$actor" != "$last" ] && kill -KILL "$actor" 2>/dev/null; then
      last=$actor
      return
    fi
    sleep 0.1
  done
  fail "no living actor in a minute"
}
for step in 3 8 14; do
  wait_for_step "$run" "$step"
  kill_actor
done
wait $pid || { cat "$WORK/out" "$WORK/err"; fail "the run failed"; }
[ "$(grep -c 'actor-0 ended by signal 9' "$WORK/err")" = 3 ] || fail "three deaths were not seen"
[ "$(query "$run" 'select count(*) from steps')" = 40 ] || fail "not 40 steps"
[ "$(query "$run" 'select count(*), count(distinct group_number), min(group_number), max(group_number) from consumed')" = '320|320|0|319' ] ||
  fail "the groups consumed are not 0..319, each once"
[ "$(query "$run" 'select count(*) from (select step, count(*) c from consumed group by step) where c != 8')" = 0 ] || fail "a step without its 8 prompts"
[ "$(query "$run" 'select count(*) from trajectories where group_number < 320')" = 2560 ] || fail "samples are missing or doubled"
