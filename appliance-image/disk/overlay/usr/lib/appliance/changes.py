"""Takes changes of the settings: kept at once, or on trial until somebody confirms them over the network as it is then.

What is kept is STATE/settings.json, and a boot renders nothing else, unless a disk has lost it: then the settings before them, in
STATE/settings-former.json, take their place. What is on trial is RUN/trial.json, which lies in memory: a boot
forgets it. A trial counts until its deadline, and only as long as nothing later is kept. Settings become files below /etc, and those
are put into force, by settle() alone, which is called again until nothing is left to do (RUN/unsettled): it may be killed anywhere.
"""

import contextlib
import copy
import fcntl
import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

import files
import settings as grammar

TRIAL_SECONDS = 120
TRIAL_SECONDS_MIN = 10
TRIAL_SECONDS_MAX = 3600
LOCK_SECONDS_MAX = 30
COMMAND_SECONDS_MAX = 90
# What the service manager gives it to end and to begin, and a little.
GATEWAY_SECONDS_MAX = 360

# What has to be told that a file is another one, in this order. The gateway comes last: its restart ends the connection of whoever asks.
# It is waited for, as nothing is in force before: what it serves ends in its own time, and until then it answers at the port that it had.
IN_FORCE = (
    ("hostname", (("hostname", "@HOSTNAME@"),)),
    ("systemd/network/", (("networkctl", "reload"),)),
    ("systemd/resolved.conf.d/", (("systemctl", "restart", "systemd-resolved"),)),
    ("systemd/timesyncd.conf.d/", (("systemctl", "restart", "systemd-timesyncd"),)),
    ("appliance/input.nft", (("nft", "-f", "@FILE@"),)),
    ("ssh/authorized_keys", (("systemctl", "restart", "ssh"),)),
    ("appliance/syslog-ca.pem", (("systemctl", "restart", "rsyslog"),)),
    ("appliance/rsyslog.conf", (("systemctl", "restart", "rsyslog"),)),
    ("penstock/appliance.env", (("systemctl", "restart", "penstock"),)),
)


