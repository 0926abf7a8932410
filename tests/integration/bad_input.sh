#!/usr/bin/env bash
# What a user can get wrong on the command line: exit code and message, and nothing left behind.
source "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/../.."

recipe=$WORK/bad.json
sed 's/"group_size"/"grup_size"/' recipes/tiny.json >"$recipe"
expect_exit 2 "$HONE" run "$recipe" --set "run.dir=$WORK/run"
expect_text "unknown field \"grup_size\"; did you mean \"group_size\"?" "$WORK/err"
grep -qE "bad.json:[0-9]+:[0-9]+: " "$WORK/err" || fail "no line and column"
expect_exit 2 "$HONE" run recipes/tinny.json
expect_text "tiny.json" "$WORK/err"
expect_exit 2 "$HONE" run recipes/tiny.json --set learner.lr=fast --set "run.dir=$WORK/run"
expect_text "--set learner.lr=fast" "$WORK/err"
expect_exit 2 "$HONE" run recipes/tiny.json --set learner.lr=-1 --set "run.dir=$WORK/run"
expect_exit 2 "$HONE" run recipes/tiny.json --set verifiers.0.verifier=exakt --set "run.dir=$WORK/run"
expect_text "exact" "$WORK/err"
expect_exit 2 "$HONE" trian
expect_exit 1 "$HONE" run recipes/quickstart.json --set "model.path=$WORK/nothing" --set "run.dir=$WORK/run"
expect_text "$WORK/nothing" "$WORK/err"
expect_exit 1 "$HONE" resume "$WORK/nothing"
[ ! -e "$WORK/run" ] || fail "a run folder was made"
expect_exit 0 "$HONE" run recipes/gsm8k.json --dry-run
expect_text "warning" "$WORK/err"

# Damaged files: what and where, exit 1.
cp -r tests/testdata/models/llama_tied "$WORK/model"
truncate -s -100 "$WORK/model/model.safetensors"
expect_exit 1 "$HONE" logprobs "$WORK/model" --dtype fp32
expect_text "model.safetensors" "$WORK/err"
cp -r tests/testdata/models/llama_tied "$WORK/foreign"
printf '{"model_type": "mamba9"}' >"$WORK/foreign/config.json"
expect_exit 1 "$HONE" logprobs "$WORK/foreign" --dtype fp32
expect_text "known: llama" "$WORK/err"
mkdir "$WORK/tokenizer"
printf '{"model": ' >"$WORK/tokenizer/tokenizer.json"
expect_exit 1 "$HONE" tokenize "$WORK/tokenizer"
expect_text "tokenizer.json" "$WORK/err"
mkdir -p "$WORK/damaged"
printf 'not a database' >"$WORK/damaged/run.db"
expect_exit 1 "$HONE" resume "$WORK/damaged"
expect_text "run.db" "$WORK/err"

# Bad lines get an error in their place, in order.
printf '%s\n' '{"tokens":[1,2,3]}' 'garbage' '{"tokens":[99999]}' '{}' '{"tokens":[5]}' |
  "$HONE" logprobs tests/testdata/models/llama_tied --dtype fp32 >"$WORK/out" 2>"$WORK/err"
[ "$(wc -l <"$WORK/out")" = 5 ] || fail "five lines in, not five out"
[ "$(grep -c '"error"' "$WORK/out")" = 3 ] || fail "three errors expected"
sed -n 2p "$WORK/out" | grep -q error || fail "the error is not in its place"

# What a machine lacks is named with its cure.
PATH=$WORK HONE_CACHE=$WORK expect_exit 0 "$(realpath "$HONE")" doctor
expect_text "apt-get install bubblewrap" "$WORK/out"
expect_text "scripts/setup fetches it" "$WORK/out"
expect_text "kernels, " "$WORK/out"

# A run that is going on: it is not disturbed, and the second process is told.
"$HONE" run recipes/tiny.json "${SMALL[@]}" --set run.steps=1000 --set "run.dir=$WORK/busy" >"$WORK/first" 2>&1 &
first=$!
wait_for_step "$WORK/busy" 1
expect_exit 1 "$HONE" resume "$WORK/busy"
expect_text "another process runs it" "$WORK/err"
"$HONE" status "$WORK/busy" >"$WORK/out"
if grep -q "not running" "$WORK/out"; then fail "the run that was there is disturbed"; fi
kill -INT $first
wait $first || true
