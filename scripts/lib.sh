# Shared by the scripts of this folder; sourced, not run.

set -euo pipefail
HONE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Downloads are kept here, outside the build tree, and never fetched twice.
HONE_CACHE=${HONE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hone}
HONE_LIBTORCH=$HONE_CACHE/libtorch-2.11.0
HONE_MODEL=$HONE_CACHE/models/SmolLM2-135M-Instruct.Q4_1.gguf

say() { printf '%s\n' "hone: $*"; }
fail() { printf '%s\n' "hone: error: $*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this step needs root; run it as root or install sudo: $*"
  fi
}

# need_space FOLDER GIB WHAT: fails when the disk of FOLDER has less free.
need_space() {
  mkdir -p "$1"
  local free_kib
  free_kib=$(df -Pk "$1" | awk 'NR == 2 {print $4}')
  [ "$free_kib" -ge $(($2 * 1024 * 1024)) ] ||
    fail "$3 needs $2 GiB in $1, only $((free_kib / 1024 / 1024)) GiB are free; free some space, or set HONE_CACHE to another folder"
}
