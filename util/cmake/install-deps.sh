#!/usr/bin/env bash
# Installs what the named groups of debian-packages.txt need and is not there yet.
#   install-deps.sh [--list] build test …        (no group: all of them)
set -euo pipefail

list="$(cd "$(dirname "$0")" && pwd)/debian-packages.txt"
listOnly=false
if [ "${1:-}" = --list ]; then listOnly=true; shift; fi
groups=("$@")

wanted() {  # wanted GROUP: is it one of those asked for?
  local group
  [ ${#groups[@]} -eq 0 ] && return 0
  for group in "${groups[@]}"; do [ "$group" = "$1" ] && return 0; done
  return 1
}

present() {  # present PACKAGE: installed, also as something that provides it
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
  echo "deps: this is not a Debian system; what is needed stands in $list" >&2
  exit 0
fi

missing=()
while read -r group package rest; do
  case "$group" in '' | '#'*) continue ;; esac
  wanted "$group" || continue
  if [[ "$rest" =~ command=([^[:space:]]+) ]] && command -v "${BASH_REMATCH[1]}" >/dev/null; then continue; fi
  present "$package" || [[ " ${missing[*]-} " == *" $package "* ]] || missing+=("$package")
done <"$list"

if $listOnly; then printf '%s\n' "${missing[@]-}"; exit 0; fi
[ ${#missing[@]} -eq 0 ] && exit 0

asRoot=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "deps: missing packages, and neither root nor sudo to install them. Have somebody run:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
  asRoot=(sudo)
fi

apt() { "${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends "$@" </dev/null; }

echo "deps: installing ${missing[*]}"
# The index is fetched only when the one at hand cannot serve the request.
apt -q install "${missing[@]}" || { apt -q update && apt -q install "${missing[@]}"; } || {
  # One package that cannot be had must not keep the others away: interop peers are optional outside CI.
  failed=()
  for package in "${missing[@]}"; do apt -q install "$package" || failed+=("$package"); done
  if [ ${#failed[@]} -gt 0 ]; then
    echo "deps: COULD NOT INSTALL: ${failed[*]}" >&2
    while read -r group package _; do
      case "$group" in build | lint | docs | bench) ;; *) continue ;; esac
      wanted "$group" || continue
      [[ " ${failed[*]} " == *" $package "* ]] && exit 1
    done <"$list"
    [ "${CI:-}" = true ] && exit 1
    echo "deps: going on without; the tests that need them will be skipped" >&2
  fi
}
