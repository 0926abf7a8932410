#!/usr/bin/env bash
# The templates of `hone new-verifier` are written, built and pass the conformance suite, each over the three ways to reach a verifier.
source "$(dirname "$0")/lib.sh"
HONE=$(realpath "$HONE")
export HONE
export LONG_TEXT=1000000  # the unit tests send ten times that
for language in cpp python any; do
  case $language in
    cpp) needed=cmake ;;
    python) needed=python3 ;;
    any) needed=perl ;;
  esac
  command -v "$needed" >/dev/null || { echo "$language: skipped, there is no $needed"; continue; }
  expect_exit 0 "$HONE" new-verifier "my_$language" --language "$language" --folder "$WORK"
  expect_exit 0 sh "$WORK/my_$language/test.sh"
  # Three ways, each with all of its checks.
  [ "$(grep -c ' checks, 0 failed$' "$WORK/out")" = 3 ] || { cat "$WORK/out"; fail "$language: not all three ways passed"; }
done
expect_exit 2 "$HONE" new-verifier my_cpp --folder "$WORK"
expect_text "is there already" "$WORK/err"

# A wrong verdict is found by the test that comes with the template.
python=command:$WORK/my_python/my_python.py
sed -i 's/"score": 1, "parts"/"score": 0.5, "parts"/' "$WORK/my_python/samples.jsonl"
expect_exit 1 "$HONE" verifier-check "$python" --samples "$WORK/my_python/samples.jsonl"
expect_text "expected score 0.5, got score 1" "$WORK/out"

# The whole row reaches the plugin: "accept" is known only there.
echo '{"completion":"City of Light","reference":"Paris","row":{"accept":["City of Light"]}}' >"$WORK/in"
expect_exit 0 "$HONE" verify --verifier "$python" <"$WORK/in"
expect_text '"score":1' "$WORK/out"

# What cannot be used is refused at start, by name.
for uri in "plugin:$WORK/none.so" "command:$WORK/none" "grpc:nowhere"; do
  expect_exit 2 "$HONE" verify --verifier "$uri" </dev/null
  expect_text "verifier \"$uri\"" "$WORK/err"
done
expect_exit 2 "$HONE" verify --verifier "$python" --params '{"ignore_caes":true}' </dev/null
expect_text 'did you mean "ignore_case"?' "$WORK/err"
