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
BYTES_MIN = 2 << 30
CONSOLES = ("/dev/tty1", "/dev/ttyS0")


def main():
    wanted = seeded_disk()
    if wanted:
        # Both consoles run this; one of them does it.
        with open("/run/appliance-installer.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                fcntl.flock(lock, fcntl.LOCK_EX)
                return
            tell(f"The seed has Penstock installed on {wanted}.")
            if wanted not in [disk["path"] for disk in disks()]:
                tell(f"{wanted} is no disk of this machine that could be taken: {', '.join(disk['path'] for disk in disks()) or 'there is none'}")
                sys.exit(1)
            install(wanted, tell)
            tell("Switching off. Take the medium out; the seed stays, for the first boot reads it.")
            subprocess.run(["systemctl", "poweroff"], check=True)
            return
    print("\nPenstock's installer. Everything on the disk that is chosen is lost.\n")
    found = disks()
    if not found:
        input("No disk of 2 GiB or more was found. Enter looks again. ")
        return
    for i, disk in enumerate(found, 1):
        print(f" {i}  {disk['path']}  {disk['size'] >> 30} GiB  {disk.get('model') or ''}  {disk.get('serial') or ''}")
    choice = input("\nNumber of the disk: ").strip()
    if not choice.isdigit() or not 1 <= int(choice) <= len(found):
        print("There is no such number.")
        return
    path = found[int(choice) - 1]["path"]
    if input(f'Type "{path}" to have everything on it replaced: ').strip() != path:
        print("Nothing was changed.")
        return
    install(path)
    input("Take the medium out; Enter restarts the machine. ")
    subprocess.run(["systemctl", "reboot"], check=True)


def seeded_disk():
    """The disk that the seed names, or None: also where the seed cannot be read, so that a person is asked."""
    try:
        seed = boot.seed_parts()
        user = boot.parsed(seed["user-data"]) if seed else None
        return (((user or {}).get("appliance") or {}).get("install") or {}).get("disk")
    except (yaml.YAMLError, AttributeError, OSError, subprocess.SubprocessError) as unread:
        print(f"The seed is not taken: {unread}", file=sys.stderr)
        return None


def disks():
    """Whole disks that can be written, are large enough, and are not the medium."""
    listed = json.loads(subprocess.run(["lsblk", "--json", "--bytes", "--output", "PATH,SIZE,TYPE,MODEL,SERIAL,RO,LABEL,MOUNTPOINTS"], capture_output=True, check=True).stdout)
    medium = os.stat("/run/medium").st_dev
    return [
        disk
        for disk in listed["blockdevices"]
        if disk["type"] == "disk" and not disk["ro"] and disk["size"] >= BYTES_MIN and not holds(disk, medium)
    ]


def holds(disk, device):
    paths = [disk["path"], *(child["path"] for child in disk.get("children", []))]
    return any(os.stat(path).st_rdev == device for path in paths)


def tell(text):
    """On both consoles, for only one of them installs by a seed."""
    for console in CONSOLES:
        try:
            with open(os.open(console, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK), "w") as out:
                out.write(text + "\n")
        except OSError:
            continue


def install(path, tell=print):
    tell(f"Writing to {path}; this takes a minute or so.")
    subprocess.run([str(Path(__file__).parent / "write-disk"), path, PIECES], check=True)
    tell(f"Penstock is installed on {path}.")


if __name__ == "__main__":
    main()
