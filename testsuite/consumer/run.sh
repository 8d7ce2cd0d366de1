#!/usr/bin/env bash
# Builds and runs one consumer project as a stranger would, in a temporary folder.
#   run.sh find_package|pkgconfig|fetchcontent SOURCE_DIR BUILD_DIR COMPILER [BUILD_TYPE [LAUNCHER]]
set -euo pipefail
kind=$1 source=$2 build=$3 compiler=$4 type=${5:-} launcher=${6:-}
here="$source/testsuite/consumer"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

configure() {
  cmake -S "$1" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE="$type" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${@:2}"
}

installTree() { cmake --install "$build" --prefix "$work/prefix" >/dev/null; }

# The installed copy must stand alone: nothing may point back into the tree it was built in.
mustNotMention() {  # mustNotMention FILE…
  local place
  for place in "$source/util" "$source/websocket" "$build"; do
    if grep -RnF -- "$place" "$@"; then echo "the installed copy refers to $place" >&2; exit 1; fi
  done
}

case "$kind" in
  find_package)
    installTree
    configure "$here/find_package" -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build "$work/build"
    mustNotMention "$work/build/compile_commands.json" "$work"/prefix/lib*/cmake
    ;;
  pkgconfig)
    installTree
    pc=$(dirname "$(find "$work/prefix" -name autobahn.pc)")
    mkdir "$work/build"
    PKG_CONFIG_PATH="$pc" make -C "$here/pkgconfig" CXX="$compiler" OUT="$work/build"
    mustNotMention "$pc"
    ;;
  fetchcontent)
    configure "$here/fetchcontent" -DAUTOBAHN_SOURCE_DIR="$source"
    cmake --build "$work/build" --target consumer  # and of the library what it uses
    if find "$work/build" -name '*_test' | grep .; then echo "the library's own tests were built" >&2; exit 1; fi
    ;;
  *) echo "unknown consumer: $kind" >&2; exit 2 ;;
esac
LD_LIBRARY_PATH="$work/prefix/lib" "$work/build/consumer"
