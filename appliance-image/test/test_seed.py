"""What a seed may do to a boot: a hostile or broken one nothing at all. Run: python3 -m unittest discover -s appliance-image/test"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import changes  # noqa: E402  from the folder above
import settings  # noqa: E402
import system  # noqa: E402

try:
    import yaml  # noqa: F401

    import boot
    import installer
except ImportError:
    boot = None

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))


@unittest.skipIf(boot is None, "needs python3-yaml")
class Seed(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.state = Path(place.name) / "state"
        self.state.mkdir()
        self.medium = Path(place.name) / "medium"
        self.medium.mkdir()
        for name, value in (("STATE", self.state), ("DATA", Path(place.name) / "data")):
            patched = mock.patch.object(boot, name, value)
            patched.start()
            self.addCleanup(patched.stop)

    def boot(self, seed_parts):
        """Runs the program's steps; what it said, and what was rendered."""
        rendered = []
        with (
            mock.patch.object(boot, "seed_parts", seed_parts),
            mock.patch.object(boot, "render", lambda: rendered.append(changes.Changes(self.state).kept()[1])),
            mock.patch.object(boot, "keys", mock.Mock(side_effect=OSError("the disk is full"))),
            mock.patch.object(boot, "keep_machine_id", mock.Mock(side_effect=subprocess.CalledProcessError(1, "grub-editenv"))),
            contextlib.redirect_stderr(io.StringIO()) as said,
        ):
            boot.main()
        self.assertEqual(len(rendered), 1, "the machine has to start whatever the seed is")
        return said.getvalue(), rendered[0]

    def take(self, user, meta="instance-id: one"):
        return self.boot(lambda: {"meta-data": meta, "user-data": user, "network-config": ""})


class WhenASeedIsTaken(Seed):
    def test_is_what_the_machine_starts_with(self):
        _, kept = self.take("hostname: gate\nappliance: {document: {made: 2026-11-22, routes: []}}")

        self.assertEqual(kept["hostname"], "gate")
        self.assertEqual((self.state / "first.yaml").read_text(), '{"made": "2026-11-22", "routes": []}')
        self.assertEqual((self.state / "instance-id").read_text(), "one")


class WhenASeedNamesAFleet(Seed):
    GOOD = "appliance: {fleet: {server: 'fleet.example:443', token: secret-of-a-machine}}"

    def test_is_kept_for_a_version_that_can_join_and_told(self):
        self.take(self.GOOD)

        kept = self.state / "fleet.json"
        self.assertEqual(json.loads(kept.read_text()), {"server": "fleet.example:443", "token": "secret-of-a-machine"})
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        warnings = system.warnings(changes.Changes(self.state))
        self.assertEqual([warning["code"] for warning in warnings], ["fleet-not-joined"])
        self.assertIn("fleet.example:443", warnings[0]["detail"])
        self.assertNotIn("secret-of", warnings[0]["detail"])

    def test_is_forgotten_with_the_next_seed_that_names_none(self):
        self.take(self.GOOD)
        self.take("hostname: gate", "instance-id: two")

        self.assertFalse((self.state / "fleet.json").exists())

    def test_is_refused_if_nobody_could_join_by_it(self):
        for fleet in ("{}", "5", "{server: fleet.example, token: secret-of-a-machine}", "{server: 'f.example:443', token: short}", "{server: 'f.example:443', token: secret-of-a-machine, ca: x}", "{name: x}"):
            with self.subTest(fleet=fleet):
                said, _ = self.take(f"appliance: {{fleet: {fleet}}}")

                self.assertIn("fleet", said)
                self.assertNotIn("secret-of", said)
                self.assertFalse((self.state / "fleet.json").exists())


