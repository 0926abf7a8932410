# Shared by test.sh: check WHAT URI [PARAMS] holds one way to reach the verifier against hone's conformance suite and samples.jsonl.
# LONG_TEXT: bytes of its long completions.
hone=${HONE:-hone}
hone=$(realpath "$(command -v "$hone")") || { echo "set HONE to the program hone" >&2; exit 2; }
check() {
  echo "== $1"
  "$hone" verifier-check "$2" --params "${3:-"{}"}" --samples samples.jsonl --long-text "${LONG_TEXT:-10000000}"
}

# check_service URI [PARAMS]: the verifier of that URI behind a socket.
check_service() {
  folder=$(mktemp -d)
  "$hone" verifier-serve --verifier "$1" --params "${2:-"{}"}" --listen "unix:$folder/socket" &
  server=$!
  trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
  check "gRPC" "grpc:unix:$folder/socket"
}
