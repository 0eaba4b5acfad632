"""What a lease can start from: templates of ours, and other people's images by their digest.

The registry is Debian's docker-registry on 127.0.0.1; the images in it are made here, from Debian's
static busybox: no sshd, no libc, no accounts."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest
import signing
from conftest import ROOT, until
from stack import BIN

IMAGES = ROOT / "build/image"
TEMPLATES = ROOT / "images/templates"


def facts(name):
    return json.loads((IMAGES / "resident" / name / "image.json").read_text())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    """docker-registry on a port of its own, and the few ways to fill it."""

    def __init__(self, folder):
        self.folder = folder
        self.at = f"127.0.0.1:{free_port()}"
        config = folder / "registry.yml"
        config.write_text(f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {folder}"
                          f"/store\nhttp:\n  addr: {self.at}\nlog:\n  level: error\n")
        with open(folder / "registry.log", "w") as log:
            self.child = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log,
                                          stderr=log, stdin=subprocess.DEVNULL)
        until(self.answers, 20)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.at.split(":")[1]))) == 0

    def stop(self):
        self.child.terminate()
        self.child.wait(10)

    def tool(self, *words):
        return subprocess.run(list(map(str, words)), check=True, text=True, capture_output=True,
                              cwd=self.folder).stdout

    def push(self, name, rootfs, environment=()):
        """An image of one layer; how it is named with its digest."""
        layout = self.folder / f"{name}.oci"
        self.tool("umoci", "init", "--layout", layout)
        self.tool("umoci", "new", "--image", f"{layout}:latest")
        self.tool("umoci", "insert", "--image", f"{layout}:latest", rootfs, "/")
        for variable in environment:
            self.tool("umoci", "config", "--image", f"{layout}:latest", "--config.env", variable)
        self.tool("skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"oci:{layout}:latest",
                  f"docker://{self.at}/{name}:latest")
        digest = self.tool("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                           f"docker://{self.at}/{name}:latest").strip()
        return f"{self.at}/{name}@{digest}"

    def spoil(self, size_over):
        """Changes one byte of every stored blob that is larger, as a bad disk would."""
        for blob in self.folder.glob("store/**/blobs/**/data"):
            if blob.stat().st_size > size_over:
                data = bytearray(blob.read_bytes())
                data[len(data) // 2] ^= 1
                blob.write_bytes(data)


def busybox_root(folder, shell=True):
    root = folder / ("root" if shell else "bare")
    (root / "bin").mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    if shell:
        for name in ("sh", "ls", "cat", "env", "id", "wc", "sleep", "uname"):
            (root / "bin" / name).symlink_to("busybox")
    (root / "weights").write_bytes(os.urandom(3_000_000))
    return root


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    registry = Registry(tmp_path_factory.mktemp("registry"))
    yield registry
    registry.stop()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A folder of images of our own, so that what is pulled here is nobody else's."""
    folder = tmp_path_factory.mktemp("images", numbered=True)
    subprocess.run(["cp", "-al", f"{IMAGES}/.", str(folder)], check=True)
    return folder


