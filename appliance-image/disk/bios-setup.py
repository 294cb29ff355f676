#!/usr/bin/env python3
"""Tells GRUB's two boot images where on the disk they lie, as grub-bios-setup does it, but without a device.

usage: bios-setup.py BOOT_IMG CORE_IMG SECTOR OUT_FOLDER
Offsets by GRUB's include/grub/i386/pc/boot.h.
"""

import struct
import sys
from pathlib import Path

SECTOR_BYTES = 512
KERNEL_SECTOR = 0x5C
DRIVE_CHECK = 0x66
FIRST_SEGMENT = 0x820

boot = bytearray(Path(sys.argv[1]).read_bytes())
core = bytearray(Path(sys.argv[2]).read_bytes())
sector = int(sys.argv[3])
core += bytes(-len(core) % SECTOR_BYTES)
boot[KERNEL_SECTOR : KERNEL_SECTOR + 8] = struct.pack("<Q", sector)
# Disks: take the drive that the BIOS tells as it is.
boot[DRIVE_CHECK : DRIVE_CHECK + 2] = b"\x90\x90"
# The last entry of the first sector's block list: everything after that sector, in one piece.
core[SECTOR_BYTES - 12 : SECTOR_BYTES] = struct.pack("<QHH", sector + 1, len(core) // SECTOR_BYTES - 1, FIRST_SEGMENT)
out = Path(sys.argv[4])
(out / "boot.img").write_bytes(boot[:440])
(out / "core.img").write_bytes(core)
