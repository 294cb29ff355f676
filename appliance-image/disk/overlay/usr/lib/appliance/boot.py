#!/usr/bin/python3
"""Runs at each boot before the network and the gateway: keys, seed, files below /etc."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

import changes
import pair
import settings

STATE = Path("/var/lib/appliance")
DATA = Path("/var/lib/penstock")
SEED_LABELS = ("cidata", "CIDATA")
SEED_BYTES_MAX = 16 << 20
GRUBENV = "/efi/grub/grubenv"


def main():
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A medium that cannot be read, or a full disk, keeps no configured gateway from serving.
    attempt("the seed", take_seed)
    attempt("the second copy of the settings", changes.Changes(STATE).keep_twice)
    render()
    attempt("the keys of ssh", keys)
    attempt("the machine id", keep_machine_id)


def attempt(what, step):
    """Does something without which the machine can start; what goes wrong is told."""
    try:
        step()
    except Exception as failed:  # noqa: BLE001  whatever it is, the rest has to be done
        print(f"appliance: {what}: {type(failed).__name__}: {failed}", file=sys.stderr)


class Loader(yaml.SafeLoader):
    """Takes no aliases: a few lines of them stand for more than fits into memory, or for what contains itself."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not taken in a seed", self.peek_event().start_mark)
        return super().compose_node(parent, index)


def parsed(text, name="seed"):
    """What a text of YAML says; yaml.YAMLError for whatever is wrong with it, without what stands there: it may be a key or a password."""
    try:
        return yaml.load(text, Loader)  # noqa: S506  it is a SafeLoader
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise yaml.YAMLError(f"{name}{place}: {wrong.problem or wrong.context}") from None
    except (ValueError, OverflowError, RecursionError) as odd:
        raise yaml.YAMLError(f"{name}: {type(odd).__name__}: {odd}") from None


def document_text(document):
    """A document as text; JSON is YAML. Dates are the text that they were."""
    try:
        return document if isinstance(document, str) else json.dumps(document, default=str)
    except (TypeError, ValueError) as odd:
        raise settings.Faults([(("appliance", "document"), "bad-value", str(odd))]) from None


def take_seed():
    """Reads the seed of a new instance; one that was taken is not taken again. What is wrong is told on the console."""
    parts = seed_parts()
    if parts is None:
        return
    problem = STATE / "seed-problem"
    try:
        meta, user, network = (parsed(parts[name], name) if parts[name] else None for name in parts)
        instance = (meta or {}).get("instance-id", "none")
        if not isinstance(instance, (str, int)):
            raise settings.Faults([(("meta-data", "instance-id"), "wrong-type", "wanted a text")])
        instance = str(instance)
        taken = STATE / "instance-id"
        if was_taken(taken, instance):
            return
        wanted, document = settings.from_seed(meta, user, network)
        document = None if document is None else document_text(document)
        shared = ((user or {}).get("appliance") or {}).get("pair")
        shared = None if shared is None else pair.check(shared)
        fleet = ((user or {}).get("appliance") or {}).get("fleet")
    except (yaml.YAMLError, settings.Faults, pair.Faults, AttributeError) as refused:
        problem.write_text(f"The seed is refused as a whole:\n{refused}\n")
        print(problem.read_text(), file=sys.stderr)
        return
    problem.unlink(missing_ok=True)
    changes.Changes(STATE).keep(wanted)
    pair.keep(shared, STATE / "pair.json")
    if fleet is None:
        (STATE / "fleet.json").unlink(missing_ok=True)
    else:
        keep(STATE / "fleet.json", json.dumps(fleet))
    if document is not None:
        keep(STATE / "first.yaml", document)
    keep(taken, instance)


def was_taken(taken, instance):
    """A seed replaces settings that the API has changed since: only one that is known for another one does, or where there are none."""
    if not taken.exists() or changes.Changes(STATE).are_lost():
        return False
    known = taken.read_bytes()
    if known == instance.encode():
        return True
    if known.strip(b"\0") and known.decode("utf-8", "replace").isprintable():
        return False
    print(f"appliance: {taken} cannot be read: the seed is taken for the one that was taken", file=sys.stderr)
    keep(taken, instance)
    return True


def seed_parts():
    """The texts of a seed's files by name, empty where one is missing; None without a seed."""
    device = next((path for label in SEED_LABELS if (path := Path("/dev/disk/by-label") / label).exists()), None)
    if device is None:
        return None
    with tempfile.TemporaryDirectory(dir="/run") as place:
        subprocess.run(["mount", "-o", "ro,nodev,nosuid,noexec", device, place], check=True)
        try:
            return {name: text(Path(place) / name) for name in ("meta-data", "user-data", "network-config")}
        finally:
            subprocess.run(["umount", place], check=True)


def text(path):
    """What stands in a file of the seed: not behind a link, which may lead anywhere, nor in a pipe, which would be waited for."""
    try:
        held = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    with open(held, "rb") as source:
        if not stat.S_ISREG(os.fstat(held).st_mode):
            raise OSError(f"{path.name} is no file")
        found = source.read(SEED_BYTES_MAX + 1)
    if len(found) > SEED_BYTES_MAX:
        raise OSError(f"{path.name} has more than {SEED_BYTES_MAX >> 20} MiB")
    return found.decode("utf-8", "replace")


def keep(path, said):
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(said)
        out.flush()
        os.fsync(out.fileno())
    part.rename(path)


def render():
    of = changes.Changes(STATE)
    if of.trouble():
        print(f"appliance: {of.trouble()}", file=sys.stderr)
    kept = of.render()
    attempt("the pair", lambda: pair.render(STATE / "pair.json"))
    subprocess.run(["hostname", kept["hostname"]], check=True)
    first = STATE / "first.yaml"
    arguments = Path("/etc/penstock/first.env")
    if first.exists() and not (DATA / "penstock.db").exists():
        shutil.copy(first, "/etc/penstock/first.yaml")
        shutil.chown("/etc/penstock/first.yaml", "root", "penstock")
        os.chmod("/etc/penstock/first.yaml", 0o640)
        arguments.write_text("PENSTOCK_FIRST_ARGS=--apply /etc/penstock/first.yaml\n")
    else:
        arguments.write_text("")


def keys():
    place = STATE / "ssh"
    place.mkdir(mode=0o700, exist_ok=True)
    key = place / "ssh_host_ed25519_key"
    if not key.exists():
        # Half a key would be found at each boot, and ssh would never start.
        part = place / "part"
        for left in (part, place / "part.pub"):
            left.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", part], check=True)
        os.sync()
        (place / "part.pub").rename(place / (key.name + ".pub"))
        part.rename(key)


def keep_machine_id():
    """The loader tells the kernel the machine id at the next boots: /etc is kept in memory only."""
    if "systemd.machine_id=" in Path("/proc/cmdline").read_text() or not Path(GRUBENV).exists():
        return
    machine = Path("/etc/machine-id").read_text().strip()
    if len(machine) == 32:
        subprocess.run(["grub-editenv", GRUBENV, "set", f"machine_id={machine}"], check=True)


if __name__ == "__main__":
    main()
