#!/usr/bin/python3
"""An upgrade that the gateway asks for: it has laid a bundle into its own folder, and a unit of root's does the rest.

What became of it is STATE/upgrade.json, also after the reboot. Whoever works on it holds a lock, so that a killed one is known.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import time
from pathlib import Path

import changes
import rehearsal
import system

BUNDLE_BYTES_MAX = 2 << 30
UNDER_WAY = ("waiting", "checking", "rehearsing", "installing")


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


class NotDone(Exception):
    """Why nothing is begun: a stable word, and what to say."""

    def __init__(self, code, detail):
        super().__init__(detail)
        self.code = code


class Upgrades:
    def __init__(self, given=Path("/var/lib/penstock/upgrade/bundle"), state=Path("/var/lib/appliance"), run=Path("/run/appliance"), machine=system):
        self.given = given
        self.taken = state / "upgrade" / "bundle"
        self.material = state / "upgrade" / "rehearsal"
        self.file = state / "upgrade.json"
        self.wanted = run / "upgrade-wanted"
        self.lock_file = run / "upgrade-lock"
        self.begin_file = run / "upgrade-begin"
        self.machine = machine

    def state(self):
        known = self._known()
        if known["state"] in UNDER_WAY and not self.wanted.exists() and not self._is_worked_on():
            known = {**known, "state": "failed", "why": "it was cut off; begin again. What runs is not touched"}
        known.pop("allowDowngrade", None)
        known.pop("allowDifferences", None)
        loader = self.machine.loader()
        slot = self.machine.slot()
        other = {"A": "B", "B": "A"}.get(slot, "")
        return {
            "upgrade": known,
            "version": self.machine.version(),
            "slot": slot,
            "nextSlot": loader.get("ORDER", slot).split(" ")[0],
            "canReturn": loader.get(f"{other}_OK") == "1",
        }

    def _known(self):
        try:
            return {"state": "none", **(changes.read(self.file) or {})}
        except (OSError, ValueError, TypeError) as unread:
            # What is lost is what became of the last one: the next begins all the same.
            return {"state": "none", "why": f"what became of the last one cannot be read: {str(unread)[:200]}"}

    def begin(self, allow_downgrade, reboot, allow_differences=False):
        # Questions come side by side: the second must not take the bundle of the first away.
        with open(self.begin_file, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.state()["upgrade"]["state"] in UNDER_WAY:
                raise NotDone("upgrade-under-way", "an upgrade is under way: GET /v1/system/upgrade tells how far it is")
            self._take()
            self._tell("waiting", allowDowngrade=allow_downgrade, allowDifferences=allow_differences, reboot=reboot)
            changes.write(self.wanted, {})
        return self.state()

    def _take(self):
        """The gateway's user may do what it likes in its folder: the file is looked at once it lies in root's."""
        self.taken.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drop()
        try:
            self.given.rename(self.taken)
            held = os.open(self.taken, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as failed:
            self._drop()
            raise NotDone("no-bundle", f"there is no bundle that could be taken: {failed.strerror}") from None
        try:
            found = os.fstat(held)
            if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or not system.BUNDLE_BYTES_MIN <= found.st_size <= BUNDLE_BYTES_MAX:
                self._drop()
                raise NotDone("no-bundle", f"a bundle is a file of {system.BUNDLE_BYTES_MIN >> 20} to {BUNDLE_BYTES_MAX >> 20} MiB")
            os.fchown(held, os.getuid(), os.getgid())
            os.fchmod(held, 0o600)
            self._require_that_nobody_writes(held)
        finally:
            os.close(held)
        # Only the gateway's user reads what is in it; here it is out of that user's reach, and goes with the bundle.
        with contextlib.suppress(OSError):
            (self.given.parent / "rehearsal").rename(self.material)
        if self.material.is_symlink() or not self.material.is_dir():
            remove(self.material)

    def _require_that_nobody_writes(self, held):
        """From here on nobody can open it, but who has it open would put another bundle there once this one was checked."""
        try:
            # The kernel gives a lease of a file that is open for reading only.
            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as failed:
            self._drop()
            raise NotDone("no-bundle", f"the bundle is still being written: {failed.strerror}") from None

    def _drop(self):
        # What the gateway's user lays there may be a folder, which would stand in the way of all later bundles.
        remove(self.taken)
        remove(self.material)

    def work(self):
        """Checks and installs what was taken. The unit's only task."""
        with open(self.lock_file, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            asked = self._known()
            self.wanted.unlink(missing_ok=True)
            if asked.get("state") not in UNDER_WAY:
                return
            options = {name: asked.get(name, False) for name in ("allowDowngrade", "allowDifferences", "reboot")}
            self._tell("checking", **options)
            last = None

            def told(percent, words, version):
                nonlocal last
                if percent != last:
                    last = percent
                    # RAUC goes on whether this can be told or not, on a full disk: what becomes of it has to be heard.
                    with contextlib.suppress(OSError):
                        self._tell("installing", percent=percent, step=words[:200], wantedVersion=version, **options)

            try:
                wanted = self.machine.check(str(self.taken), options["allowDowngrade"])
                self._tell("rehearsing", wantedVersion=wanted, **options)
                options["rehearsal"] = self.machine.rehearse(str(self.taken), self.material)
                why = rehearsal.stops(options["rehearsal"])
                if why and not options["allowDifferences"]:
                    raise self.machine.Refused(why + ". What runs is not touched. If it is meant to be so, ask again with allow_differences")
                version = self.machine.upgrade(str(self.taken), options["allowDowngrade"], told)
            except (self.machine.Refused, OSError, ValueError, KeyError) as refused:
                self._tell("refused", why=str(refused)[:2000], **options)
                return
            finally:
                self._drop()
            self._tell("installed", wantedVersion=version, percent=100, **options)
        if options["reboot"]:
            self.machine.reboot()

    def previous(self, reboot):
        if self.state()["upgrade"]["state"] in UNDER_WAY:
            raise NotDone("upgrade-under-way", "an upgrade is under way")
        try:
            self.machine.previous()
        except self.machine.Refused as refused:
            raise NotDone("no-previous", str(refused)) from None
        if reboot:
            self.machine.reboot()
        return self.state()

    def _tell(self, state, **more):
        changes.write(self.file, {"state": state, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **more})

    def _is_worked_on(self):
        try:
            with open(self.lock_file) as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return False
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True


if __name__ == "__main__":
    Upgrades().work()
