#!/bin/sh
# Holds the verifier against the test vectors and hone's conformance suite, over the three ways to reach it. HONE names the program when it is not
# on the PATH.
set -eu
cd "$(dirname "$0")"
. ./check.sh
LONG_TEXT=${LONG_TEXT:-1000000}  # the example's JSON parser is written in Perl itself: ten times that would take minutes
echo "== test vectors"
./@NAME@ <calls.jsonl | diff answers.jsonl -
check "command" command:./@NAME@
check "in process, through hone's plugin for commands" "plugin:$(dirname "$hone")/libhone_command.so" '{"command": "./@NAME@"}'
check_service command:./@NAME@
