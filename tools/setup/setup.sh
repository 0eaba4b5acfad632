#!/usr/bin/env bash
# Brings a bare Debian 12 to where everything builds and runs: packages, Node, npm modules, the
# build, the lease image. What is done already is skipped, so calling it again is cheap.
#
#   tools/setup/setup.sh [--tests] [--quiet]     --tests also builds the unit tests
#
# Installing packages and making leases need root. Without it, sudo is asked for, saying what for.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
tests=no
quiet=no
for argument in "$@"; do
  case $argument in
    --tests) tests=yes ;;
    --quiet) quiet=yes ;;
    *) echo "setup.sh: unknown argument $argument" >&2; exit 2 ;;
  esac
done
mkdir -p build
log="$PWD/build/setup.log"
: >"$log"

say() { [[ $quiet == yes ]] || printf '%s\n' "$*" >&2; }
fail() {  # message, exit code
  printf '%s\nThe whole output: %s\nCharged: 0.\n' "$1" "build/setup.log" >&2
  exit "$2"
}
# How far the newest line of the log says it is: ninja's [n/m], or nothing.
progress() { tail -n 1 "$log" 2>/dev/null | grep -o '^\[[0-9]*/[0-9]*\]' || true; }
# step NAME COMMAND...: runs it, with one line for a person and everything else in the log.
step() {
  local name=$1 from=$SECONDS status=0
  shift
  say "$name ..."
  "$@" >>"$log" 2>&1 &
  local pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    if [[ $quiet == no && -t 2 ]]; then
      printf '\r\033[K  %s s %s' "$((SECONDS - from))" "$(progress)" >&2
    fi
    sleep 0.3
  done
  wait "$pid" || status=$?
  if [[ $quiet == no && -t 2 ]]; then printf '\r\033[K' >&2; fi
  if ((status != 0)); then
    tail -n 15 "$log" >&2
    fail "This step failed: $name." 8
  fi
  say "  $((SECONDS - from)) s"
}
as_root() {
  if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi
}

missing_packages() {
  local name lists=(tools/setup/packages.txt)
  if [[ $tests == yes ]]; then lists+=(tools/setup/packages-tests.txt); fi
  while read -r name _; do
    [[ -z $name || $name == \#* ]] && continue
    dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || echo "$name"
  done < <(cat "${lists[@]}")
  # Any npm will do: Debian's own, or one that came with a newer Node.
  command -v npm >/dev/null || printf 'nodejs\nnpm\n'
}
install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  # Debian's package would start a server on a port; the tests want the programs alone.
  local clusters=/etc/postgresql-common/createcluster.conf
  if [[ " $* " == *" postgresql"* && ! -e $clusters ]]; then
    as_root mkdir -p "${clusters%/*}"
    as_root tee "$clusters" >/dev/null <<<'create_main_cluster = false'
  fi
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

if [[ ! -r /etc/debian_version ]]; then
  fail "This is not Debian. OBELISK is built and tested on Debian 12." 8
fi
mapfile -t missing < <(missing_packages)
if ((${#missing[@]} > 0)); then
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "Root is needed to install ${#missing[@]} packages." 8
    say "sudo is needed to install ${#missing[@]} Debian packages: ${missing[*]}"
  fi
  step "Debian packages (${#missing[@]})" install_packages "${missing[@]}"
fi

node=$(tools/setup/node.sh 2>>"$log") || fail "Node 20.19 or newer could not be had." 8
export OBELISK_NODE=$node
export PATH="$(dirname "$node"):$PATH"
# modules NAME FOLDER [FLAG...]: what the folder's lock file names, once.
modules() {
  local name=$1 folder=$2
  shift 2
  if cmp -s "$folder/package-lock.json" "$folder/node_modules/.obelisk-lock" 2>/dev/null; then
    return 0
  fi
  step "npm modules ($name)" npm ci --prefix "$folder" "$@"
  cp "$folder/package-lock.json" "$folder/node_modules/.obelisk-lock"
}
modules "local network" localnet
modules "page" web --ignore-scripts
if [[ $tests == yes ]]; then modules "browser tests" tests/browser --ignore-scripts; fi

build() { cmake --preset "$1" && cmake --build --preset "$1"; }
step "build (release)" build release
if [[ $tests == yes ]]; then
  step "build (dev, sanitizers)" build dev
  step "build (g++, base and core)" build gcc-core
fi
images=(ssh)
if [[ $tests == yes ]]; then images+=(jupyter pytorch); fi
if ((EUID == 0)); then
  step "images for leases (once, 40 s each)" images/build build/image "${images[@]}"
elif [[ ! -e build/image/resident/ssh ]]; then
  say "sudo is needed to make it: its files belong to root."
  step "images for leases (once, 40 s each)" sudo images/build build/image "${images[@]}"
fi
