#!/usr/bin/env python3
"""Upgrades a running appliance: what is refused, what is taken, and the way back by itself from a version that does not serve.

usage: upgrade.py IMAGE.qcow2 BUNDLE.raucb CERT KEY        as root

IMAGE's keyring holds CERT. Of BUNDLE, which may be of the same version, are made: the next version, one after it whose gateway
does not start, one whose boot hangs, one that would treat requests otherwise, an older one, a truncated one, and one signed by a stranger.
Environment: ACCEL=kvm in place of software emulation, KEEP=1 keeps the logs.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import machine
import machine_api
import menu
from boot import SEED, wanted
from machine import Failed, say

GOOD, BROKEN, HANGING, OLDER, OTHER = "90.0.1", "90.0.2", "90.0.4", "0.0.1", "90.0.0"

# What a version says that would do otherwise; whether it sees anything of the machine but what it is given, it says too.
REHEARSES = """#!/bin/sh
[ "$1" = rehearse ] || exit 1
seen=$(id -un; ls /run/rehearsal; ls /sys/class/net; ls /var/lib/appliance /var/lib/penstock 2>&1)
printf '{"outcome": "different", "heads": 1, "routes": 1, "differing": 1, "differencesLeftOut": 0, "differences": [{"what": "%s", "heads": 1, "example": {"method": "GET", "url": "/"}}]}' "$(echo $seen | tr -d '"\\\\')"
exit 7
"""

# The wait has no end, before anything of the machine is there. In twenty minutes it would be left; nobody waits for that here.
HANGS = {
    "appliance-settings.service": "[Service]\nExecStartPre=/usr/bin/sleep infinity\n",
    "appliance-deadline.timer": "[Timer]\nOnBootSec=\nOnBootSec=90\n",
}


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: {done.stderr}{done.stdout}")
    return done.stdout


def bundles(work, bundle, cert, key):
    """A CD with all bundles."""
    place = Path(work) / "bundles"
    place.mkdir()
    image = Path(work) / "image"
    run("rauc", f"--keyring={cert}", "extract", bundle, image)
    root = Path(work) / "root"
    run("unsquashfs", "-no-progress", "-d", root, image / "root.img")
    stranger_key, stranger = Path(work) / "stranger.key", Path(work) / "stranger.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", stranger_key, "-out", stranger, "-subj", "/CN=Stranger", "-days", "2")

    def pack(name, version, file, by=(cert, key)):
        folder = Path(work) / f"{name}.content"
        folder.mkdir()
        os.link(file, folder / "root.img")
        (folder / "manifest.raucm").write_text(
            f"[update]\ncompatible=penstock-appliance-x86_64\nversion={version}\n\n[bundle]\nformat=verity\n\n[image.rootfs]\nfilename=root.img\n"
        )
        run("rauc", "bundle", f"--cert={by[0]}", f"--key={by[1]}", f"--keyring={by[0]}", folder, place / f"{name}.raucb")

    def root_of(version):
        (root / "usr/lib/penstock/VERSION").write_text(version + "\n")
        file = Path(work) / f"{version}.squashfs"
        run("mksquashfs", root, file, "-comp", "gzip", "-Xcompression-level", "1", "-b", "256K", "-noappend", "-no-progress", "-quiet")
        return file

    small = Path(work) / "small.img"
    small.write_bytes(os.urandom(4 << 20))
    pack("good", GOOD, root_of(GOOD))
    (root / "usr/lib/penstock/bin/penstock").write_text(REHEARSES)
    pack("other", OTHER, root_of(OTHER))
    (root / "usr/lib/penstock/bin/penstock").write_text("#!/bin/sh\necho 'this version is broken' >&2\nexit 1\n")
    pack("broken", BROKEN, root_of(BROKEN))
    for unit, text in HANGS.items():
        more = root / "usr/lib/systemd/system" / f"{unit}.d"
        more.mkdir(exist_ok=True)
        (more / "hangs.conf").write_text(text)
    pack("hanging", HANGING, root_of(HANGING))
    pack("older", OLDER, small)
    pack("stranger", "90.0.3", small, (stranger, stranger_key))
    whole = (place / "older.raucb").read_bytes()
    (place / "truncated.raucb").write_bytes(whole[: len(whole) - 100_000])
    shutil.rmtree(root)
    iso = Path(work) / "bundles.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-V", "BUNDLES", "-J", "-r", "-o", iso, place)
    return iso


def shell(vm, slot, version):
    """Waits for a slot and a version to be up and judged; then there is a shell."""
    vm.wait(rf"Penstock {re.escape(version)} in slot {slot}")
    vm.wait(r" 9 shell")
    vm.shell()
    vm.run("mkdir -p /run/b; mount -o ro /dev/disk/by-label/BUNDLES /run/b")


def upgrade(image, bundle, cert, key, work):
    version = re.search(r"Version:\s+'(\S+)'", run("rauc", f"--keyring={cert}", "info", bundle)).group(1)
    say("making bundles")
    iso = bundles(work, bundle, cert, key)
    begun = time.monotonic()
    disk = machine.overlay(work, "upgrade", image)
    with machine.Machine(work, "upgrade", "bios", disk, [machine.seed(work, "upgrade", SEED), iso], ports=(8080, 8443), memory=2048) as vm:
        shell(vm, "A", version)
        for name, reason in (
            ("stranger", "signature verification failed"),
            ("truncated", "invalid bundle format|signature verification failed"),
            ("older", "and .* is running"),
        ):
            wanted(f"the bundle {name}", vm.run(f"appliance upgrade /run/b/{name}.raucb 2>&1", status=1), f"(?i){reason}")
            say(f"refused: {name}")
        wanted("version one serves", vm.get(8080), "^up$")
        vm.run("systemctl is-active appliance-health || systemctl start appliance-health")
        api = machine_api.Api(vm, vm.run("appliance token"))
        stranger = machine_api.upgrade(api, Path(work) / "bundles/stranger.raucb")
        wanted("a stranger's bundle by the API", str(stranger), r"'state': 'refused'.*signature verification failed")
        other = machine_api.upgrade(api, Path(work) / "bundles/other.raucb")
        wanted("a bundle that would do otherwise", str(other), r"'state': 'refused'")
        seen = other["rehearsal"]["differences"][0]["what"]
        wanted("what a rehearsal sees of the machine", seen, r"^penstock data heads.json( lo)?( |$)")
        wanted("nothing of it stays", vm.run("mount | grep -c /run/appliance/rehearsal; systemctl is-active appliance-rehearsal; true"), r"^0\s+inactive")
        other = machine_api.upgrade(api, Path(work) / "bundles/other.raucb", "?allow_differences=true")
        wanted("the same, if it is meant", str(other), r"'state': 'installed'")
        say(f"a difference stops an upgrade, and does not if it is meant, after {time.monotonic() - begun:.0f} s")
        good = machine_api.upgrade(api, Path(work) / "bundles/good.raucb")
        wanted("the good bundle by the API", str(good), r"'state': 'installed'")
        say(f"rehearsed: {good['rehearsal']}")
        say(f"{GOOD} is installed, by the API, after {time.monotonic() - begun:.0f} s")
        vm.send("reboot\n")
        shell(vm, "B", GOOD)
        wanted("the good version serves, with what was configured", vm.get(8080), "^up$")
        vm.run("systemctl start appliance-health && journalctl -b -u appliance-health --no-pager -o cat | grep 'is healthy'")
        vm.run(f"test -d /var/lib/appliance/before/{version}")
        say(f"{GOOD} serves after {time.monotonic() - begun:.0f} s")
        vm.run("echo mine >/var/lib/penstock/mark; chown penstock /var/lib/penstock/mark; umount /run/b")
        menu.upgrade(vm, "stranger.raucb", "(?s)upgrade: .*signature verification failed")
        menu.upgrade(vm, "broken.raucb", f"Version {BROKEN} is installed")
        # The broken one comes up, is judged, and the machine goes back without a word from anybody.
        vm.wait(rf"Penstock {BROKEN} in slot A")
        say(f"{BROKEN} is up after {time.monotonic() - begun:.0f} s, and does not serve")
        shell(vm, "B", GOOD)
        wanted("the machine is back", vm.get(8080), "^up$")
        wanted("the failed slot is marked bad", vm.run("grub-editenv /efi/grub/grubenv list"), "A_OK=0")
        wanted("what it was upgraded from is back", vm.run("cat /var/lib/penstock/mark"), "^mine$")
        wanted("it was restored", vm.run("journalctl -b -u appliance-versions --no-pager -o cat"), "is back")
        wanted("no way to the bad slot", vm.run("appliance previous 2>&1", status=1), "holds no version that was good")
        vm.run("umount /run/b")
        menu.upgrade(vm, "hanging.raucb", f"Version {HANGING} is installed")
        say(f"{HANGING} boots after {time.monotonic() - begun:.0f} s, and hangs")
        shell(vm, "B", GOOD)
        wanted("the machine is back again", vm.get(8080), "^up$")
        wanted("the slot that hung is marked bad", vm.run("grub-editenv /efi/grub/grubenv list"), "A_OK=0")
        wanted("why", vm.run("journalctl -b -1 -u appliance-deadline --no-pager -o cat"), f"Penstock {re.escape(HANGING)} in slot A hangs")
        jobs = vm.run("systemctl start appliance-health && systemctl start appliance-deadline && systemctl list-jobs --no-pager")
        wanted("a version that is judged stays", jobs, "(?s)^(?!.*reboot)")
    say(f"passed after {time.monotonic() - begun:.0f} s")


def main(words):
    if len(words) != 4:
        sys.exit(__doc__)
    with machine.workplace("upgrade", rauc="rauc", mksquashfs="squashfs-tools") as work:
        upgrade(*words, work)


if __name__ == "__main__":
    main(sys.argv[1:])
