"""What the console and the command "appliance" know of this machine, and do to it."""

import hashlib
import json
import os
import re
import ssl
import stat
import subprocess
from pathlib import Path

import changes
import rehearsal

STATE = Path("/var/lib/appliance")
DATA = Path("/var/lib/penstock")
GRUBENV = "/efi/grub/grubenv"
BUNDLE_BYTES_MIN = 1 << 20
GATEWAYS_BYTES_MAX = 64 << 10
CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class Refused(Exception):
    """Why something is not done, and the way out."""


def run(*command):
    """Output of a command; its error text as Refused."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{command[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def settings():
    return changes.Changes(STATE).kept()[1]


def admin_port():
    return settings()["admin"]["port"]


def version():
    return Path("/usr/lib/penstock/VERSION").read_text().strip()


def slot():
    found = re.search(r"rauc\.slot=([AB])", Path("/proc/cmdline").read_text())
    return found.group(1) if found else "none"


def loader():
    lines = run("grub-editenv", GRUBENV, "list").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def addresses():
    links = json.loads(run("ip", "-json", "address", "show", "up"))
    return [
        f"{address['local']}/{address['prefixlen']} ({link['ifname']})"
        for link in links
        if link["ifname"] != "lo"
        for address in link["addr_info"]
        if address["scope"] == "global"
    ]


def links():
    """Names of the network interfaces that have hardware, or something that stands for it."""
    return sorted(path.parent.name for path in Path("/sys/class/net").glob("*/device"))


def with_link(settings, name, address, gateway="", servers=()):
    """The settings with one interface's address; "dhcp" has it asked for. What other entries say of this interface counts no more."""
    link = {"name": name, "dhcp4": True, "dhcp6": True}
    if address != "dhcp":
        link = {"name": name, "addresses": [address], "gateways": [gateway] if gateway else [], "dns": list(servers)}
    return {**settings, "network": [link, *(other for other in settings["network"] if other["name"] != name)]}


def fingerprint():
    certificate = gateways("admin-tls.crt")
    if certificate is None:
        return "none yet"
    first = CERTIFICATE.search(certificate)
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[0])).digest().hex(":").upper() if first else "no certificate"
    except ValueError:
        return "the certificate cannot be read"


def token():
    kept = gateways("setup-token")
    return kept.strip() if kept else None


def gateways(name):
    """What stands in a file of the gateway's folder, or None. Its user may have laid a link there that leads to a file of root's, or a
    pipe, which would be waited for."""
    try:
        held = os.open(DATA / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(held, "rb") as source:
        if not stat.S_ISREG(os.fstat(held).st_mode):
            return None
        return source.read(GATEWAYS_BYTES_MAX).decode("ascii", "replace")


def warnings(of=None):
    """What a person has to look at, each as a stable word and a sentence or more."""
    of = of or changes.Changes(STATE)
    state, run_folder = of.kept_file.parent, of.unsettled.parent
    found = []
    if (run_folder / "closed").exists():
        found.append(("firewall-closed", "The firewall's rules could not be loaded: nobody gets in but by this console. systemctl status nftables tells why"))
    unread = of.trouble()
    if unread:
        found.append(("settings-unreadable", unread))
    fleet = state / "fleet.json"
    if fleet.exists():
        try:
            server = str(json.loads(fleet.read_text())["server"])
        except (OSError, ValueError, KeyError, TypeError):
            server = "(unreadable)"
        found.append(("fleet-not-joined", f"The seed names a fleet, at {server}, and this version joins none. What it said is kept for one that does"))
    for code, file in (("factory-reset", run_folder / "reset-problem"), ("seed-refused", state / "seed-problem")):
        if file.exists():
            found.append((code, file.read_text(errors="replace").strip()))
    return [{"code": code, "detail": detail} for code, detail in found]


def status():
    """Lines for a person."""
    gateway = subprocess.run(["systemctl", "is-active", "penstock"], capture_output=True, text=True, check=False).stdout.strip()
    told = [f"WARNING: {warning['detail']}" for warning in warnings()]
    try:
        env = loader()
    except Refused as unread:
        # Whatever else is broken, the rest is told.
        env = {}
        told.append(f"WARNING: the loader's notes cannot be read: {unread}")
    other = {"A": "B", "B": "A"}.get(slot(), "")
    lines = [
        f"Penstock {version()} in slot {slot()}" + (f"; slot {other} " + ("can be returned to" if env.get(f"{other}_OK") == "1" else "holds nothing good")),
        f"gateway:     {gateway}",
        f"addresses:   {', '.join(addresses()) or 'none yet'}",
        f"admin API:   https port {admin_port()}",
        f"fingerprint: {fingerprint()}",
    ]
    return lines + told


def upgrade(bundle, allow_downgrade=False, told=None):
    """Checks a bundle and writes it into the other slot; it is started by the next boot. Tells percents and words as it goes on."""
    wanted = check(bundle, allow_downgrade)
    _install(bundle, wanted, told or (lambda percent, words, version: None))
    return wanted


def rehearse(bundle, material):
    """What the version in a bundle that was checked says of a copy of the gateway's state, and of requests."""
    return rehearsal.rehearse(bundle, material)


def check(bundle, allow_downgrade=False):
    """The version of a bundle whose signature is good, and that may be taken."""
    if not Path(bundle).is_file() or Path(bundle).stat().st_size < BUNDLE_BYTES_MIN:
        raise Refused(f"{bundle} is no bundle: there is no such file, or it is too short")
    read = subprocess.run(["rauc", "info", "--output-format=json", bundle], capture_output=True, text=True, check=False)
    if read.returncode != 0:
        raise Refused(
            f"{bundle} is refused: {_why_of(read.stderr)}. Wanted is a whole bundle, signed with a key whose certificate this version has (/etc/rauc/keyring.pem)"
        )
    wanted = json.loads(read.stdout)["version"]
    if not allow_downgrade and run_ok("dpkg", "--compare-versions", comparable(wanted), "lt", comparable(version())):
        raise Refused(
            f"{bundle} is version {wanted}, and {version()} is running. An older version may not read what this one has written;"
            " to go back to the version before: appliance previous"
        )
    return wanted


def _why_of(told):
    """What RAUC said, without what it tells of how far it is."""
    why = [line.strip() for line in told.splitlines() if not line.startswith("rauc-Message: ")]
    return " ".join(why) or told.strip()


def _install(bundle, wanted, told):
    last = []
    with subprocess.Popen(["rauc", "install", bundle], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as rauc:
        for line in rauc.stdout:
            step = re.fullmatch(r"\s*(\d{1,3})% (.*)", line.rstrip())
            if step:
                told(int(step[1]), step[2], wanted)
            else:
                last = [*last, line.strip()][-5:]
    if rauc.returncode != 0:
        raise Refused("rauc: " + " ".join(last))


def comparable(version):
    """As Debian orders them: 1.2.0-rc1 comes before 1.2.0."""
    return version.replace("-", "~")


def run_ok(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def previous():
    """Has the next boot take the other slot."""
    other = {"A": "B", "B": "A"}.get(slot())
    if other is None:
        raise Refused("this machine was not started from one of two slots")
    if loader().get(f"{other}_OK") != "1":
        raise Refused(f"slot {other} holds no version that was good")
    run("rauc", "status", "mark-active", "other")


def factory_reset():
    """Has the next boot empty the data partition: configuration, keys, logs, settings."""
    run("grub-editenv", GRUBENV, "set", "factory_reset=1")


def reboot():
    run("systemctl", "--no-block", "reboot")


def power_off():
    run("systemctl", "--no-block", "poweroff")
