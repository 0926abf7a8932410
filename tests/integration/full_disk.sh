#!/usr/bin/env bash
# A disk that is full from the start, and one that fills up during a run: exit 1, what is full, the cure; what was written stays readable.
# The disks are small tmpfs mounts in a mount namespace of their own.
source "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/../.."

namespace=(unshare --mount)
[ "$(id -u)" = 0 ] || namespace=(unshare --map-root-user --mount)
if ! "${namespace[@]}" mount -t tmpfs none "$WORK" 2>/dev/null; then
  echo "SKIPPED: this machine allows no mount namespaces"
  exit 77
fi
# on_disk KIB COMMAND...: runs it with an empty disk of that size on $WORK/disk; afterwards its files lie in $WORK/kept.
mkdir "$WORK/disk" "$WORK/kept"
on_disk() {
  local kib=$1
  shift
  "${namespace[@]}" bash -c 'mount -t tmpfs -o "size=$1k" none "$2/disk" || exit 99; work=$2; shift 2; "$@"; code=$?; cp -r "$work/disk/." "$work/kept"; exit $code' \
    _ "$kib" "$WORK" "$@"
}

expect_exit 1 on_disk 64 "$HONE" run recipes/tiny.json "${SMALL[@]}" --set "run.dir=$WORK/disk/run"
expect_text "free some" "$WORK/err"

# Room for some steps, not for all.
expect_exit 1 on_disk 2048 "$HONE" run recipes/tiny.json "${SMALL[@]}" --set run.steps=100000 --set "run.dir=$WORK/disk/run"
grep -qE "free some disk space|disk is full" "$WORK/err" || { cat "$WORK/err" >&2; fail "no word about the disk"; }
if grep -q "given up" "$WORK/err"; then fail "the learner went on without its disk"; fi
[ "$(query "$WORK/kept/run" 'select count(*) from steps')" -gt 0 ] || fail "no step was committed before the disk was full"
"$HONE" status "$WORK/kept/run" >/dev/null || fail "the run cannot be read any more"
