"""Media that somebody puts into this machine: USB sticks to write to, and those and CDs with bundles on them."""

import json
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import system

RUN = "/run"
FILE_SYSTEMS = ("vfat", "exfat", "ext4")
READ_ONLY = ("iso9660", "udf")
NOT_THESE = ("CIDATA", "cidata", "PENSTOCK_SETUP")


def to_write(listed=None):
    """Partitions on USB that can be written to: path and words for a person."""
    return [
        (part["path"], f"{part['path']}  {part.get('label') or ''}  {part['size']}")
        for part in _parts(listed, lambda disk: disk.get("tran") == "usb")
        if part.get("fstype") in FILE_SYSTEMS and not part.get("ro")
    ]


def bundles(listed=None):
    """Bundles in the topmost folder of a medium: path of the medium, name of the file."""
    found = []
    for part in _parts(listed, lambda disk: disk.get("tran") == "usb" or disk.get("type") == "rom"):
        if part.get("fstype") in FILE_SYSTEMS + READ_ONLY:
            # One that cannot be read hides no other.
            with suppress(system.Refused, OSError), mounted(part["path"], "ro") as place:
                files = sorted(Path(place).glob("*.raucb"))
                found += [(part["path"], file.name) for file in files if file.is_file() and not file.is_symlink() and file.name.isprintable()]
    return found


def _parts(listed, takes):
    if listed is None:
        listed = json.loads(system.run("lsblk", "--json", "--output", "PATH,TYPE,FSTYPE,TRAN,LABEL,SIZE,RO"))
    return [part for disk in listed["blockdevices"] if takes(disk) for part in [disk, *disk.get("children", [])] if part.get("label") not in NOT_THESE]


@contextmanager
def mounted(path, how="rw"):
    # No TemporaryDirectory: it would delete what lies on a stick that cannot be unmounted.
    place = tempfile.mkdtemp(dir=RUN)
    try:
        system.run("mount", "-o", f"{how},nodev,nosuid,noexec", path, place)
        try:
            yield place
        finally:
            system.run("umount", place)
    finally:
        with suppress(OSError):
            os.rmdir(place)
