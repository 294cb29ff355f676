#!/usr/bin/python3
"""What the version in a bundle says of this machine's state and requests, before it is written into a slot.

Its own program runs out of the mounted bundle, as the gateway's user, in a sandbox without a network; the copy of the state
that the gateway has laid for it is all that it may write to. What stays for any reason undone is told, and stands in nobody's way:
an urgent upgrade does not wait for memory. Run as a program it removes what a killed rehearsal left.
"""

import contextlib
import json
import re
import shutil
import subprocess
from pathlib import Path

RUN = Path("/run/appliance/rehearsal")
UNIT = "appliance-rehearsal"
USER = "penstock"

# The heap, and as much again for code, plugins and threads.
HEAP_MIB = 320
MEMORY_MIB = 704
LEFT_MIB = 128
SECONDS_MAX = 300

DIFFERENCES_TOLD = 20
WORDS_MAX = 300
SAME, DIFFERENT, NOT_SERVED = 0, 7, 8


class Skipped(Exception):
    """Why nothing is known."""


def run(*command, seconds=60):
    try:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", check=False, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise Skipped(f"{command[0]}: {str(failed)[:WORDS_MAX]}") from None


def rehearse(bundle, material, place=RUN, do=run, memory=None):
    """A report: its "outcome" is same, different, refused or skipped. The bundle's signature is checked by whoever mounts it."""
    try:
        require(material, available_mib() if memory is None else memory)
        tidy(place, do)
        try:
            return judged(do(*command(mounted(bundle, place, do), material), seconds=SECONDS_MAX + 60))
        finally:
            tidy(place, do)
    except Skipped as why:
        return {"outcome": "skipped", "detail": str(why)}


def require(material, memory):
    if not (material / "data/penstock.db").exists():
        raise Skipped("the gateway has laid no copy of its state for it; its log says why")
    if memory < MEMORY_MIB + LEFT_MIB:
        raise Skipped(f"{memory} MiB of memory are available, and two versions side by side need {MEMORY_MIB + LEFT_MIB} MiB of it")


def available_mib():
    found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    return int(found[1]) >> 10 if found else 0


def mounted(bundle, place, do):
    """The root of the version in the bundle."""
    root = place / "root"
    root.mkdir(parents=True, exist_ok=True)
    done = do("rauc", f"--mount={place / 'rauc'}", "mount", bundle)
    where = re.search(r"Mounted bundle at (\S+)\. ", done.stdout)
    if done.returncode != 0 or not where:
        raise Skipped(f"the bundle cannot be mounted: {said(done)}")
    done = do("mount", "-o", "loop,ro,nosuid,nodev", Path(where[1]) / "root.img", root)
    if done.returncode != 0:
        raise Skipped(f"the system in the bundle cannot be mounted: {said(done)}")
    return root


def command(root, material):
    limits = {
        "RootDirectory": root,
        "MountAPIVFS": "yes",
        "TemporaryFileSystem": ["/run", "/tmp:mode=1777"],
        "BindPaths": f"{material}:/run/rehearsal",
        "User": USER,
        "PrivateNetwork": "yes",
        "PrivateDevices": "yes",
        "PrivateIPC": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "RestrictSUIDSGID": "yes",
        "ProtectKernelTunables": "yes",
        "ProtectKernelModules": "yes",
        "ProtectControlGroups": "yes",
        "ProtectClock": "yes",
        "SystemCallFilter": "@system-service",
        "SystemCallErrorNumber": "EPERM",
        "MemoryMax": f"{MEMORY_MIB}M",
        "MemorySwapMax": "0",
        "TasksMax": "256",
        "RuntimeMaxSec": SECONDS_MAX,
        "Nice": "10",
        "Environment": f"PENSTOCK_JAVA_OPTS=-Xmx{HEAP_MIB}m",
    }
    words = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={UNIT}"]
    for name, value in limits.items():
        words += [f"--property={name}={each}" for each in (value if isinstance(value, list) else [value])]
    words += ["/usr/lib/penstock/bin/penstock", "rehearse", "--data", "/run/rehearsal/data", "--work", "/run/rehearsal", "--output", "json"]
    return words + (["/run/rehearsal/heads.json"] if (material / "heads.json").exists() else [])


def judged(done):
    try:
        report = json.loads(done.stdout)
        outcome = {SAME: "same", DIFFERENT: "different", NOT_SERVED: "refused"}[done.returncode]
        if report["outcome"] != outcome:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        # An older version, or one that is broken: the health check after the boot is for that one.
        raise Skipped(f"the version in the bundle could not do it: {said(done)}") from None
    if outcome == "refused":
        return {"outcome": outcome, "detail": str(report.get("detail", ""))[:2000]}
    kinds = [
        {"what": str(kind["what"])[:WORDS_MAX], "heads": int(kind["heads"]), "example": f"{kind['example']['method']} {kind['example']['url']}"[:WORDS_MAX]}
        for kind in report["differences"]
    ]
    told = {"outcome": outcome, "heads": report["heads"], "routes": report["routes"], "differing": report["differing"]}
    return {**told, "differences": kinds[:DIFFERENCES_TOLD], "differencesLeftOut": len(kinds[DIFFERENCES_TOLD:]) + report["differencesLeftOut"]}


def said(done):
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return f"exit status {done.returncode}" + (f", {lines[-1][:WORDS_MAX]}" if lines else "")


def stops(report):
    """Why an upgrade does not go on without another word; None if it does."""
    match report["outcome"]:
        case "refused":
            return "the new version would not serve the configuration: " + report["detail"]
        case "different":
            first = report["differences"][0] if report["differences"] else {"what": "", "example": ""}
            return f"the new version would treat {report['differing']} of {report['heads']} requests otherwise, for example: {first['what']}, as {first['example']}"
    return None


def tidy(place=RUN, do=run):
    with contextlib.suppress(Skipped):
        do("systemctl", "stop", UNIT)
    for mount in (place / "root", place / "rauc/bundle"):
        if mount.is_mount():
            with contextlib.suppress(Skipped):
                do("umount", "--lazy", mount)
    if not any(mount.is_mount() for mount in (place / "root", place / "rauc/bundle")):
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    tidy()
