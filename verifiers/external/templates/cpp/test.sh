#!/bin/sh
# Builds the verifier and holds it against hone's conformance suite, over the three ways to reach it. HONE names the program when it is not on
# the PATH.
set -eu
cd "$(dirname "$0")"
. ./check.sh
cmake -S . -B build >/dev/null
cmake --build build
plugin=plugin:build/lib@NAME@.so
check "in process" "$plugin"
check "command" "command:'$hone' verifier-serve --stdio --verifier $plugin"
check_service "$plugin"
