#!/usr/bin/python3
"""Before a new version's first start the data folder is copied; the version before gets that copy back if it returns.

A later version may have written what an earlier one cannot read. Runs at each boot before the gateway.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

STATE = Path("/var/lib/appliance")
DATA = Path("/var/lib/penstock")
VERSION = Path("/usr/lib/penstock/VERSION")
NAME = re.compile(r"[0-9][0-9A-Za-z.+~-]{0,63}")


def main(state=STATE, data=DATA, version=VERSION):
    """Tells what was done, if anything; each step can be cut off and is done again at the next boot."""
    running = version.read_text().strip()
    last = state / "last-version"
    # The version whose copy is being given back, until it is the last one.
    returning = state / "returning"
    copies = state / "before"
    before = read(last) if last.exists() else running
    is_known = NAME.fullmatch(before)
    if not is_known:
        # A disk that gives back something else must keep no gateway from starting. A copy of this version's configuration tells
        # that another one ran last.
        print(f"{last} cannot be read: it holds {before[:40]!r}")
        before = "an unknown version" if (copies / running).exists() else running
    if before != running:
        copies.mkdir(mode=0o700, exist_ok=True)
        # Made when another version took the place of this one.
        mine = copies / running
        if mine.exists():
            keep(returning, running)
            restore(mine, data, state / "replaced")
            print(f"version {running} is back: its configuration from before {before} is restored; the later one is in {state / 'replaced'}")
        elif returning.exists() and returning.read_text().strip() == running:
            # Cut off behind the last step: what lies there is this version's own already, and no copy of the other one's.
            print(f"version {running} is back: its configuration was restored before")
        elif data.exists():
            copy(data, copies, before)
            print(f"version {running} starts for the first time: the configuration of {before} is kept in {copies / before}")
    # A full disk keeps no version from starting that started before.
    if before != running or not is_known or not last.exists():
        keep(last, running)
    returning.unlink(missing_ok=True)


def read(path):
    try:
        return path.read_text(errors="replace").strip()
    except OSError as unread:
        return str(unread)


def keep(path, version):
    part = path.with_name(path.name + ".part")
    part.write_text(version + "\n")
    os.sync()
    part.rename(path)
    os.sync()


def copy(data, copies, name):
    """Without the access logs, which may be a gigabyte, and what was left of a bundle on its way. One copy is kept."""
    for old in copies.iterdir():
        shutil.rmtree(old)
    part = copies / (name + ".part")
    part.mkdir(mode=0o700)
    # Of both: half a copy would be given back as if it were whole.
    subprocess.run(["bash", "-o", "pipefail", "-ec", 'tar -C "$0" --exclude=./log --exclude=./upgrade -cf - . | tar -C "$1" -xpf -', data, part], check=True)
    os.sync()
    part.rename(copies / name)


def restore(mine, data, replaced):
    if data.exists():
        shutil.rmtree(replaced, ignore_errors=True)
        if replaced.exists():
            # What cannot be deleted must not keep the gateway from starting.
            replaced.rename(tempfile.mkdtemp(prefix="replaced-", dir=replaced.parent))
        data.rename(replaced)
    mine.rename(data)


if __name__ == "__main__":
    main()
