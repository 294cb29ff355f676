"""A factory reset that is cut off anywhere: done again until it is done, and then no more. Run: python3 -m unittest discover -s appliance-image/test"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

DISK = Path(__file__).parent.parent / "disk"
PROGRAMS = DISK / "overlay/usr/lib/appliance"
sys.path.insert(0, str(PROGRAMS))
sys.dont_write_bytecode = True

import reset  # noqa: E402  from the folder above

# The loader's own words as a shell's: what it decides is decided by grub.cfg as it is.
LOADER = r"""
set() { case $1 in --) ;; *=*) declare -g "$1" ;; esac; }
serial() { :; }; terminal_input() { :; }; terminal_output() { :; }; regexp() { :; }; menuentry() { :; }
load_env() { while IFS= read -r line; do case $line in \#*) ;; *=*) declare -g "$line" ;; esac; done <"$GRUBENV"; }
save_env() {
    cut before
    shift 2
    for name; do values="$values$name=${!name}"$'\n'; done
    { sed '/^#/d' "$GRUBENV" | while IFS= read -r line; do case " $* " in *" ${line%%=*} "*) ;; *) echo "$line" ;; esac; done; printf '%s' "$values"; } >"$GRUBENV.part"
    mv "$GRUBENV.part" "$GRUBENV"
    cut behind
}
cut() { [ "$CUT" != "$1" ] || exit 9; }
"""
EDITENV = r"""#!/bin/bash
# grub-editenv FILE set NAME=VALUE, by lines
[[ $CUT == before ]] && kill -9 $PPID && exit 9
{ grep -v "^${3%%=*}=" "$1"; echo "$3"; } >"$1.part"
mv "$1.part" "$1"
[[ $CUT == behind ]] && kill -9 $PPID
exit 0
"""
# Empties the data partition in two steps, as a file system is made first and told in the table then.
REPART = r"""#!/bin/bash
case " $* " in *" --factory-reset=yes "*) ;; *) exit 0 ;; esac
[[ $CUT == before ]] && exit 9
rm -rf "$DATA"/appliance
[[ $CUT == between ]] && exit 9
rm -rf "$DATA"/penstock
[[ $CUT == fails ]] && exit 1
exit 0
"""


class PowerIsGone(Exception):
    """Here the machine ends."""


class WhenAResetIsCutOff(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.base = Path(place.name)
        (self.base / "bin").mkdir()
        for name, text in (("systemd-repart", REPART), ("grub-editenv", EDITENV)):
            (self.base / "bin" / name).write_text(text)
            (self.base / "bin" / name).chmod(0o755)
        self.env = self.base / "grubenv"
        self.cmdline = self.base / "cmdline"
        self.data = self.base / "var"

    def environment(self, cut=""):
        return {
            **os.environ,
            "PATH": f"{self.base / 'bin'}:{os.environ['PATH']}",
            "CUT": cut,
            "GRUBENV": str(self.env),
            "DATA": str(self.data),
            "APPLIANCE_CMDLINE": str(self.cmdline),
        }

    def used(self, number):
        """A machine that somebody has configured."""
        for name in ("appliance", "penstock"):
            (self.data / name).mkdir(parents=True, exist_ok=True)
            (self.data / name / "key").write_text(f"key of machine {number}")

    def keys(self):
        return [path.read_text() for path in self.data.rglob("key")]

    def flag(self):
        return dict(line.split("=", 1) for line in self.env.read_text().splitlines()).get("factory_reset")

    def loader(self, cut=""):
        text = (DISK / "grub.cfg").read_text()
        decided = text[: text.index("\nset arguments=")]
        script = LOADER + decided + '\necho "$more" >"$APPLIANCE_CMDLINE"\n'
        done = subprocess.run(["bash", "-c", script], env=self.environment(cut), capture_output=True, text=True, check=False)
        if done.returncode:
            self.assertEqual(done.returncode, 9, done.stderr)
            raise PowerIsGone
        self.assertEqual(done.stderr, "")

    def repart(self, cut=""):
        done = subprocess.run([PROGRAMS / "repart"], env=self.environment(cut), check=False)
        if done.returncode == 9:
            raise PowerIsGone

    def ends_the_reset(self, cut=""):
        # The unit's condition.
        if "systemd.factory_reset=1" not in self.cmdline.read_text().split():
            return
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException), contextlib.redirect_stderr(io.StringIO()), mock.patch.dict(os.environ, self.environment(cut)):
                reset.main(self.data, self.env, self.base / "run")
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            raise PowerIsGone

    def new_machine(self, cut=""):
        # appliance-settings: makes what is not there, and tells the loader the machine's name.
        for name in ("appliance", "penstock"):
            (self.data / name).mkdir(parents=True, exist_ok=True)
            if not (self.data / name / "key").exists():
                (self.data / name / "key").write_text("key of a new machine")
        if cut:
            raise PowerIsGone

    def boot(self, step="", cut=""):
        shutil.rmtree(self.base / "run", ignore_errors=True)
        for each in (self.loader, self.repart, self.ends_the_reset, self.new_machine):
            try:
                each(cut if each.__name__ == step else "")
            except PowerIsGone:
                return

    def asked(self):
        self.used(1)
        self.env.write_text("# GRUB\nORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=0\nB_TRY=0\nmachine_id=one\nfactory_reset=1\n")

    def test_is_done_at_whatever_step_the_power_goes(self):
        for step, cut in (
            ("", ""),
            ("loader", "before"),
            ("loader", "behind"),
            ("repart", "before"),
            ("repart", "between"),
            ("repart", "fails"),
            ("ends_the_reset", "before"),
            ("ends_the_reset", "behind"),
            ("new_machine", "behind"),
        ):
            with self.subTest(step=step, cut=cut):
                shutil.rmtree(self.data, ignore_errors=True)
                self.asked()

                self.boot(step, cut)
                # The slot that runs is told to be good by then.
                self.env.write_text(self.env.read_text().replace("A_TRY=1", "A_TRY=0"))
                self.boot()

                self.assertEqual(self.keys(), ["key of a new machine"] * 2)
                self.assertEqual(self.flag(), "")
                self.assertNotIn("machine_id=one", self.env.read_text())

    def test_is_done_once(self):
        self.asked()
        self.boot()
        self.used(2)
        self.boot()

        self.assertEqual(self.keys(), ["key of machine 2"] * 2)

    def test_is_tried_again_and_told_where_the_partition_was_not_emptied(self):
        self.asked()
        self.boot("repart", "fails")
        self.used(1)
        (self.base / "bin/systemd-repart").write_text("#!/bin/sh\nexit 1\n")

        self.asked()
        self.boot()

        self.assertEqual(self.flag(), "1")
        self.assertIn("NOT done", (self.base / "run/reset-problem").read_text())

    def test_tells_that_it_comes_again_where_the_loader_cannot_be_told(self):
        self.asked()
        (self.base / "bin/grub-editenv").write_text("#!/bin/sh\necho no room >&2\nexit 1\n")

        self.boot()

        self.assertIn("THE NEXT BOOT EMPTIES", (self.base / "run/reset-problem").read_text())
        self.assertIn("no room", (self.base / "run/reset-problem").read_text())


if __name__ == "__main__":
    unittest.main()
