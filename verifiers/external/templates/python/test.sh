#!/bin/sh
# Holds the verifier against hone's conformance suite, over the three ways to reach it. HONE names the program when it is not on the PATH.
set -eu
cd "$(dirname "$0")"
. ./check.sh
check "command" command:./@NAME@.py
check "in process, through hone's plugin for commands" "plugin:$(dirname "$hone")/libhone_command.so" '{"command": "./@NAME@.py"}'
check_service command:./@NAME@.py
