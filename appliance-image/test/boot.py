#!/usr/bin/env python3
"""Boots the disk image and looks at everything that a first boot has to do.

usage: boot.py IMAGE.qcow2 [bios] [uefi] [secureboot]      (all three without a word)
Environment: ACCEL=kvm in place of software emulation, KEEP=1 keeps the logs.
"""

import re
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import machine
import machine_api
import menu
from machine import Failed, say

SEED = """#cloud-config
hostname: gate-one
ssh_authorized_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMtvVmBYgcMsWVgZ0uMJR8EgUXaF2fIUlLJYyMR4eF0k test"]
appliance:
  console: {shell: true, serialToken: true}
  document:
    apiVersion: penstock/v1
    listeners: [{name: web, address: "0.0.0.0:8080", protocol: http}]
    routes: [{name: plain, matches: [{path: {type: prefix, value: /}}], respond: {body: up}}]
"""


# What the kernel calls the only interface of a test machine, by its place on the bus.
LINK = "enp0s16"


def wanted(what, seen, pattern):
    if not re.search(pattern, seen):
        raise Failed(f"{what}: found {seen!r}, wanted {pattern}")


def journal(vm):
    """The end of what the gateway said, for whoever has to find out; the shell may be gone."""
    try:
        return vm.run("journalctl -b -u penstock -o short-monotonic --no-pager | tail -80", seconds=60, status=None)
    except (Failed, OSError) as gone:
        return f"(nothing: {gone})"


def walk(vm, firmware, stick, begun, by_bgp):
    first = vm.get(8080)
    wanted("the listener of the seed's document", first, "^up$")
    say(f"{firmware}: serves {time.monotonic() - begun:.0f} s after power on")
    vm.wait(r" 9 shell\s+> $")
    vm.status(r"in slot A(?s:.*)gateway: +active(?s:.*)fingerprint: [0-9A-F:]{95}")
    vm.send("2\n")
    vm.wait(r"pst_setup_\S+")
    vm.wait(r"> $")
    vm.shell()
    state = vm.run("systemctl is-system-running --wait", status=None)
    wanted("failed units", vm.run("systemctl --failed --no-legend --plain | cat"), "^$")
    wanted("state", state, "running")
    wanted("health", vm.run("journalctl -b -u appliance-health --no-pager -o cat"), "is healthy")
    wanted("host name", vm.run("hostname"), "^gate-one$")
    wanted("slot marked good", vm.run("grub-editenv /efi/grub/grubenv list"), "A_TRY=0")
    wanted("root", vm.run("findmnt -no OPTIONS,FSTYPE /"), r"^ro\b.*squashfs")
    wanted("root cannot be written", vm.run("touch /usr/x 2>&1", status=1), "Read-only")
    wanted("data partition", vm.run("df --output=size -BM /var | tail -1"), r"[67]\d{3}M")
    wanted("exposure", vm.run("systemd-analyze security penstock --no-pager | tail -1"), r"exposure level for penstock.service: (1\.\d|2\.0) ")
    wanted("sysctl", vm.run("sysctl -n net.core.somaxconn net.ipv4.tcp_congestion_control | tr '\\n' ' '"), "65535 bbr")
    wanted("passwords", vm.run("grep -c -v '^[^:]*:[!*]' /etc/shadow", status=1), "^0$")
    wanted("watchdog of the unit", vm.run("systemctl show penstock -p WatchdogUSec -p User -p Type"), "(?s)Type=notify.*WatchdogUSec=[1-9]")
    wanted("io_uring", vm.run("journalctl -b -u penstock -o cat --no-pager | grep ^ready"), "workers on ")
    say(f"{firmware}: " + vm.run("journalctl -b -u penstock -o cat --no-pager | grep ^ready"))
    if firmware == "secureboot":
        wanted("Secure Boot", vm.run("od -An -t u1 /sys/firmware/efi/efivars/SecureBoot-* | tr -s ' '"), r"1$")
    # The firewall: the gateway's listeners and ssh, and nothing else.
    vm.run("(python3 -m http.server 9999 >/dev/null 2>&1 &)")
    vm.run("for i in $(seq 100); do (exec 3<>/dev/tcp/127.0.0.1/9999) 2>/dev/null && break; sleep 0.1; done")
    if not vm.is_open(22) or vm.is_open(9999):
        raise Failed(f"firewall: ssh open {vm.is_open(22)}, wanted true; a stranger's port open {vm.is_open(9999)}, wanted false")
    context = ssl._create_unverified_context()
    try:
        urllib.request.urlopen(f"https://127.0.0.1:{vm.ports[8443]}/v1/node", timeout=10, context=context)
        raise Failed("the admin API answers without a token")
    except urllib.error.HTTPError as refused:
        wanted("admin API", str(refused.code), "401")
    wanted("reload", vm.run("systemctl reload penstock && systemctl is-active penstock"), "^active$")
    wanted("the firewall after a reload", vm.get(8080), "^up$")
    if by_bgp:
        menu.bgp(vm)
    machine_id = vm.run("cat /etc/machine-id")
    token = vm.run("appliance token")
    vm.run("cat /sys/class/watchdog/watchdog0/state /etc/os-release | head -2")
    vm.send("reboot\n")
    vm.wait(r"Penstock \S+ in slot A")
    wanted("the second boot", vm.get(8080), "^up$")
    vm.status(r"gateway: +active")
    vm.shell()
    wanted("the same machine id", vm.run("cat /etc/machine-id"), f"^{machine_id}$")
    wanted("the same token", vm.run("appliance token"), f"^{re.escape(token)}$")
    if firmware == "bios":
        machine_api.settings(machine_api.Api(vm, token))
        menu.vrrp(vm)
        vm.menu()
        menu.support_bundle(vm, stick)
        menu.new_token(vm)
        menu.address(vm)
        vm.send("5\n")
        vm.wait('Type "power off" to do it: ')
        vm.send("power off\n")
    else:
        vm.send("systemctl poweroff\n")
    vm.ended()


def boot(image, work, firmware):
    disk = machine.overlay(work, firmware, image)
    # What depends on no firmware is not looked at with each: the console and VRRP with BIOS, BGP with the others.
    by_bgp = f"  pair: {menu.BY_BGP % LINK}\n" if firmware != "bios" else ""
    seed = machine.seed(work, firmware, SEED + by_bgp)
    stick = machine.stick(work, firmware)
    begun = time.monotonic()
    with machine.Machine(work, firmware, firmware, disk, [seed], ports=(8080, 8443, 22, 9999), stick=stick) as vm:
        try:
            walk(vm, firmware, stick, begun, by_bgp)
        except (Failed, OSError) as failed:
            raise Failed(f"{failed}\nthe gateway said:\n{journal(vm)}") from None
    say(f"{firmware}: passed after {time.monotonic() - begun:.0f} s")


def main(words):
    if not words or not Path(words[0]).exists():
        sys.exit(__doc__)
    with machine.workplace("boot") as work:
        for firmware in words[1:] or ["bios", "uefi", "secureboot"]:
            boot(words[0], work, firmware)


if __name__ == "__main__":
    main(sys.argv[1:])