class WhenASeedIsHostile(Seed):
    def test_is_refused_and_the_machine_starts_as_before(self):
        changes.Changes(self.state).keep({"hostname": "before"})
        for user in (
            "hostname: 2001-99-99",
            "hostname: " + "9" * 5000,
            "hostname: 0x" + "f" * 20000,
            "[" * 3000,
            "&a [*a]",
            BOMB + "hostname: *a39",
            BOMB + "appliance: {document: {x: *a39}}",
            "appliance: &a {document: {x: *a}}",
            "appliance: {document: {2001-01-01: x}}",
            "hostname: [[[[x]]]]",
            "\x00",
        ):
            with self.subTest(user[:40]):
                said, kept = self.take(user)

                self.assertIn("refused", said)
                self.assertEqual(kept["hostname"], "before")
                self.assertFalse((self.state / "instance-id").exists())
                self.assertFalse((self.state / "first.yaml").exists())

    def test_is_refused_without_its_secrets(self):
        said, _ = self.take('hostname: gate\nappliance:\n  document: {key: "planted-secret" "x"}\n')

        told = (self.state / "seed-problem").read_text()
        self.assertIn("user-data, line 3", told)
        self.assertNotIn("planted", said + told)

    def test_is_refused_for_an_instance_that_is_no_text(self):
        said, _ = self.take("hostname: gate", meta=BOMB + "instance-id: *a39")
        self.assertIn("refused", said)
        said, _ = self.take("hostname: gate", meta="instance-id: [one]")
        self.assertIn("instance-id", said)

    def test_does_not_keep_the_machine_from_starting_by_a_medium_that_cannot_be_mounted(self):
        said, kept = self.boot(mock.Mock(side_effect=subprocess.CalledProcessError(32, "mount")))

        self.assertIn("the seed: CalledProcessError", said)
        self.assertEqual(kept["hostname"], settings.DEFAULTS["hostname"])

    def test_is_not_read_through_links_nor_waited_for_in_pipes_nor_cut(self):
        os.symlink("/etc/hostname", self.medium / "meta-data")
        os.mkfifo(self.medium / "user-data")
        (self.medium / "network-config").write_bytes(b"#" * (boot.SEED_BYTES_MAX + 1))

        for name in ("meta-data", "user-data", "network-config"):
            with self.assertRaises(OSError):
                boot.text(self.medium / name)
        self.assertEqual(boot.text(self.medium / "absent"), "")

    def test_has_the_installer_ask_a_person(self):
        for broken in (mock.Mock(side_effect=subprocess.CalledProcessError(32, "mount")), lambda: {"user-data": "[" * 3000}, lambda: {"user-data": "appliance: x"}):
            with mock.patch.object(boot, "seed_parts", broken), contextlib.redirect_stderr(io.StringIO()):
                self.assertIsNone(installer.seeded())


class WhenADiskHasLostWhatWasTaken(Seed):
    def test_a_seed_that_was_taken_does_not_take_back_later_settings(self):
        self.take("hostname: by-seed")
        changes.Changes(self.state).keep({"hostname": "later"})
        (self.state / "instance-id").write_bytes(bytes(3))

        said, kept = self.take("hostname: by-seed")

        self.assertIn("cannot be read", said)
        self.assertEqual(kept["hostname"], "later")

    def test_a_seed_takes_the_place_of_settings_that_are_lost(self):
        self.take("hostname: by-seed")
        for name in ("settings.json", "settings-former.json"):
            (self.state / name).write_bytes(bytes(512))

        _, kept = self.take("hostname: by-seed")

        self.assertEqual(kept["hostname"], "by-seed")


@unittest.skipIf(boot is None, "needs python3-yaml")
class WhenTheKeysOfSshAreMade(unittest.TestCase):
    def test_takes_half_a_key_for_none(self):
        with tempfile.TemporaryDirectory() as place:
            state = Path(place)

            def cut(words, check):
                Path(words[-1]).write_text("half")
                raise OSError("power is gone")

            with mock.patch.object(boot, "STATE", state):
                with mock.patch.object(boot.subprocess, "run", cut), self.assertRaises(OSError):
                    boot.keys()
                self.assertFalse((state / "ssh/ssh_host_ed25519_key").exists())

                def make(words, check):
                    for name in (words[-1], Path(str(words[-1]) + ".pub")):
                        self.assertFalse(name.exists(), "ssh-keygen asks before it replaces a file")
                        name.write_text("whole")

                with mock.patch.object(boot.subprocess, "run", make):
                    boot.keys()
            self.assertEqual((state / "ssh/ssh_host_ed25519_key").read_text(), "whole")
            self.assertEqual((state / "ssh/ssh_host_ed25519_key.pub").read_text(), "whole")


if __name__ == "__main__":
    unittest.main()
