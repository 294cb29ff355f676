"""What others need to find a fault of this machine, in one file without secrets; the gateway's own bundle says more of the gateway."""

import datetime
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import sticks
import system

KEPT = Path("/var/lib/appliance/support")
TOKEN = re.compile(r"pst_[A-Za-z0-9_-]+")
TEXT_MAX = 32 << 20
COMMAND_SECONDS_MAX = 60

FACTS = {
    "journal.txt": "journalctl --no-pager --output=short-iso --lines=50000",
    "failed.txt": "systemctl --no-pager --failed --full",
    "units.txt": "systemctl --no-pager list-units --all --full",
    "time.txt": "timedatectl --no-pager show",
    "boot.txt": "systemd-analyze --no-pager blame",
    "kernel.txt": "uname -a",
    "memory.txt": "free -m",
    "disks.txt": "lsblk --output=NAME,SIZE,TYPE,FSTYPE,LABEL,MOUNTPOINTS",
    "space.txt": "df -h",
    "addresses.txt": "ip -br address",
    "routes.txt": "ip route show table all",
    "links.txt": "networkctl --no-pager --full status --all --lines=0",
    "sockets.txt": "ss -tulnp",
    "connections.txt": "ss -s",
    "firewall.txt": "nft list ruleset",
    "slots.txt": "rauc status",
    "loader.txt": f"grub-editenv {system.GRUBENV} list",
    "gateway-ready.txt": "curl -sS -m 10 http://127.0.0.1:8082/readyz",
    "gateway-metrics.txt": "curl -sS -m 10 http://127.0.0.1:8082/metrics",
}
README = """What the machine {host} said of itself at {time}.

Its journal, units, network, disks and slots, its settings, and the gateway's metrics. Tokens are removed; names and addresses are not.
The gateway's own bundle (configuration without secrets, threads, state) is another file, by a machine that has a token:

    penstock support-bundle support.zip --admin https://{address}:{port}
"""


def onto_stick(path):
    with sticks.mounted(path) as place:
        name = write(Path(place))
        os.sync()
    return f"{name} is on {path}, which can be taken out"


def onto_disk():
    """The last one only: it may be large."""
    KEPT.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in KEPT.glob("*.zip*"):
        old.unlink()
    return str(KEPT / write(KEPT))


def write(folder):
    """The name of the file that it makes in a folder."""
    now = datetime.datetime.now(datetime.timezone.utc)
    host = os.uname().nodename
    name = f"penstock-support-{host}-{now:%Y%m%d-%H%M%S}.zip"
    part = folder / (name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            _fill(file, host, now)
        part.rename(folder / name)
    except BaseException:
        # Half of one is of no use, and takes the room of a whole one.
        part.unlink(missing_ok=True)
        raise
    return name


def _fill(file, host, now):
    address = next((found.split("/")[0] for found in _known(system.addresses, [])), "ADDRESS")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("README.txt", README.format(host=host, time=now.isoformat(timespec="seconds"), address=address, port=_known(system.admin_port, "PORT")))
        out.writestr("status.txt", without_tokens("\n".join(_known(system.status, []))))
        out.writestr("settings.json", without_tokens(json.dumps(_known(system.settings, {}), indent=1)))
        for name, command in FACTS.items():
            out.writestr(name, without_tokens(_said(command.split())))


def _known(ask, else_said):
    """A machine of which something cannot be told is the one that a bundle is for."""
    try:
        return ask()
    except (system.Refused, OSError, ValueError, KeyError):
        return else_said


def without_tokens(text):
    return TOKEN.sub("pst_(removed)", text)


def _said(words):
    try:
        done = subprocess.run(words, capture_output=True, check=False, timeout=COMMAND_SECONDS_MAX)
    except (OSError, subprocess.TimeoutExpired) as failed:
        return f"{words[0]}: {failed}\n"
    return (done.stdout + done.stderr)[-TEXT_MAX:].decode("utf-8", "replace")
