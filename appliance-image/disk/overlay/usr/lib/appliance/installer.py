#!/usr/bin/python3
"""The installer: writes the system onto a disk that a person chooses, or that the seed names (appliance.install.disk)."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

import boot

PIECES = "/run/medium/penstock"
MEDIUM = "/run/medium"
BYTES_MIN = 2 << 30
CONSOLES = ("/dev/tty1", "/dev/ttyS0")
COLUMNS = "PATH,SIZE,TYPE,TRAN,MODEL,SERIAL,WWN,RO,FSTYPE,LABEL,PARTLABEL,MOUNTPOINTS"
# What tells a disk from another one that took its name meanwhile.
IDENTITY = ("path", "size", "model", "serial", "wwn")


def main():
    try:
        wanted = seeded()
        if wanted:
            unattended(wanted)
        else:
            asked()
    except (KeyboardInterrupt, EOFError):
        # The service begins anew.
        print("\nNothing more is done.")


def unattended(wanted):
    # Both consoles run this; one of them does it.
    with open("/run/appliance-installer.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return
        tell(f"The seed has Penstock installed on {wanted.get('disk')}.")
        disk, why = chosen(wanted, disks())
        if why is None and install(disk, tell):
            tell("Switching off. Take the medium out; the seed stays, for the first boot reads it.")
            subprocess.run(["systemctl", "poweroff"], check=True)
            return
        if why:
            tell(f"Nothing was changed: {why}")
        # Not by itself: what failed once would be written over and over.
        input("Enter tries again. ")


def chosen(wanted, found):
    """The disk that the seed names, by whatever path, and why it is not taken."""
    name = wanted.get("disk")
    path = os.path.realpath(name) if isinstance(name, str) else name
    disk = next((each for each in found if each["path"] == path), None)
    if disk is None:
        return None, f"{name} is no disk of this machine. There are: {', '.join(each['path'] for each in found) or 'none'}"
    why = why_not(disk)
    if why:
        return None, f"{name} cannot be taken: {why}"
    # The medium is often still there at the next start: an appliance in use is not emptied by that.
    if wanted.get("replace") is not True and "penstock-data" in names(disk):
        return None, f"{name} holds a Penstock that was started already. Take the medium out, or say appliance.install.replace: true in the seed"
    return disk, None


def asked():
    print("\nPenstock's installer. Everything on the disk that is chosen is lost.\n")
    found = disks()
    good = [disk for disk in found if not why_not(disk)]
    for i, disk in enumerate(good, 1):
        print(f" {i}  {described(disk)}")
    for disk in found:
        if why_not(disk):
            print(f" -  {described(disk)}: not to be chosen, {why_not(disk)}")
    if not good:
        input("No disk of 2 GiB or more was found that can be taken. Enter looks again. ")
        return
    choice = input("\nNumber of the disk: ").strip()
    if not (choice.isascii() and choice.isdigit() and 1 <= int(choice) <= len(good)):
        print("There is no such number.")
        return
    disk = good[int(choice) - 1]
    if input(f'Type "{disk["path"]}" to have everything on it replaced: ').strip() != disk["path"]:
        print("Nothing was changed.")
        return
    if install(disk):
        input("Take the medium out; Enter restarts the machine. ")
        subprocess.run(["systemctl", "reboot"], check=True)
    else:
        input("Enter looks again. ")


def seeded():
    """What the seed says of the installation, or None: also where the seed cannot be read, so that a person is asked."""
    try:
        seed = boot.seed_parts()
        user = boot.parsed(seed["user-data"]) if seed else None
        install = ((user or {}).get("appliance") or {}).get("install") or {}
        return install if install.get("disk") else None
    except (yaml.YAMLError, AttributeError, OSError, subprocess.SubprocessError) as unread:
        print(f"The seed is not taken: {unread}", file=sys.stderr)
        return None


def disks():
    """All whole disks, those too that cannot be taken."""
    listed = json.loads(subprocess.run(["lsblk", "--json", "--bytes", "--output", COLUMNS], capture_output=True, check=True).stdout)
    return [disk for disk in listed["blockdevices"] if disk["type"] == "disk" and disk["size"] > 0]


def parts(disk):
    """The disk and everything on it, also below volumes."""
    return [disk, *(part for child in disk.get("children", []) for part in parts(child))]


def names(disk):
    return {part.get(column) for part in parts(disk) for column in ("label", "partlabel")}


def why_not(disk):
    """Why a disk cannot be taken, or None."""
    if holds_medium(disk):
        return "it is the installer's medium"
    if names(disk) & set(boot.SEED_LABELS):
        return "it holds the seed"
    if disk["ro"]:
        return "it is write-protected"
    if disk["size"] < BYTES_MIN:
        return f"it is smaller than {BYTES_MIN >> 30} GiB"
    if any(place for part in parts(disk) for place in part.get("mountpoints") or []):
        return "it is in use"
    return None


def holds_medium(disk):
    medium = os.stat(MEDIUM).st_dev
    return any(os.stat(part["path"]).st_rdev == medium for part in parts(disk))


def described(disk):
    """What tells it from others, of the same model too."""
    held = [part.get("label") or part.get("partlabel") or part.get("fstype") for part in parts(disk)]
    kind = "USB" if disk.get("tran") == "usb" else disk.get("tran")
    words = [disk["path"], f"{disk['size'] / (1 << 30):.1f} GiB", kind, disk.get("model"), disk.get("serial") or disk.get("wwn")]
    return "  ".join(word.strip() for word in words if word) + "  holds " + (", ".join(filter(None, held)) or "nothing known")


def tell(text):
    """On both consoles, for only one of them installs by a seed."""
    for console in CONSOLES:
        try:
            with open(os.open(console, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK), "w") as out:
                out.write(text + "\n")
        except OSError:
            continue


def install(disk, tell=print):
    """Whether it is on the disk; why not is told."""
    path = disk["path"]
    now = next((each for each in disks() if each["path"] == path), {})
    if [now.get(column) for column in IDENTITY] != [disk.get(column) for column in IDENTITY]:
        tell(f"Nothing was changed: {path} is another disk by now.")
        return False
    tell(f"Writing to {path}; this takes a minute or so.")
    done = subprocess.run([str(Path(__file__).parent / "write-disk"), path, PIECES], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        tell(f"Penstock is NOT installed on {path}, which starts nothing now: {done.stderr.strip()[-500:]}")
        return False
    tell(f"Penstock is installed on {path}.")
    return True


if __name__ == "__main__":
    main()
