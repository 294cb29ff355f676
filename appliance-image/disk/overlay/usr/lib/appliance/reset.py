#!/usr/bin/python3
"""Ends a factory reset: the loader's flag goes once the data partition is empty, and not before.

Until then the loader asks for the reset at each boot, so that whatever cuts it off, loss of power above all, it is done again.
Nothing of the new machine is written before this has run.
"""

import subprocess
import sys
from pathlib import Path

OURS = ("appliance", "penstock")


def main(library=Path("/var/lib"), grubenv=Path("/efi/grub/grubenv"), run=Path("/run/appliance")):
    """Whether the reset is over; if not, why is told on the console and by the API."""
    problem = trouble(library, grubenv)
    if problem:
        run.mkdir(parents=True, exist_ok=True)
        (run / "reset-problem").write_text(problem + "\n")
        print(f"appliance: {problem}", file=sys.stderr)
    return not problem


def trouble(library, grubenv):
    held = [f"{path}" for name in OURS if (library / name).is_dir() for path in (library / name).iterdir()]
    if held:
        return f"The factory reset was NOT done: the data partition could not be made again, and still holds {held[0]}. The next boot tries it again"
    done = subprocess.run(["grub-editenv", grubenv, "set", "factory_reset="], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return (
            "The factory reset is done, but the loader cannot be told so: THE NEXT BOOT EMPTIES THE DATA PARTITION AGAIN."
            f" grub-editenv: {(done.stderr or done.stdout).strip()}"
        )
    return None


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
