#!/usr/bin/env python3
"""Empties a running appliance by its console: configuration, keys and settings are gone, the machine comes up as a new one.

usage: reset.py IMAGE.qcow2
Environment: ACCEL=kvm in place of software emulation, KEEP=1 keeps the logs.
"""

import sys
import time
from pathlib import Path

import machine
from boot import SEED, wanted
from machine import Failed, say

KEYS = "cat /etc/machine-id /var/lib/appliance/ssh/ssh_host_ed25519_key.pub"


def reset(image, work):
    begun = time.monotonic()
    disk = machine.overlay(work, "reset", image)
    with machine.Machine(work, "reset", "bios", disk, [machine.seed(work, "reset", SEED)], ports=(8080,)) as vm:
        wanted("the configured gateway", vm.get(8080), "^up$")
        vm.wait(" 9 shell")
        vm.shell()
        before = vm.run(KEYS).split()
        vm.run("echo mine >/var/lib/penstock/mark")
        vm.send("exit\n")
        vm.wait(" 9 shell")
        vm.send("7\n")
        vm.wait('Type "factory reset" to do it: ')
        vm.send("reset\n")
        vm.wait("Not done")
        vm.send("7\n")
        vm.wait('Type "factory reset" to do it: ')
        vm.send("factory reset\n")
        vm.wait(r"Booting `Penstock, slot A'")
        vm.wait(r"Penstock \S+ in slot A")
        vm.wait(" 9 shell")
        vm.shell()
        after = vm.run(KEYS).split()
        if set(before) & set(after) - {"ssh-ed25519"}:
            raise Failed(f"keys are kept: {before} before, {after} after")
        vm.run("test ! -e /var/lib/penstock/mark")
        # The seed is still there: a new machine takes it anew.
        wanted("the new machine", vm.get(8080), "^up$")
        wanted("the reset is asked for once", vm.run("grub-editenv /efi/grub/grubenv list"), r"(?m)^factory_reset=$")
        wanted("the data partition", vm.run("df --output=size -BM /var | tail -1"), r"[67]\d{3}M")
    say(f"passed after {time.monotonic() - begun:.0f} s")


def main(words):
    if len(words) != 1 or not Path(words[0]).exists():
        sys.exit(__doc__)
    with machine.workplace("reset") as work:
        reset(words[0], work)


if __name__ == "__main__":
    main(sys.argv[1:])
