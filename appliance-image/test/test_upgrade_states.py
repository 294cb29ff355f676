"""Upgrades that the gateway asks for, without a machine. Run: python3 -m unittest discover -s appliance-image/test"""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import system  # noqa: E402  from the folder above
import upgrades  # noqa: E402


class Machine:
    Refused = system.Refused

    def __init__(self):
        self.env = {"ORDER": "A B", "A_OK": "1", "B_OK": "0"}
        self.refusal = None
        self.seen = None
        self.booted = False
        self.material = None
        self.report = {"outcome": "same", "heads": 3, "routes": 1, "differing": 0, "differences": [], "differencesLeftOut": 0}

    def loader(self):
        return self.env

    def slot(self):
        return "A"

    def version(self):
        return "1.0.0"

    def check(self, bundle, allow_downgrade):
        return "1.1.0"

    def rehearse(self, bundle, material):
        self.material = sorted(path.name for path in material.iterdir()) if material.exists() else None
        return self.report

    def upgrade(self, bundle, allow_downgrade, told):
        self.seen = (Path(bundle).stat().st_size, oct(Path(bundle).stat().st_mode & 0o777), allow_downgrade)
        told(40, "Copying image", "1.1.0")
        if self.refusal:
            raise self.refusal
        return "1.1.0"

    def previous(self):
        if self.env["B_OK"] != "1":
            raise self.Refused("slot B holds no version that was good")

    def reboot(self):
        self.booted = True


class WhenABundleLiesThere(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        base = Path(place.name)
        for name in ("given", "state", "run"):
            (base / name).mkdir()
        self.given = base / "given/bundle"
        self.base = base
        self.machine = Machine()
        self.slots = upgrades.Upgrades(self.given, base / "state", base / "run", self.machine)
        self.given.write_bytes(b"x" * (2 << 20))

    def found(self):
        return self.slots.state()["upgrade"]

    def test_takes_it_for_root_alone_installs_it_and_keeps_nothing_of_it(self):
        self.assertEqual(self.slots.begin(True, True)["upgrade"]["state"], "waiting")
        self.assertFalse(self.given.exists())
        self.slots.work()

        self.assertEqual(self.machine.seen, (2 << 20, "0o600", True))
        self.assertEqual((self.found()["state"], self.found()["wantedVersion"]), ("installed", "1.1.0"))
        self.assertEqual(list((self.base / "state/upgrade").iterdir()), [])
        self.assertTrue(self.machine.booted)

    def test_boots_only_when_asked(self):
        self.slots.begin(False, False)
        self.slots.work()

        self.assertFalse(self.machine.booted)

    def test_tells_why_it_was_refused(self):
        self.machine.refusal = system.Refused("rauc: signature verification failed")
        self.slots.begin(False, True)
        self.slots.work()

        self.assertEqual(self.found()["state"], "refused")
        self.assertIn("signature", self.found()["why"])
        self.assertFalse(self.machine.booted)
        self.assertEqual(list((self.base / "state/upgrade").iterdir()), [])

    def test_has_the_new_version_rehearse_with_what_lies_beside_it(self):
        (self.given.parent / "rehearsal").mkdir()
        (self.given.parent / "rehearsal/heads.json").write_text("{}")
        self.slots.begin(False, False)
        self.assertFalse((self.given.parent / "rehearsal").exists())
        self.slots.work()

        self.assertEqual(self.machine.material, ["heads.json"])
        self.assertEqual((self.found()["state"], self.found()["rehearsal"]["heads"]), ("installed", 3))
        self.assertEqual(list((self.base / "state/upgrade").iterdir()), [])

    def test_stops_where_the_new_version_would_do_otherwise_unless_that_is_meant(self):
        difference = {"what": 'route "a" -> route "b"', "heads": 1, "example": "GET http://a/"}
        for report, words in (
            ({"outcome": "different", "heads": 3, "routes": 1, "differing": 1, "differences": [difference], "differencesLeftOut": 0}, "1 of 3 requests"),
            ({"outcome": "refused", "detail": "no such member"}, "would not serve the configuration: no such member"),
        ):
            self.machine.report, self.machine.seen = report, None
            self.given.write_bytes(b"x" * (2 << 20))
            self.slots.begin(False, True)
            self.slots.work()

            self.assertEqual((self.found()["state"], self.found()["rehearsal"]), ("refused", report))
            self.assertIn(words, self.found()["why"])
            self.assertIsNone(self.machine.seen)
            self.assertFalse(self.machine.booted)

            self.given.write_bytes(b"x" * (2 << 20))
            self.slots.begin(False, False, True)
            self.slots.work()
            self.assertEqual((self.found()["state"], self.found()["rehearsal"]), ("installed", report))

    def test_goes_on_and_says_so_where_nothing_could_be_rehearsed(self):
        self.machine.report = {"outcome": "skipped", "detail": "too little memory"}
        self.slots.begin(False, False)
        self.slots.work()

        self.assertEqual((self.found()["state"], self.found()["rehearsal"]["detail"]), ("installed", "too little memory"))

    def test_takes_no_link_for_the_folder_to_rehearse_with(self):
        secret = self.base / "secrets"
        secret.mkdir()
        (secret / "kept").write_text("s")
        (self.given.parent / "rehearsal").symlink_to(secret)
        self.slots.begin(False, False)
        self.slots.work()

        self.assertIsNone(self.machine.material)
        self.assertTrue((secret / "kept").exists())

    def test_does_one_at_a_time(self):
        self.slots.begin(False, False)

        with self.assertRaisesRegex(upgrades.NotDone, "under way"):
            self.slots.begin(False, False)
        with self.assertRaisesRegex(upgrades.NotDone, "under way"):
            self.slots.previous(False)

    def test_knows_one_that_was_cut_off_and_begins_another(self):
        self.slots.begin(False, False)
        # Killed once it had begun: its lock and its mark are gone.
        self.slots.wanted.unlink()

        self.assertEqual(self.found()["state"], "failed")
        self.given.write_bytes(b"x" * (2 << 20))
        self.slots.begin(False, False)

    def test_takes_nothing_but_a_whole_file_of_its_own(self):
        secret = self.base / "secret"
        secret.write_bytes(b"s" * (2 << 20))
        os.link(secret, self.base / "second")
        for make in (
            lambda: self.given.symlink_to(secret),
            lambda: os.link(secret, self.given),
            lambda: os.mkfifo(self.given),
            lambda: self.given.mkdir(),
            lambda: self.given.write_bytes(b"short"),
            lambda: None,
        ):
            if self.given.is_dir():
                self.given.rmdir()
            self.given.unlink(missing_ok=True)
            make()
            with self.subTest(make), self.assertRaises(upgrades.NotDone):
                self.slots.begin(False, False)
            self.assertEqual(self.found()["state"], "none")
            self.assertEqual(secret.read_bytes(), b"s" * (2 << 20))

    def test_returns_only_to_a_good_version(self):
        with self.assertRaisesRegex(upgrades.NotDone, "no version that was good"):
            self.slots.previous(True)
        self.assertFalse(self.machine.booted)
        self.machine.env["B_OK"] = "1"

        self.assertTrue(self.slots.previous(True)["canReturn"])
        self.assertTrue(self.machine.booted)


if __name__ == "__main__":
    unittest.main()
