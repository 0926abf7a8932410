#!/usr/bin/env bash
# hone verify as others use it: many lines through a pipe, answered on all cores and written in their order; one line at a time by a program
# that waits for the answer; a reader that goes away.
source "$(dirname "$0")/lib.sh"

# Long and short ones by turns, right and wrong by turns, and a line in a hundred that is none.
awk 'BEGIN {
  for (i = 0; i < 20000; i++) long = long "x "
  for (i = 1; i <= 3000; i++) {
    if (i % 100 == 0) print "not JSON"
    else printf "{\"id\":%d,\"reference\":\"%d\",\"completion\":\"%s \\\\boxed{%d}\"}\n", i, i, (i % 7 ? "" : long), i + (i % 3 == 0)
  }
}' >"$WORK/lines"
expect_exit 0 "$HONE" verify --verifier math <"$WORK/lines"
awk '{
  wrong = NR % 100 == 0 ? "{\"error\":" : "{\"id\":" NR ",\"outcome\":\"score\",\"score\":" (NR % 3 ? "1.0" : "0.0") ","
  if (substr($0, 1, length(wrong)) != wrong) { print "line " NR ": " $0 " instead of " wrong; exit 1 }
} END { if (NR != 3000) { print NR " lines"; exit 1 } }' "$WORK/out" || fail "the answers are not those to the lines in their order"

# So many that are so short that reading and writing meet all the time.
seq 40000 | sed 's/.*/{"id":&,"reference":"a","completion":"a"}/' >"$WORK/lines"
for i in 1 2 3; do
  expect_exit 0 "$HONE" verify --verifier exact <"$WORK/lines"
  grep -o '^{"id":[0-9]*,"outcome":"score","score":1.0,' "$WORK/out" | cut -d, -f1 | cmp - <(seq 40000 | sed 's/^/{"id":/') || fail "lines were lost or doubled"
done

coproc VERIFY { "$HONE" verify --verifier math 2>"$WORK/err"; }
for i in 1 2 3; do
  printf '{"id":%d,"reference":"2","answer":"1+1"}\n' $i >&"${VERIFY[1]}"
  read -r -t 60 answer <&"${VERIFY[0]}" || fail "no answer to line $i while the next is not there"
  [[ $answer == "{\"id\":$i,"*'"score":1.0'* ]] || fail "line $i: $answer"
done
pid=$VERIFY_PID
exec {VERIFY[1]}>&-
wait "$pid" || fail "exit code $? at the end of the input"

# Code runs in as many sandboxes as there are cores; the order stays.
code=(--verifier code --params '{"language":"bash","format":"tests"}')
probe='"row":{"tests":[{"input":"","output":"1"}]}'
if "$HONE" verify "${code[@]}" <<<"{\"id\":1,\"completion\":\"echo 1\",$probe}" 2>"$WORK/err" | grep -q '"score":1.0'; then
  for i in 1 2 3 4 5 6 7 8; do
    printf '{"id":%d,"completion":"sleep 0.%d; echo %d",%s}\n' $i $(((9 - i) / 3)) $((i % 2)) "$probe"
  done >"$WORK/lines"
  expect_exit 0 "$HONE" verify "${code[@]}" <"$WORK/lines"
  [ "$(grep -o '"id":[0-9]*\|"score":[0-9.]*' "$WORK/out" | tr '\n' ' ')" = "$(for i in 1 2 3 4 5 6 7 8; do printf '"id":%d "score":%d.0 ' $i $((i % 2)); done)" ] ||
    { cat "$WORK/out"; fail "code: the answers are not those to the lines in their order"; }
else
  printf 'without code: %s\n' "$(tail -n 1 "$WORK/err")"
fi
