# shellcheck shell=bash disable=SC2034 # the variables are for the suites
# What suites share; sourced by tests/NAME/run and tests/suites/NAME as their first act:
#   source "$(dirname "$0")/../suite.sh"
# Afterwards the current folder is the root of the sources. Standard output is for `ok` and `not ok` lines and goes to
# the log; standard error is for a person who waits.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Whose programs a suite runs (build/$preset/bin), how many things at a time, and whether it may take long.
preset=${XYLEM_PRESET:-release}
jobs=${XYLEM_JOBS:-$(nproc)}
full=${XYLEM_FULL:-0}

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp}

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; }

# configure PRESET: makes build/PRESET with its compile_commands.json.
configure() {
  mkdir -p build/logs
  cmake --preset "$1" >"build/logs/build-$1.log" 2>&1 || build_failed "$1"
}

# build PRESET [target…]: configures and compiles build/PRESET; ends the suite with the compiler's words when it fails.
build() {
  local name=$1 started=$SECONDS target targets=()
  shift
  for target; do targets+=(--target "$target"); done
  configure "$name"
  cmake --build "build/$name" -j "$jobs" "${targets[@]}" >>"build/logs/build-$name.log" 2>&1 || build_failed "$name"
  ((SECONDS - started < 3)) || echo "  built $name in $((SECONDS - started)) s" >&2
}

build_failed() {
  not_ok "build $1" "see build/logs/build-$1.log"
  grep -E -A12 'error:|CMake Error|^FAILED' "build/logs/build-$1.log" | grep -v "^/usr/bin/ccache " | head -n 60 |
    sed 's/^/    /'
  exit 1
}

# run_ctest PRESET LABELS-REGEX: every CTest program with such a label, each as one line with the number of its cases.
# A Catch2 program says how many it had; any other counts its own `ok` lines, or as one case.
run_ctest() {
  local wrapper=()
  # The thread sanitizer of g++ 12 cannot map its shadow memory under a kernel that randomizes more than 28 bits.
  if [[ $1 == tsan ]] && (($(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0) > 28)); then wrapper=(setarch -R); fi
  "${wrapper[@]}" ctest --test-dir "build/$1" -V -j "$jobs" -L "^($2)\$" --no-tests=error 2>&1 |
    awk -v preset="$1" -f tests/ctest.awk
}
