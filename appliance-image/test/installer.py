#!/usr/bin/env python3
"""Installs from the ISO onto an empty disk, by a seed and without a question, and starts what was installed.

usage: installer.py IMAGE.iso [bios|uefi|secureboot]
Environment: ACCEL=kvm in place of software emulation, KEEP=1 keeps the logs.
"""

import subprocess
import sys
import time
from pathlib import Path

import machine
from boot import SEED, wanted
from machine import say


def install(iso, firmware, work):
    begun = time.monotonic()
    disk = Path(work) / "disk.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "6G"], check=True)
    seed = machine.seed(work, "installer", SEED.replace("appliance:\n", "appliance:\n  install: {disk: /dev/vda}\n"))
    with machine.Machine(work, "installer", firmware, disk, [iso, seed]) as vm:
        vm.wait("The seed has Penstock installed on /dev/vda")
        vm.wait("Penstock is installed on /dev/vda")
        say(f"installed after {time.monotonic() - begun:.0f} s")
        vm.ended()
    with machine.Machine(work, "installed", firmware, disk, [seed], ports=(8080,)) as vm:
        vm.wait(r"Penstock \S+ in slot A")
        wanted("the installed system", vm.get(8080), "^up$")
    say(f"{firmware}: passed after {time.monotonic() - begun:.0f} s")


def main(words):
    if len(words) not in (1, 2) or not Path(words[0]).exists():
        sys.exit(__doc__)
    with machine.workplace("installer") as work:
        install(words[0], words[1] if len(words) == 2 else "bios", work)


if __name__ == "__main__":
    main(sys.argv[1:])