def image(images, *words, code=0, state="none"):
    done = subprocess.run([str(BIN / "obelisk-host"), "image", *map(str, words), "--images",
                           str(images), "--state", str(images / state)], text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode == code, done
    return done


def folders(images):
    return {path.name for path in images.iterdir()} - {".pull.lock"}


def test_templates_are_built_offered_and_run(world):
    offer = world.get("/v1/offers")["offers"][0]
    listed = {one["template"]: one for one in offer["images"]}
    assert offer["images"][0]["template"] == "ssh", "who names none gets a shell"
    assert {"ssh", "jupyter", "pytorch"} <= set(listed)
    for name in ("ssh", "jupyter", "pytorch"):
        assert listed[name]["digest"] == facts(name)["digest"]
        assert listed[name]["size_bytes"] == facts(name)["size_bytes"]

    quote = world.cli("quote", "cpu", "--minutes", 10, "--disk", "2GB", "--ssh-key",
                      world.ssh_key(), "--template", "jupyter").json
    terms = json.loads(quote["terms"])
    assert (terms["image"], terms["template"]) == (facts("jupyter")["digest"], "jupyter")
    world.release_quotes()

    lease = rent(world, "--template", "jupyter")
    page = until(lambda: world.ssh(lease, "curl -s http://127.0.0.1:8888/api").stdout, 30)
    assert json.loads(page)["version"].startswith("6."), page
    assert "token=" in world.ssh(lease, "jupyter notebook list").stdout
    assert "8888" in world.ssh(lease, "cat /etc/motd").stdout
    world.cli("stop", lease, "--yes")

    lease = rent(world, "--image", facts("pytorch")["digest"])
    done = world.ssh(lease, "python3 -c 'import torch; print(torch.ones(3).sum().item())'")
    assert done.stdout == "3.0\n", done
    world.cli("stop", lease, "--yes")


def rent(world, *words, **options):
    world.release_quotes()
    return world.cli("rent", "cpu", "--minutes", 10, "--disk", "2GB", "--ssh-key", world.ssh_key(),
                     "--yes", *words, **options).json.get("lease")


def test_what_nobody_has_is_said_before_anything_is_signed(world):
    done = world.cli("rent", "cpu", "--minutes", 10, "--ssh-key", world.ssh_key(), "--yes",
                     "--template", "vllm", code=5)
    assert "No host that offers cpu has the template 'vllm'." in done.error["message"]
    assert "jupyter, pytorch, ssh" in done.error["action"]
    assert done.error["charged_lamports"] == "0"
    done = world.cli("quote", "cpu", "--minutes", 10, "--ssh-key", world.ssh_key(), "--image",
                     "sha256:" + "0" * 64, code=5)
    assert "image sha256:000000000000..." in done.error["message"]
    done = world.cli("rent", "cpu", "--minutes", 10, "--ssh-key", world.ssh_key(), "--yes",
                     "--image", "docker.io/library/busybox@sha256:" + "0" * 64, code=5)
    assert "or brings one" in done.error["message"]
    for wrong in (("--template", "../x"), ("--image", "debian:12")):
        world.cli("quote", "cpu", "--minutes", 10, "--ssh-key", world.ssh_key(), *wrong, code=2)


def test_offers_are_found_by_what_they_start_from(world):
    count = len(world.cli("offers").json["offers"])
    digest = facts("jupyter")["digest"]
    for query, found in ((f"image={digest}", count), ("template=jupyter", count),
                         ("template=jup*", count), ("template=vllm", 0),
                         ("template!=jupyter", 0), ("image=sha256:x*", 0)):
        offers = world.cli("offers", query).json["offers"]
        assert len(offers) == found, query


def test_a_recipe_is_no_image(tmp_path):
    for name, words in (("vllm", "obelisk-host image pull docker.io/vllm/vllm-openai@sha256:"),
                        ("autoresearch", "does not exist yet")):
        done = subprocess.run([str(ROOT / "images/build"), str(tmp_path), name], text=True,
                              capture_output=True, check=False)
        assert done.returncode == 8
        assert "is a recipe and no image yet" in done.stderr and words in done.stderr
    done = subprocess.run([str(ROOT / "images/build"), str(tmp_path), "nothing"], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 2 and "jupyter" in done.stderr


def test_an_image_without_sshd_is_pulled_by_digest_and_rented(make_world, registry, images,
                                                              tmp_path):
    reference = registry.push("busy", busybox_root(tmp_path), ["PATH=/opt/here:/bin", "MODEL=tiny",
                                                               "ODD=two\nlines"])
    world = make_world(start=False)
    cache = tmp_path / "models"
    cache.mkdir()
    (cache / "llama").write_text("weights\n")
    settings = tmp_path / "host.toml"
    settings.write_text(f'[caches]\nmodels = "{cache}"\n')
    world.start_chain()
    world.create_market()
    world.start_market()
    world.start_host(images=images, extra=["--config", settings])
    world.wait_offer()

    done = image(images, "pull", reference, "--json")
    pulled = json.loads(done.stdout.splitlines()[-1])
    digest = reference.split("@")[1]
    assert pulled["digest"] == digest and pulled["name"] == "oci-" + digest[7:31]
    assert pulled["loaded_bytes"] > 3_000_000 and pulled["size_bytes"] > 3_000_000
    assert "Loading" in done.stderr and "Unpacking" in done.stderr
    again = json.loads(image(images, "pull", reference, "--json").stdout)
    assert again["was_there"] and again["loaded_bytes"] == 0

    # The running host offers it by itself.
    until(lambda: any(one["digest"] == digest
                      for one in world.get("/v1/offers")["offers"][0]["images"]), 10)
    lease = rent(world, "--image", digest)
    done = world.ssh(lease, "echo $MODEL $PATH; id; ls -l /weights | wc -l; ls /etc")
    assert done.stdout.splitlines()[0] == "tiny /opt/here:/bin", done
    assert "uid=0(root)" in done.stdout and "passwd" in done.stdout
    assert world.ssh(lease, "cat /cache/models/llama").stdout == "weights\n"
    assert world.ssh(lease, "echo x > /cache/models/mine").returncode != 0
    assert world.ssh(lease, "echo x > /.obelisk/sshd").returncode != 0
    assert world.ssh(lease, "ls /.obelisk").stdout.split() == ["ld.so", "lib", "sshd", "tini"]

    # sftp is sshd's own: nothing of the image is needed for it.
    words = world.cli("ssh", lease, "--print").json["command"]
    (tmp_path / "up").write_text("carried\n")
    (tmp_path / "batch").write_text(f"put {tmp_path}/up /workspace/up\n")
    subprocess.run(["sftp", "-b", tmp_path / "batch", "-F", words[words.index("-F") + 1],
                    words[-1]], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    assert world.ssh(lease, "cat /workspace/up").stdout == "carried\n"

    state = pathlib.Path(world.hosts["host"].command[
        world.hosts["host"].command.index("--state") + 1])
    refused = image(images, "remove", pulled["name"], code=5, state=state)
    assert "A lease stands on the image" in refused.stderr
    world.cli("stop", lease, "--yes")
    until(lambda: not list((state / "containers").iterdir()), 20)
    image(images, "remove", pulled["name"], state=state)
    assert not (images / f"sha256-{digest[7:]}").exists()
    until(lambda: all(one["digest"] != digest
                      for one in world.get("/v1/offers")["offers"][0]["images"]), 10)


def test_what_a_template_runs_in_a_pulled_image(make_world, registry, images, tmp_path):
    reference = registry.push("served", busybox_root(tmp_path))
    template = tmp_path / "served.toml"
    template.write_text('title = "It writes a file"\nstart = """\n'
                        'echo "$WORD at $(id -u)" > started\nexec sleep 1000\n"""\n'
                        '[environment]\nWORD = "ready"\n')
    image(images, "pull", reference, "--template", template)
    listed = [json.loads(line) for line in image(images, "list", "--json").stdout.splitlines()]
    assert [one["title"] for one in listed if one["name"] == "served"] == ["It writes a file"]
    assert "served" in image(images, "list").stdout
    world = make_world(start=False)
    world.start_all(images=images)
    lease = rent(world, "--template", "served")
    done = world.ssh(lease, "cat /workspace/started; echo $WORD")
    assert done.stdout == "ready at 0\nready\n", done
    world.cli("stop", lease, "--yes")

    other = tmp_path / "other.toml"
    other.write_text('oci = "docker.io/somebody/else"\n')
    refused = image(images, "pull", reference, "--template", other, code=2)
    assert "is for images of docker.io/somebody/else" in refused.stderr


def test_a_registry_that_lies_leaves_nothing(registry, images, tmp_path):
    before = folders(images)
    good = registry.push("lies", busybox_root(tmp_path))
    repository = good.split("@")[0]
    for reference, code, words in (
            (f"{repository}:latest", 2, "by its digest, not by a tag"),
            ("busybox@sha256:" + "0" * 64, 2, "names no repository"),
            (f"{repository}@sha256:" + "0" * 64, 5, "no such image"),
            (f"127.0.0.1:{free_port()}/a@sha256:" + "0" * 64, 6, "did not give the image")):
        refused = image(images, "pull", reference, code=code)
        assert words in refused.stderr and "Charged: 0." in refused.stderr, refused
    registry.spoil(1_000_000)
    image(images, "pull", good, code=6)
    bare = registry.push("bare", busybox_root(tmp_path, shell=False))
    refused = image(images, "pull", bare, code=8)
    assert "no /bin/sh" in refused.stderr
    assert folders(images) == before


def test_a_pull_that_is_stopped_or_killed_leaves_nothing_for_long(registry, images, tmp_path):
    before = folders(images)
    root = busybox_root(tmp_path)
    (root / "large").write_bytes(os.urandom(80_000_000))
    reference = registry.push("large", root)
    for sent in (signal.SIGINT, signal.SIGKILL):
        child = subprocess.Popen([str(BIN / "obelisk-host"), "image", "pull", reference,
                                  "--images", str(images), "--state",
                                  str(images / "none")], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        until(lambda: any(name.startswith(".pulling") for name in folders(images)), 10)
        time.sleep(0.2)
        other = image(images, "pull", reference, code=5)
        assert "Another image is being pulled" in other.stderr
        child.send_signal(sent)
        said = child.communicate(timeout=30)[1]
        if sent == signal.SIGINT:
            assert child.returncode == 3 and "The pull was stopped." in said, said
            assert folders(images) == before
    image(images, "pull", reference)  # it sweeps what the killed one left
    assert not any(name.startswith(".pulling") for name in folders(images))


def ask(world, body):
    """POST /v1/pulls as the renter: (status, answer)."""
    url = world.endpoints["market"]
    header = signing.authorization(world.key("renter"), world.market_info["market"],
                                   ("POST", "/v1/pulls", url.split("//")[1],
                                    json.dumps(body).encode()))
    status, _, answer = signing.call(url + "/v1/pulls", "POST", body, Authorization=header)
    return status, answer


def bringing(world, images, registries, keep_gb=200):
    settings = world.state / "host.toml"
    settings.write_text(f"pull_max_gb = 2\npull_keep_gb = {keep_gb}\n"
                        f"pull_registries = {json.dumps(registries)}\n")
    world.start_host(images=images, extra=["--config", settings])
    world.wait_offer()


def test_a_renter_has_an_image_brought_before_anything_is_paid(make_world, registry, images,
                                                               tmp_path):
    reference = registry.push("mine", busybox_root(tmp_path))
    digest = reference.split("@")[1]
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    bringing(world, images, [registry.at], keep_gb=0)
    assert world.cli("offers", "pulls>=2GB").json["offers"]

    before = world.balances("renter")
    quote = world.cli("quote", "cpu", "--minutes", 10, "--disk", "2GB", "--ssh-key",
                      world.ssh_key(), "--image", reference)
    assert json.loads(quote.json["terms"])["image"] == digest
    assert world.balances("renter") == before, "the meter was off"
    world.release_quotes()
    lease = rent(world, "--image", reference)
    assert world.ssh(lease, "ls -l /weights | wc -l").stdout.strip() == "1"

    # As another client sees it: each step, and who may not ask.
    offer = world.get("/v1/offers")["offers"][0]["id"]
    other = registry.push("other", busybox_root(tmp_path / "b"))
    body = {"offer": offer, "reference": other}
    assert signing.call(world.endpoints["market"] + "/v1/pulls", "POST", body)[0] == 401
    status, pull = ask(world, body)
    assert status == 201 and pull["step"] == "asking" and pull["digest"] == other.split("@")[1]
    done = until(lambda: (now := world.get(f"/v1/pulls/{pull['pull']}"))["step"] == "ready" and now,
                 30)
    assert done["done_bytes"] > 3_000_000
    # Only so much is kept, and what was used longest ago goes, once no lease stands on it.
    assert (images / f"sha256-{digest[7:]}").exists()
    world.cli("stop", lease, "--yes")
    until(lambda: not (images / f"sha256-{digest[7:]}").exists(), 30)

    for reference, words in (
            (f"docker.io/library/busybox@sha256:{'1' * 64}", "brings nothing from"),
            (f"{registry.at}/mine@sha256:{'2' * 64}", "no such image")):
        refused = world.cli("rent", "cpu", "--minutes", 10, "--ssh-key", world.ssh_key(), "--yes",
                            "--image", reference, code=5)
        assert words in refused.error["message"], refused
        assert refused.error["charged_lamports"] == "0"
    assert ask(world, {"offer": offer, "reference": "busybox:latest"})[0] == 422
    assert ask(world, {"offer": "f" * 16, "reference": other})[0] == 404