# Where no settings can be read any more: addresses by DHCP, nobody by ssh, the admin API for private networks only.
LAST_RESORT = {
    **grammar.DEFAULTS,
    "admin": {"port": 8443, "sources": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"]},
}


class NotDone(Exception):
    """Why a change is not made: a stable word, and what to say."""

    def __init__(self, code, detail):
        super().__init__(detail)
        self.code = code


class Changes:
    def __init__(self, state=Path("/var/lib/appliance"), run=Path("/run/appliance"), etc=Path("/etc"), command=None, clock=None):
        self.kept_file = state / "settings.json"
        # Another file on the disk: never a link to the same one.
        self.former_file = state / "settings-former.json"
        self.trial_file = run / "trial.json"
        self.unsettled = run / "unsettled"
        self.in_force_file = run / "in-force.json"
        self.last_file = run / "last-change.json"
        self.lock_file = run / "lock"
        self.etc = etc
        self.command = command or told
        # Not the time of day, which a time server moves.
        self.clock = clock or (lambda: time.clock_gettime(time.CLOCK_BOOTTIME))

    # ---- what is kept, what is on trial ----

    def kept(self):
        """Version and settings that a boot renders."""
        version, settings, _, _ = self._readable()
        return version, settings

    def trouble(self):
        """Why a boot renders other settings than those that were kept last, or None."""
        return self._readable()[3]

    def are_lost(self):
        """Whether there were settings, and none can be read."""
        _, _, is_any, why = self._readable()
        return why is not None and not is_any

    def keep(self, wanted, version=None):
        before, settings, is_any, why = self._readable()
        document = {"version": before + 1 if version is None else version, **wanted}
        if is_any and why is None:
            write(self.former_file, {"version": before, **settings})
        write(self.kept_file, document)
        if not is_any:
            write(self.former_file, document)

    def keep_twice(self):
        """The only generation lies on the disk twice: a first one that is lost has none before it."""
        version, settings, is_any, why = self._readable()
        try:
            stored(self.former_file)
        except (OSError, ValueError):
            if is_any and why is None:
                write(self.former_file, {"version": version, **settings})

    def _readable(self):
        """Version, settings, whether they were ever kept, and what is wrong."""
        try:
            return *stored(self.kept_file), True, None
        except (OSError, ValueError) as unread:
            lost = unread
        try:
            version, settings = stored(self.former_file)
            return version, settings, True, f"{_why(self.kept_file, lost)}: those before them, version {version}, are in force. Change the settings anew"
        except (OSError, ValueError) as unread:
            if isinstance(lost, FileNotFoundError) and isinstance(unread, FileNotFoundError):
                return 0, copy.deepcopy(grammar.DEFAULTS), False, None
            why = f"{_why(self.kept_file, lost)}, nor can those before them: addresses are asked by DHCP, ssh is shut, the admin API is open to private networks. Change the settings anew"
            return 0, copy.deepcopy(LAST_RESORT), False, why

    def trial(self):
        """The trial that counts now, or None."""
        found = read(self.trial_file)
        return found if found and found["version"] > self.kept()[0] and self.clock() < found["deadline"] else None

    def wanted(self):
        """Version and settings that are to be in force now."""
        trial = self.trial()
        return (trial["version"], trial["settings"]) if trial else self.kept()

    def is_in_force(self):
        """Whether what is wanted has been put into force, well or badly."""
        in_force = read(self.in_force_file) or {}
        return all(in_force.get(name) == hashlib.sha256(text.encode()).hexdigest() for name, text in files.of(self.wanted()[1]).items())

    # ---- what the gateway asks for ----

    def show(self):
        version, kept = self.kept()
        trial = self.trial()
        told_trial = None
        if trial:
            told_trial = {"version": trial["version"], "settings": trial["settings"], "secondsLeft": max(0, round(trial["deadline"] - self.clock()))}
        return {"version": version, "settings": kept, "trial": told_trial, "settled": not self.unsettled.exists(), "last": read(self.last_file)}

    def check(self, document):
        """What a document would change."""
        wanted = grammar.check(document)
        changed = grammar.differences(self.kept()[1], wanted)
        return {"settings": wanted, "changed": changed, "onTrial": [name for name in changed if name in grammar.ON_TRIAL]}

    def put(self, document, version, seconds):
        """Keeps a change, or puts it on trial if it could cut off whoever makes it."""
        if not (isinstance(seconds, int) and TRIAL_SECONDS_MIN <= seconds <= TRIAL_SECONDS_MAX):
            raise NotDone("bad-deadline", f"found {seconds!r} seconds, wanted {TRIAL_SECONDS_MIN} to {TRIAL_SECONDS_MAX}")
        with self.locked():
            found = self.check(document)
            kept, _ = self.kept()
            if self.trial():
                raise NotDone("trial-under-way", "a change is on trial: confirm it, revert it, or wait until it is taken back")
            if version != kept:
                raise NotDone("stale", f"the settings were changed meanwhile: they are version {kept}")
            if found["onTrial"]:
                self._mark()
                write(self.trial_file, {"version": kept + 1, "settings": found["settings"], "deadline": self.clock() + seconds})
            elif found["changed"] or self.trouble():
                self._mark()
                self.keep(found["settings"])
                self._note(kept + 1, "kept")
            return {**self.show(), "changed": found["changed"]}

    def confirm(self):
        with self.locked():
            trial = self.trial()
            if not trial:
                raise NotDone("nothing-to-confirm", "no change of the settings waits for its confirmation")
            if not self.is_in_force():
                # Who asks cannot have come by what is not there yet.
                raise NotDone("not-in-force", "the change is being put into force, which takes a second or two: confirm it then")
            # One rename decides; a trial that is not later than what is kept counts no more.
            self.keep(trial["settings"], trial["version"])
            self._note(trial["version"], "confirmed")
            return self.show()

    def revert(self):
        with self.locked():
            trial = self.trial()
            if not trial:
                raise NotDone("nothing-to-revert", "no change of the settings is on trial")
            write(self.trial_file, {**trial, "deadline": 0})
            self._note(trial["version"], "reverted", "by request")
            return self.show()

    # ---- putting it into force ----

    def settle(self, pause=time.sleep):
        """Returns once what is wanted is in force and nothing is on trial."""
        while not self.settled():
            trial = self.trial()
            pause(min(1.0, max(0.05, trial["deadline"] - self.clock())) if trial else 0.05)

    def settled(self):
        """One round of it; whether nothing is left to wait for."""
        with self.locked():
            over = read(self.trial_file)
            if over and not self.trial() and over["version"] > self.kept()[0] and over["deadline"]:
                self._note(over["version"], "reverted", "nobody confirmed it in time")
                write(self.trial_file, {**over, "deadline": 0})
            wanted = self.wanted()[1]
            problems = self._put_in_force(wanted)
            trial = self.trial()
            if trial and problems:
                # It will not become better by waiting.
                self._note(trial["version"], "reverted", "; ".join(problems))
                write(self.trial_file, {**trial, "deadline": 0})
                return False
            if problems:
                last = read(self.last_file) or {}
                write(self.last_file, {**last, "problems": problems})
            # Its time may have run out while it was put into force: then it still has to be taken back.
            if trial or self.wanted()[1] != wanted:
                return False
            if over:
                self.trial_file.unlink(missing_ok=True)
            self.unsettled.unlink(missing_ok=True)
            return True

    def _put_in_force(self, wanted):
        rendered = files.of(wanted)
        for folder in files.FOLDERS_MADE_HERE:
            for path in (self.etc / folder).glob("*"):
                name = f"{folder}/{path.name}"
                if files.MADE_HERE.fullmatch(name) and name not in rendered:
                    rendered[name] = None
        in_force = read(self.in_force_file) or {}
        # Gone already, by somebody who was killed before telling it.
        rendered.update({name: None for name in in_force if name not in rendered})
        digests = {name: hashlib.sha256((text or "").encode()).hexdigest() for name, text in rendered.items()}
        changed = [name for name in rendered if in_force.get(name) != digests[name] or (rendered[name] is None)]
        for name in changed:
            place(self.etc / name, rendered[name])
        problems = []
        done = []
        for prefix, commands in IN_FORCE:
            if not any(name.startswith(prefix) for name in changed):
                continue
            for words in commands:
                words = [word.replace("@HOSTNAME@", wanted["hostname"]).replace("@FILE@", str(self.etc / prefix)) for word in words]
                if words not in done:
                    done.append(words)
                    problems += self.command(words)
        # A command that failed is told and not repeated: the next change of its files does.
        if changed:
            write(self.in_force_file, {name: digest for name, digest in digests.items() if rendered[name] is not None})
        return problems

    def render(self):
        """At boot, before anything reads these files: what is kept, and nothing else."""
        _, kept = self.kept()
        rendered = files.of(kept)
        for name, text in rendered.items():
            place(self.etc / name, text)
        write(self.in_force_file, {name: hashlib.sha256(text.encode()).hexdigest() for name, text in rendered.items()})
        return kept

    # ----

    def _mark(self):
        # Before anything else: whoever is killed behind it is finished by settle().
        write(self.unsettled, {})

    def _note(self, version, outcome, why=""):
        write(self.last_file, {"version": version, "outcome": outcome, "why": why, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "problems": []})

    @contextlib.contextmanager
    def locked(self):
        self.lock_file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.lock_file, "w") as lock:
            until = time.monotonic() + LOCK_SECONDS_MAX
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise NotDone("busy", "another change is being put into force") from None
                    time.sleep(0.02)
            yield


