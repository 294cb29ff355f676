#!/usr/bin/python3
"""The menu where the machine does not start: mostly, the data partition cannot be mounted. Boots again by itself, unless somebody types.

Stands in the place of the system's emergency shell, which wants a password that root does not have, and waits for ever. Here nothing
below /var is there: neither settings, nor a token, nor what is known of this version but the loader's notes.
"""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import system

PATIENCE_SECONDS = 300
PARTITION = "/dev/disk/by-partlabel/penstock-data"
RUN = Path("/run/appliance")
LINES_MAX = 12
CHECKS_MAX = 4

MENU = """
 1 status         4 reboot         5 power off
 6 previous version                7 factory reset
 8 log of what failed
 c check the data partition and mend it
"""


def main():
    RUN.mkdir(parents=True, exist_ok=True)
    reach_notes()
    begin()
    status()
    while True:
        print(MENU, flush=True)
        choice = asked("> ")
        if choice is None:
            return
        if choice == "1":
            show(status)
        elif choice == "4":
            confirmed("reboot", system.reboot)
        elif choice == "5":
            confirmed("power off", system.power_off)
        elif choice == "6":
            print("That version's configuration from before the upgrade comes back with it.")
            confirmed("previous", back)
        elif choice == "7":
            print("This deletes configuration, keys, logs and settings. The installed versions stay.")
            confirmed("factory reset", reset)
        elif choice == "8":
            show(log)
        elif choice == "c":
            print("What the check cannot mend is lost. What it finds without a name comes to lie in /var/lost+found.")
            confirmed("check", check)


def reach_notes():
    """The loader's notes lie on /efi. Whatever keeps it from being mounted is told when they are wanted."""
    if not os.path.ismount("/efi"):
        subprocess.run(["mount", "/efi"], capture_output=True, check=False)


def begin():
    """Others count from the same moment: there is one of these for the screen, and one for the serial line."""
    if not (RUN / "rescue-since").exists():
        touched()


def touched():
    part = RUN / f"rescue-since.{os.getpid()}"
    part.write_text(str(time.monotonic()))
    part.rename(RUN / "rescue-since")


def seconds_left():
    return float((RUN / "rescue-since").read_text()) + PATIENCE_SECONDS - time.monotonic()


def asked(question):
    """What somebody types; None at the end of the line. Nobody's silence lasts longer than the machine's patience."""
    print(question, end="", flush=True)
    while True:
        left = seconds_left()
        if left <= 0:
            print("\nNobody typed.", flush=True)
            touched()
            show(again)
        elif select.select([sys.stdin], [], [], min(left, 5))[0]:
            line = sys.stdin.readline()
            if not line:
                return None
            touched()
            return line.strip()


def status():
    names = failed()
    print(f"Penstock {system.version()} in slot {system.slot()}: THE MACHINE DID NOT START, nothing is served.")
    for name, words in names or [("nothing is marked as failed", "")]:
        print(f"  {name}  {words}")
    print(f"It boots again in {max(0, seconds_left()):.0f} seconds{'' if may_stay() else ', into the other slot'}, unless somebody types.")


def failed():
    """Units that failed, each with what it is for."""
    listed = system.run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "--no-pager").splitlines()
    return [(words[0], words[4] if len(words) > 4 else "") for line in listed if (words := line.split(None, 4))]


def log():
    for name, _ in failed():
        print(system.run("journalctl", "-b", "--no-pager", "-o", "cat", "-n", str(LINES_MAX), "-u", name))
    print(system.run("journalctl", "-b", "--no-pager", "-k", "-p", "warning", "-o", "cat", "-n", str(LINES_MAX)))


def may_stay():
    """As in "health": a version that was healthy here stays whatever comes, another one is left if there is a better one."""
    try:
        notes = system.loader()
    except system.Refused:
        return True
    slot = system.slot()
    return notes.get("healthy") == f"{system.version()} in slot {slot}" or notes.get(f"{other(slot)}_OK") != "1"


def again():
    slot = system.slot()
    if slot in "AB":
        # The loader counts boots that came to nothing, and would leave a version that only its disk has failed.
        show(lambda: noted(f"{slot}_TRY=0" if may_stay() else f"{slot}_OK=0"))
    system.reboot()


def back():
    """Without RAUC, which wants a system that runs."""
    slot = system.slot()
    if system.loader().get(f"{other(slot)}_OK") != "1":
        raise system.Refused(f"slot {other(slot)} holds no version that was good")
    noted(f"ORDER={other(slot)} {slot}", f"{other(slot)}_TRY=0")
    system.reboot()


def reset():
    system.factory_reset()
    system.reboot()


def check():
    subprocess.run(["systemctl", "stop", "var.mount"], check=False)
    whole = mended() and mounts()
    if not whole:
        # The file of names that await their end: e2fsck 1.47 finds nothing wrong where it is lost, and the kernel refuses to mount.
        subprocess.run(["tune2fs", "-O", "^orphan_file", PARTITION], check=False)
        whole = mended() and mounts()
    print("The partition can be mounted again: reboot." if whole else "It could not be mended: 7 makes the partition anew.")
    touched()


def mended():
    """Until nothing is found any more: one run may leave what the next one sees."""
    for _ in range(CHECKS_MAX):
        found = subprocess.run(["e2fsck", "-f", "-y", PARTITION], check=False).returncode
        if found == 0:
            return True
        # man e2fsck: 1 and 2 are errors that were corrected.
        if found >= 4:
            return False
    return False


def mounts():
    place = RUN / "mended"
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "ext4", "-o", "ro,nodev,nosuid,noexec", PARTITION, place], check=False).returncode != 0:
        return False
    return subprocess.run(["umount", place], check=False).returncode == 0


def other(slot):
    return {"A": "B", "B": "A"}.get(slot, "")


def noted(*notes):
    system.run("grub-editenv", system.GRUBENV, "set", *notes)


def confirmed(word, act):
    if asked(f'Type "{word}" to do it: ') == word:
        show(act)
    else:
        print("Not done.")


def show(act):
    try:
        act()
    except (system.Refused, OSError, ValueError) as refused:
        print(refused)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
