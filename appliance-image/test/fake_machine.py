#!/usr/bin/env python3
"""The appliance's programs without a machine: control.py at a socket, settle.py beside it, everything below one folder.

usage: fake_machine.py FOLDER      FOLDER/socket; FOLDER/etc is rendered; FOLDER/commands tells what would have been run
FOLDER/hours, if there, holds hours by which the clock is ahead; FOLDER/rehearsal-report what a rehearsal says. Nothing of the machine that this runs on is changed.
"""

import io
import json
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import changes  # noqa: E402  from the folder above
import control  # noqa: E402
import system  # noqa: E402
import upgrades  # noqa: E402

base = Path(sys.argv[1])


class Loader:
    """What system.py knows and does, of a machine that runs 1.0.0 in slot A."""

    Refused = system.Refused

    def __init__(self):
        self.env = {"ORDER": "A B", "A_OK": "1", "B_OK": "0"}

    def loader(self):
        return dict(self.env)

    def slot(self):
        return "A"

    def version(self):
        return "1.0.0"

    def check(self, bundle, allow_downgrade):
        head = Path(bundle).read_bytes()[:64].split(b"\n")[0].decode("ascii", "replace")
        if not head.startswith("signed "):
            raise self.Refused("rauc: signature verification failed")
        return head.split(" ")[1]

    def rehearse(self, bundle, material):
        if (base / "rehearsal-report").exists():
            return json.loads((base / "rehearsal-report").read_text())
        return {"outcome": "skipped", "detail": "this machine has no bundle to mount"}

    def upgrade(self, bundle, allow_downgrade, told):
        version = self.check(bundle, allow_downgrade)
        for percent in (0, 40, 99):
            told(percent, "copying", version)
        self.env.update({"ORDER": "B A", "B_OK": "1"})
        return version

    def previous(self):
        if self.env["B_OK"] != "1":
            raise self.Refused("slot B holds no version that was good")
        self.env["ORDER"] = "B A"

    def reboot(self):
        command(["reboot"])


def command(words):
    with open(base / "commands", "a") as log:
        log.write(" ".join(words) + "\n")
    return []


def clock():
    ahead = base / "hours"
    return time.monotonic() + (3600 * float(ahead.read_text()) if ahead.exists() else 0)


def now():
    return changes.Changes(base / "state", base / "run", base / "etc", command, clock)


machine = Loader()


def slots():
    return upgrades.Upgrades(base / "data/upgrade/bundle", base / "state", base / "run", machine)


def path_units():
    while True:
        if (base / "run/unsettled").exists():
            now().settle(lambda seconds: time.sleep(0.02))
        if (base / "run/upgrade-wanted").exists():
            slots().work()
        time.sleep(0.02)


def main():
    (base / "state").mkdir(exist_ok=True)
    now().render()
    threading.Thread(target=path_units, daemon=True).start()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(base / "socket"))
        door.listen()
        print("listens", flush=True)
        while True:
            peer, _ = door.accept()
            with peer, peer.makefile("rb") as question:
                out = io.BytesIO()
                control.main(question, out, now(), slots())
                peer.sendall(out.getvalue())


main()
