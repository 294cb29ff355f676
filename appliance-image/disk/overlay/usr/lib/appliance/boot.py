#!/usr/bin/python3
"""Runs at each boot before the network and the gateway: keys, seed, files below /etc."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

import changes
import settings

STATE = Path("/var/lib/appliance")
DATA = Path("/var/lib/penstock")
SEED_LABELS = ("cidata", "CIDATA")
SEED_BYTES_MAX = 16 << 20
GRUBENV = "/efi/grub/grubenv"


def main():
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    take_seed()
    render()
    keys()
    keep_machine_id()


def take_seed():
    """Reads the seed of a new instance; one that was taken is not taken again. What is wrong is told on the console."""
    parts = seed_parts()
    if parts is None:
        return
    problem = STATE / "seed-problem"
    try:
        meta, user, network = (yaml.safe_load(parts[name]) if parts[name] else None for name in parts)
        instance = str((meta or {}).get("instance-id", "none"))
        taken = STATE / "instance-id"
        if taken.exists() and taken.read_text() == instance:
            return
        wanted, document = settings.from_seed(meta, user, network)
    except (yaml.YAMLError, settings.Faults, AttributeError) as refused:
        problem.write_text(f"The seed is refused as a whole:\n{refused}\n")
        print(problem.read_text(), file=sys.stderr)
        return
    problem.unlink(missing_ok=True)
    changes.Changes(STATE).keep(wanted)
    if document is not None:
        # JSON is YAML.
        keep(STATE / "first.yaml", document if isinstance(document, str) else json.dumps(document))
    keep(taken, instance)


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
    if not path.exists():
        return ""
    with open(path, "rb") as source:
        return source.read(SEED_BYTES_MAX).decode("utf-8", "replace")


def keep(path, said):
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(said)
        out.flush()
        os.fsync(out.fileno())
    part.rename(path)


def render():
    kept = changes.Changes(STATE).render()
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
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)


def keep_machine_id():
    """The loader tells the kernel the machine id at the next boots: /etc is kept in memory only."""
    if "systemd.machine_id=" in Path("/proc/cmdline").read_text() or not Path(GRUBENV).exists():
        return
    machine = Path("/etc/machine-id").read_text().strip()
    if len(machine) == 32:
        subprocess.run(["grub-editenv", GRUBENV, "set", f"machine_id={machine}"], check=True)


if __name__ == "__main__":
    main()
