"""What the console's menu and the pair's services do on a machine that runs: parts of boot.py."""

import io
import json
import re
import ssl
import subprocess
import urllib.request
import zipfile

from machine import Failed, say

# A pair of which the other one never comes.
BY_VRRP = "{by: vrrp, interface: %s, own: 10.0.2.15, peer: 10.0.2.16, service: 10.0.2.50, egress: 10.0.2.51, priority: 150}"
BY_BGP = "{by: bgp, interface: '%s', own: 10.0.2.15, service: 10.0.2.50, egress: 10.0.2.51, as: 65001, router: 10.0.2.2, routerAs: 65000}"


def support_bundle(vm, stick):
    vm.send("b\n")
    vm.wait("Number of the USB stick")
    vm.send("1\n")
    vm.wait("which can be taken out")
    vm.wait("> $")
    listed = subprocess.run(["mdir", "-b", "-i", stick], check=True, capture_output=True, text=True).stdout.split()
    names = [name for name in listed if name.endswith(".zip")]
    if len(names) != 1:
        raise Failed(f"on the stick: {listed}, wanted one file of support")
    with zipfile.ZipFile(io.BytesIO(subprocess.run(["mcopy", "-i", stick, names[0], "-"], check=True, capture_output=True).stdout)) as bundle:
        said = {name: bundle.read(name).decode() for name in bundle.namelist()}
    if "pst_(removed)" not in said["journal.txt"] or any("pst_setup_" in text for text in said.values()):
        raise Failed("the support bundle: wanted a journal with the token's place and without the token")
    for name, part in (("firewall.txt", "table inet appliance"), ("slots.txt", "rootfs"), ("gateway-metrics.txt", "penstock_"), ("settings.json", "gate-one")):
        if part not in said[name]:
            raise Failed(f"the support bundle's {name} has no {part}: {said[name][:500]}")
    say(f"console: support bundle of {len(said)} files on a stick")


def upgrade(vm, name, outcome):
    """Takes a bundle of the CD by the menu, from the shell; boots if it was installed."""
    vm.menu()
    vm.send("u\n")
    number = vm.wait(rf"(\d+)  {re.escape(name)}  on ").group(1)
    vm.wait("Number of the bundle.*: $")
    vm.send(number + "\n")
    # To the end of what it says: the next question, or the menu's own.
    said = vm.wait(r'(?s).*?(\n> $|Type "reboot" to start it now: $)').group(0)
    found = re.search(outcome, said)
    if not found:
        raise Failed(f"console: {name}: {said}, wanted {outcome}")
    say(f"console: {name}: {found[0]}")
    if "is installed" in said:
        vm.send("reboot\n")
    else:
        vm.shell()


def new_token(vm):
    vm.send("t\n")
    vm.wait('Type "new token" to do it: ')
    vm.send("new token\n")
    token = vm.wait(r"(pst_console_\S+)\s").group(1)
    vm.wait("> $")
    asked = urllib.request.Request(f"https://127.0.0.1:{vm.ports[8443]}/v1/node", headers={"Authorization": f"Bearer {token}"})
    # The second hand-over is under way; one connection may still end with the former process.
    for attempt in (1, 2, 3):
        try:
            with urllib.request.urlopen(asked, timeout=60, context=ssl._create_unverified_context()) as answer:
                node = json.load(answer)
                break
        except OSError as cut:
            say(f"console: the admin API was not reached: {cut}")
            if attempt == 3:
                raise Failed(f"the admin API by the new token: {cut}") from None
    say(f"console: a new token opens the admin API of version {node['engine']['version']}")


def address(vm):
    """The machine keeps an address that is confirmed, and is back at it after another that is not."""
    for wanted, word, outcome in (("10.0.2.15/24", "keep", "Kept"), ("10.0.2.99/24", "no", "Taken back")):
        vm.send("a\n")
        vm.wait("Address of .*: $")
        vm.send(wanted + "\n")
        vm.wait("Gateway .*: $")
        vm.send("10.0.2.2\n")
        vm.wait("Name servers.*: $")
        vm.send("10.0.2.3\n")
        vm.wait(r"addresses: +[^\n]*" + wanted.replace(".", r"\."))
        vm.wait('Type "keep" within .*: $')
        vm.send(word + "\n")
        vm.wait(outcome)
        vm.wait("> $")
    vm.status(r"addresses: +10\.0\.2\.15/24")
    if vm.get(8080) != "up":
        raise Failed("the gateway is not reached at the address that was kept")
    say("console: an address was set and kept, another one taken back")


def vrrp(vm):
    name = vm.run("ls -d /sys/class/net/*/device | cut -d/ -f5")
    vm.run(f"echo \"{BY_VRRP % name}\" >/run/pair.yaml")
    said = vm.run("appliance pair /run/pair.yaml")
    if said != "in force":
        raise Failed(f"the pair: {said}")
    vm.run("for i in $(seq 600); do ip -br address | grep -q 10.0.2.50/ && break; sleep 0.1; done; ip -br address | grep 10.0.2.50/")
    vm.run("curl -sS -m 30 http://10.0.2.50:8080/ | grep -x up")
    vm.run("nft list chain inet appliance input | grep 'ip saddr 10.0.2.16 .*vrrp.* accept'")
    vm.run("tr '\\0' ' ' </proc/$(systemctl show penstock -p MainPID --value)/cmdline | grep -e '--drain-delay 3'")
    say("vrrp: the addresses are here; " + vm.run("systemd-analyze security appliance-vrrp --no-pager | tail -1"))
    vm.run("systemctl stop appliance-vrrp && ! ip -br address | grep 10.0.2.50/")


def bgp(vm):
    vm.run("for i in $(seq 600); do birdc -s /run/appliance-pair/bird.ctl show protocols | grep 'addresses .*up' && break; sleep 0.1; done")
    seen = vm.run("birdc -s /run/appliance-pair/bird.ctl show protocols; ip -br address show lo; nft list chain inet appliance input; systemctl is-active appliance-bgp")
    for part in ("front", "10.0.2.50/32", "10.0.2.51/32", "dport 179 accept", "dport 3784 accept"):
        if part not in seen:
            raise Failed(f"bgp: no {part} in {seen}")
    say("bgp: the addresses are announced; " + vm.run("systemd-analyze security appliance-bgp --no-pager | tail -1"))
