"""What becomes of the configuration when versions come and go. Run: python3 -m unittest discover -s appliance-image/test"""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import versions  # noqa: E402  from the folder above


class WhenVersionsChange(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        base = Path(place.name)
        self.state, self.data, self.version = base / "appliance", base / "penstock", base / "VERSION"
        self.state.mkdir()
        self.data.mkdir(mode=0o700)
        (self.data / "log").mkdir()
        (self.data / "log" / "access.log").write_text("much")

    def boot(self, version):
        self.version.write_text(version + "\n")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            versions.main(self.state, self.data, self.version)
        return said.getvalue()

    def store(self, text):
        (self.data / "penstock.db").write_text(text)

    def stored(self):
        return (self.data / "penstock.db").read_text()

    def test_keeps_the_configuration_before_a_new_version_starts(self):
        self.boot("1.0.0")
        self.store("of one")

        said = self.boot("1.0.1")

        self.assertIn("starts for the first time", said)
        self.assertEqual((self.state / "before/1.0.0/penstock.db").read_text(), "of one")
        self.assertFalse((self.state / "before/1.0.0/log").exists())
        self.assertEqual((self.state / "before/1.0.0").stat().st_mode & 0o777, 0o700)
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


if __name__ == "__main__":
    unittest.main()
