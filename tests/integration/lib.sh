# Shared by the integration tests; sourced. They run the real program, learner and actors as processes, on the tiny model.
#   $1  the program    $2  a folder of its own for this test
set -euo pipefail
HONE=$1
WORK=$2
rm -rf "$WORK"
mkdir -p "$WORK"
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
# expect_exit CODE COMMAND...: runs it, keeps its output in $WORK/out and $WORK/err.
expect_exit() {
  local want=$1 got=0
  shift
  "$@" >"$WORK/out" 2>"$WORK/err" || got=$?
  [ "$got" = "$want" ] || { cat "$WORK/out" "$WORK/err" >&2; fail "exit code $got, expected $want: $*"; }
}
# expect_text TEXT FILE
expect_text() { grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "no \"$1\" in $2"; }; }
# query RUN SQL
query() { sqlite3 "$1/run.db" "$2"; }
# Small enough to be over in seconds.
SMALL=(--set model.scratch.hidden_size=32 --set model.scratch.layers=2 --set model.scratch.intermediate_size=64 --set stages.warm_start.steps=20
       --set data.prompts_per_step=8 --set eval.prompts=0)
# wait_for_step RUN STEP: until the run has committed it, at most 60 s.
wait_for_step() {
  local i
  for ((i = 0; i < 600; i++)); do
    [ -f "$1/run.db" ] && [ "$(sqlite3 "$1/run.db" 'select coalesce(max(step),0) from steps' 2>/dev/null || echo 0)" -ge "$2" ] && return
    sleep 0.1
  done
  fail "$1 did not reach step $2"
}