def told(words):
    """Runs a command. What went wrong, in words; nothing is read by a shell."""
    try:
        seconds = GATEWAY_SECONDS_MAX if words[-1] == "penstock" else COMMAND_SECONDS_MAX
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as failed:
        return [f"{words[0]}: {failed}"]
    return [] if done.returncode == 0 else [f"{' '.join(words)}: {(done.stderr or done.stdout).strip()[:500]}"]


def place(path, text):
    """A file that readers see whole or not at all; None removes it."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.chmod(0o644)
    part.rename(path)


def write(path, value):
    """The same with JSON, for root alone, and on the disk when it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(value, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def stored(path):
    """Version and settings of a file; ValueError for whatever cannot be settings, such as what a disk gives back as zeros."""
    try:
        found = json.loads(path.read_bytes())
        version = found.pop("version", 0)
        settings = grammar.completed(found)
        # Not by the grammar: another version's may differ from this one's, and settings that can be rendered are better than others.
        files.of(settings)
        return int(version), settings
    except (AttributeError, KeyError, IndexError, TypeError, RecursionError) as odd:
        raise ValueError(f"it holds no settings ({type(odd).__name__})") from None


def _why(path, failed):
    if isinstance(failed, FileNotFoundError):
        return f"The settings are gone from the disk ({path.name})"
    return f"The settings kept last cannot be read ({path.name}: {str(failed)[:200]})"


def read(path):
    """What write() has written, or None."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
