"""What becomes of the configuration when versions come and go. Run: python3 -m unittest discover -s appliance-image/test"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import versions  # noqa: E402  from the folder above


class Versions(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.base = base = Path(place.name)
        self.state, self.data, self.version = base / "appliance", base / "penstock", base / "VERSION"
        self.state.mkdir()
        self.data.mkdir(mode=0o700)
        (self.data / "log").mkdir()
        (self.data / "log" / "access.log").write_text("much")
        (self.data / "upgrade").mkdir()
        (self.data / "upgrade" / "bundle.part").write_text("more")

    def boot(self, version):
        self.version.write_text(version + "\n")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            versions.main(self.state, self.data, self.version)
        return said.getvalue()

    def store(self, text):
        (self.data / "penstock.db").write_text(text)

    def stored(self):
        return (self.data / "penstock.db").read_text()


class WhenVersionsChange(Versions):
    def test_keeps_the_configuration_before_a_new_version_starts(self):
        self.boot("1.0.0")
        self.store("of one")

        said = self.boot("1.0.1")

        self.assertIn("starts for the first time", said)
        self.assertEqual((self.state / "before/1.0.0/penstock.db").read_text(), "of one")
        self.assertFalse((self.state / "before/1.0.0/log").exists())
        self.assertFalse((self.state / "before/1.0.0/upgrade").exists())
        self.assertEqual((self.state / "before/1.0.0").stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.stored(), "of one")

    def test_gives_it_back_though_what_was_replaced_before_cannot_be_deleted(self):
        self.boot("1.0.0")
        self.store("of one")
        self.boot("1.0.1")
        (self.state / "replaced").mkdir()
        (self.state / "replaced/stays").write_text("x")

        with mock.patch.object(versions.shutil, "rmtree"):
            self.boot("1.0.0")

        self.assertEqual(self.stored(), "of one")

    def test_gives_it_back_to_the_version_that_returns(self):
        self.boot("1.0.0")
        self.store("of one")
        self.boot("1.0.1")
        self.store("of two, in a new format")

        said = self.boot("1.0.0")

        self.assertIn("is back", said)
        self.assertEqual(self.stored(), "of one")
        self.assertEqual((self.state / "replaced/penstock.db").read_text(), "of two, in a new format")

    def test_does_nothing_at_a_boot_of_the_same_version(self):
        self.boot("1.0.0")
        self.store("first")
        self.boot("1.0.1")
        self.store("later")

        self.assertEqual(self.boot("1.0.1"), "")
        self.assertEqual(self.stored(), "later")

    def test_keeps_one_copy(self):
        for version in ("1.0.0", "1.0.1", "1.0.2"):
            self.boot(version)
            self.store(f"of {version}")

        self.assertEqual([copy.name for copy in (self.state / "before").iterdir()], ["1.0.1"])

    def test_begins_a_copy_anew_that_was_cut_off(self):
        self.boot("1.0.0")
        self.store("of one")
        (self.state / "before/1.0.0.part").mkdir(parents=True)

        self.boot("1.0.1")

        self.assertEqual([copy.name for copy in (self.state / "before").iterdir()], ["1.0.0"])

    def test_ends_a_return_that_was_cut_off_behind_its_last_step(self):
        self.boot("1.0.0")
        self.store("of one")
        self.boot("1.0.1")
        self.store("of two")
        with mock.patch.object(versions, "restore", cut_behind(versions.restore)), self.assertRaises(OSError):
            self.boot("1.0.0")
        self.boot("1.0.0")
        self.store("of one, later")

        self.boot("1.0.1")

        self.assertEqual(self.stored(), "of one, later", "what was written since the return is lost")
        self.assertEqual((self.state / "before/1.0.0/penstock.db").read_text(), "of one, later")

    def test_ends_a_return_that_was_cut_off_between_two_steps(self):
        self.boot("1.0.0")
        self.store("of one")
        self.boot("1.0.1")
        self.store("of two")
        self.data.rename(self.state / "replaced")

        self.boot("1.0.0")

        self.assertEqual(self.stored(), "of one")

    def test_takes_half_a_copy_for_none(self):
        self.boot("1.0.0")
        self.store("of one")
        readable = self.base / "bin"
        readable.mkdir()
        # Makes an archive, and fails for one file as tar does.
        (readable / "tar").write_text('#!/bin/sh\ncase "$*" in *-cf*) /bin/tar "$@"; exit 2 ;; esac\nexec /bin/tar "$@"\n')
        (readable / "tar").chmod(0o755)

        with mock.patch.dict(os.environ, PATH=f"{readable}:{os.environ['PATH']}"), self.assertRaises(subprocess.CalledProcessError):
            self.boot("1.0.1")

        self.assertFalse((self.state / "before/1.0.0").exists())
        self.assertEqual((self.state / "last-version").read_text(), "1.0.0\n")

    def test_writes_nothing_at_a_boot_of_the_same_version(self):
        self.boot("1.0.0")

        with mock.patch.object(versions, "keep", mock.Mock(side_effect=OSError("no space left"))):
            self.boot("1.0.0")


class WhenTheDiskHasLostWhichVersionRan(Versions):
    def lose(self):
        (self.state / "last-version").write_bytes(bytes(6))

    def test_the_same_version_starts(self):
        self.boot("1.0.0")
        self.store("of one")
        self.lose()

        self.assertIn("cannot be read", self.boot("1.0.0"))

        self.assertEqual(self.stored(), "of one")
        self.assertEqual((self.state / "last-version").read_text(), "1.0.0\n")

    def test_one_that_comes_back_has_its_own_again(self):
        self.boot("1.0.0")
        self.store("of one")
        self.boot("1.0.1")
        self.store("of two")
        self.lose()

        self.boot("1.0.0")

        self.assertEqual(self.stored(), "of one")

    def test_the_newer_one_keeps_its_own(self):
        self.boot("1.0.0")
        self.store("of one")
        self.boot("1.0.1")
        self.store("of two")
        self.lose()

        self.boot("1.0.1")

        self.assertEqual(self.stored(), "of two")
        self.assertEqual((self.state / "before/1.0.0/penstock.db").read_text(), "of one")


def cut_behind(step):
    def cut(*arguments):
        step(*arguments)
        raise OSError("power is gone")

    return cut


if __name__ == "__main__":
    unittest.main()
