"""Upgrades that the gateway asks for. Run: python3 -m unittest discover -s appliance-image/test"""

import contextlib
import os
import sys
import tempfile
import threading
import types
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import changes  # noqa: E402  from the folder above
import system  # noqa: E402
import upgrades  # noqa: E402


class Upgrade(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        base = Path(place.name)
        self.given = base / "penstock/upgrade/bundle"
        self.given.parent.mkdir(parents=True)
        (base / "run").mkdir()
        self.machine = types.SimpleNamespace(
            Refused=system.Refused, loader=lambda: {"ORDER": "A B", "B_OK": "1"}, slot=lambda: "A", version=lambda: "1.0.0", check=mock.Mock(return_value="1.0.1"),
            rehearse=mock.Mock(return_value={"outcome": "same"}), upgrade=mock.Mock(return_value="1.0.1"), reboot=mock.Mock()
        )
        self.upgrades = upgrades.Upgrades(self.given, base / "state", base / "run", self.machine)

    def lay(self):
        with open(self.given, "wb") as bundle:
            bundle.truncate(system.BUNDLE_BYTES_MIN)

    def state(self):
        return self.upgrades.state()["upgrade"]["state"]


class WhenABundleIsLaid(Upgrade):
    def test_is_installed_out_of_a_folder_of_roots(self):
        self.lay()
        self.upgrades.begin(False, False)
        self.assertEqual(self.state(), "waiting")
        self.upgrades.work()

        self.assertEqual(self.state(), "installed")
        self.assertEqual(self.machine.upgrade.call_args.args[0], str(self.upgrades.taken))
        self.assertFalse(self.upgrades.taken.exists())
        self.machine.reboot.assert_not_called()

    def test_may_be_anything_and_stands_in_no_later_ones_way(self):
        def folder():
            self.given.mkdir()
            (self.given / "inside").write_text("x")

        for odd in (folder, lambda: os.mkfifo(self.given), lambda: self.given.symlink_to("/etc/hostname"), lambda: self.given.write_text("short")):
            odd()
            with self.assertRaises(upgrades.NotDone):
                self.upgrades.begin(False, False)

            self.lay()
            self.upgrades.begin(False, False)
            self.upgrades.work()
            self.assertEqual(self.state(), "installed")

    def test_is_refused_where_it_is_too_large(self):
        with open(self.given, "wb") as bundle:
            bundle.truncate(upgrades.BUNDLE_BYTES_MAX + 1)
        with self.assertRaisesRegex(upgrades.NotDone, "1 to 2048 MiB"):
            self.upgrades.begin(False, False)
        self.assertFalse(self.upgrades.taken.exists())

    def test_is_refused_while_somebody_can_still_write_into_it(self):
        self.lay()
        with open(self.given, "r+b"):
            with self.assertRaises(upgrades.NotDone) as refused:
                self.upgrades.begin(False, False)
        self.assertEqual(refused.exception.code, "no-bundle")
        self.machine.upgrade.assert_not_called()

        self.lay()
        self.upgrades.begin(False, False)
        self.assertEqual(self.state(), "waiting")

    def test_is_installed_where_the_disk_has_no_room_to_tell_how_far_it_is(self):
        def upgrade(bundle, allow_downgrade, told):
            write = changes.write
            with mock.patch.object(changes, "write", mock.Mock(side_effect=OSError("no space left"))):
                told(50, "half of it", "1.0.1")
            self.assertIs(changes.write, write)
            return "1.0.1"

        self.machine.upgrade = upgrade
        self.lay()
        self.upgrades.begin(False, False)
        self.upgrades.work()

        self.assertEqual(self.state(), "installed")


class WhenTwoAreBegunAtOnce(Upgrade):
    def test_takes_the_first_and_refuses_the_second(self):
        arrived = threading.Barrier(2)
        said = []

        def slots():
            # Both have asked by the time that either is told, unless one waits for the other.
            with contextlib.suppress(threading.BrokenBarrierError):
                arrived.wait(1)
            return {"ORDER": "A B"}

        self.machine.loader = slots

        def begin():
            try:
                self.upgrades.begin(False, False)
                said.append("begun")
            except upgrades.NotDone as refused:
                said.append(refused.code)

        self.lay()
        both = [threading.Thread(target=begin) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()

        self.assertEqual(sorted(said), ["begun", "upgrade-under-way"])
        self.upgrades.work()
        self.assertEqual(self.state(), "installed")
        self.assertTrue(self.machine.upgrade.called)


class WhenABundleIsChecked(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.base = Path(place.name)
        self.bundle = self.base / "next.raucb"
        with open(self.bundle, "wb") as bundle:
            bundle.truncate(system.BUNDLE_BYTES_MIN)
        path = mock.patch.dict(os.environ, {"PATH": f"{self.base}:{os.environ['PATH']}"})
        path.start()
        self.addCleanup(path.stop)

    def refusal(self, told):
        """Why a bundle is refused of which RAUC tells this."""
        (self.base / "told").write_text(told)
        (self.base / "rauc").write_text(f"#!/bin/sh\ncat {self.base}/told >&2\nexit 1\n")
        (self.base / "rauc").chmod(0o755)
        with self.assertRaises(system.Refused) as refused:
            system.check(str(self.bundle))
        return str(refused.exception)

    def test_says_why_it_is_refused_and_what_was_wanted_without_the_programs_own_progress(self):
        said = self.refusal(
            f"rauc-Message: 01:25:39.873: Reading bundle: {self.bundle}\nrauc-Message: 01:25:39.931: Verifying bundle signature... \n"
            "signature verification failed: Verify error: self-signed certificate\n"
        )

        self.assertEqual(
            said,
            f"{self.bundle} is refused: signature verification failed: Verify error: self-signed certificate."
            " Wanted is a whole bundle, signed with a key whose certificate this version has (/etc/rauc/keyring.pem)",
        )

    def test_tells_all_where_there_is_nothing_but_progress(self):
        self.assertIn("is refused: rauc-Message: 01:25:39.873: Reading.", self.refusal("rauc-Message: 01:25:39.873: Reading\n"))


class WhenThereAreNoSlots(unittest.TestCase):
    def test_refuses_to_return_in_words(self):
        with mock.patch.object(system, "slot", lambda: "none"), self.assertRaises(system.Refused):
            system.previous()


if __name__ == "__main__":
    unittest.main()
