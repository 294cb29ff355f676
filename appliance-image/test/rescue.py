#!/usr/bin/env python3
"""A machine whose data partition is broken: the menu that stands in for a start, another boot where nobody types, and the check that mends it.

usage: rescue.py IMAGE.qcow2
Environment: ACCEL=kvm in place of software emulation, KEEP=1 keeps the logs.
"""

import sys
import time
from pathlib import Path

import machine
from boot import SEED, wanted
from machine import say

MENU = r"c check the data partition and mend it\s+> $"
NOTES = "grub-editenv /efi/grub/grubenv list"


def rescue(image, work):
    begun = time.monotonic()
    disk = machine.overlay(work, "rescue", image)
    with machine.Machine(work, "rescue", "bios", disk, [machine.seed(work, "rescue", SEED)], ports=(8080,)) as vm:
        wanted("the configured gateway", vm.get(8080), "^up$")
        vm.wait(" 9 shell")
        vm.shell()
        vm.run("systemctl start appliance-health")
        version = vm.run("cat /usr/lib/penstock/VERSION")
        wanted("the loader knows of a healthy version", vm.run(NOTES), rf"(?m)^healthy={version} in slot A$")
        vm.run("echo mine >/var/lib/penstock/mark")
        say(f"serves after {time.monotonic() - begun:.0f} s")
        # The beginning of the file system, its root folder among it, as a disk might lose it.
        vm.run("sync; dd if=/dev/zero of=/dev/disk/by-partlabel/penstock-data bs=1M count=16 oflag=direct conv=notrunc 2>/dev/null")
        vm.send("echo b >/proc/sysrq-trigger\n")
        said = vm.wait(r"(?s)THE MACHINE DID NOT START.*?boots again in \d+ seconds.*?unless somebody types").group(0)
        wanted("what failed", said, r"systemd-fsck@|var\.mount")
        wanted("where it boots", said, "seconds, unless somebody types")
        vm.wait(MENU)
        say(f"the menu is there after {time.monotonic() - begun:.0f} s: {' '.join(said.split())}")
        vm.send("6\n")
        vm.wait('Type "previous" to do it: ')
        vm.send("previous\n")
        vm.wait("slot B holds no version that was good")
        vm.wait(MENU)
        # Nobody types.
        vm.wait("Nobody typed")
        vm.wait(r"Booting `Penstock, slot A'")
        vm.wait("THE MACHINE DID NOT START")
        vm.wait(MENU)
        say(f"it has booted again by itself, after {time.monotonic() - begun:.0f} s")
        vm.send("c\n")
        vm.wait('Type "check" to do it: ')
        vm.send("check\n")
        vm.wait("The partition can be mounted again: reboot")
        vm.wait(MENU)
        vm.send("4\n")
        vm.wait('Type "reboot" to do it: ')
        vm.send("reboot\n")
        wanted("the mended machine takes its seed anew", vm.get(8080), "^up$")
        vm.wait(" 9 shell")
        vm.shell()
        wanted("what the check found", vm.run("find /var/lost+found -name mark -exec cat {} +"), "^mine$")
        wanted("the loader's notes", vm.run(NOTES), rf"(?ms)^A_OK=1$.*^healthy={version} in slot A$")
    say(f"passed after {time.monotonic() - begun:.0f} s")


def main(words):
    if len(words) != 1 or not Path(words[0]).exists():
        sys.exit(__doc__)
    with machine.workplace("rescue") as work:
        rescue(words[0], work)


if __name__ == "__main__":
    main(sys.argv[1:])
