"""Which disks the installer offers, and takes by a seed. Run: python3 -m unittest discover -s appliance-image/test"""

import contextlib
import io
import json
import subprocess
import sys
import types
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

try:
    import installer  # from the folder above
except ImportError:
    installer = None


def disk(path, gib=10, **more):
    plain = {"path": path, "size": gib << 30, "type": "disk", "tran": "sata", "model": "Model X ", "serial": None, "wwn": None, "ro": False}
    return {**plain, "fstype": None, "label": None, "partlabel": None, "mountpoints": [None], **more}


def part(path, **more):
    return disk(path, type="part", **more)


MEDIUM = disk("/dev/sdm", tran="usb", children=[part("/dev/sdm1")])


@unittest.skipIf(installer is None, "needs python3-yaml")
class Installer(unittest.TestCase):
    def setUp(self):
        self.listed = [MEDIUM]
        self.written = []
        self.fails = False
        self.answers = []
        self.waits = 0

    def run_command(self, words, **options):
        if words[0] == "lsblk":
            return subprocess.CompletedProcess(words, 0, json.dumps({"blockdevices": self.listed}), "")
        self.written.append(words[-2] if words[0].endswith("write-disk") else words[-1])
        return subprocess.CompletedProcess(words, 1 if self.fails and words[0].endswith("write-disk") else 0, "", "I/O error")

    def stat(self, path):
        numbers = {"/dev/sdm1": 7}
        return types.SimpleNamespace(st_dev=7, st_rdev=numbers.get(str(path), 1))

    def answered(self, question=""):
        print(question)
        self.waits += 1
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def run_it(self, *answers, seed=None):
        self.answers = list(answers)
        with (
            mock.patch.object(installer.subprocess, "run", self.run_command),
            mock.patch.object(installer.os, "stat", self.stat),
            mock.patch.object(installer.os.path, "realpath", lambda path: {"/dev/disk/by-id/mine": "/dev/sdb"}.get(path, path)),
            mock.patch.object(installer, "seeded", lambda: seed),
            mock.patch.object(installer, "tell", print),
            mock.patch("builtins.input", self.answered),
            mock.patch("builtins.open", mock.mock_open()),
            mock.patch.object(installer.fcntl, "flock"),
            contextlib.redirect_stdout(io.StringIO()) as said,
        ):
            installer.main()
        return said.getvalue()


class WhenAPersonChooses(Installer):
    def test_two_equal_disks_are_told_apart(self):
        self.listed += [disk("/dev/sda", serial="S1", children=[part("/dev/sda1", label="photos")]), disk("/dev/sdb", serial="S2")]

        said = self.run_it()

        self.assertIn(" 1  /dev/sda  10.0 GiB  sata  Model X  S1  holds photos", said)
        self.assertIn(" 2  /dev/sdb  10.0 GiB  sata  Model X  S2  holds nothing known", said)
        self.assertEqual(self.written, [])

    def test_what_cannot_be_taken_is_shown_with_the_reason(self):
        self.listed += [
            disk("/dev/sda", children=[part("/dev/sda1", children=[part("/dev/mapper/v", mountpoints=["/mnt"])])]),
            disk("/dev/sdb", gib=1),
            disk("/dev/sdc", ro=True),
            disk("/dev/sdd", label="CIDATA"),
            disk("/dev/sde", tran="usb", model="Stick"),
        ]

        said = self.run_it()

        for words in ("it is in use", "it is smaller than 2 GiB", "it is write-protected", "it holds the seed", "it is the installer's medium"):
            self.assertIn(f"not to be chosen, {words}", said)
        self.assertIn(" 1  /dev/sde  10.0 GiB  USB  Stick", said)
        self.assertNotIn(" 2  ", said)

    def test_is_asked_twice_and_may_go_away(self):
        self.listed.append(disk("/dev/sda"))

        for answers in ((), ("1",), ("2",), ("x",), ("\u00b2",), ("1", "yes"), ("1", "/dev/sdb")):
            with self.subTest(answers):
                self.run_it(*answers)
                self.assertEqual(self.written, [])
        self.run_it("1", "/dev/sda", "")
        self.assertEqual(self.written, ["/dev/sda", "reboot"])

    def test_a_disk_that_took_anothers_name_meanwhile_is_left_alone(self):
        self.listed.append(disk("/dev/sda", serial="S1"))
        held = self.answered

        def swapped(question=""):
            self.listed[1] = disk("/dev/sda", serial="S2")
            return held(question)

        self.answered = swapped
        self.assertIn("another disk by now", self.run_it("1", "/dev/sda", ""))
        self.assertEqual(self.written, [])

    def test_a_failure_is_told_and_nothing_starts_anew(self):
        self.listed.append(disk("/dev/sda"))
        self.fails = True

        said = self.run_it("1", "/dev/sda", "")

        self.assertIn("NOT installed on /dev/sda, which starts nothing now: I/O error", said)
        self.assertEqual(self.written, ["/dev/sda"])


class WhenTheSeedChooses(Installer):
    def test_installs_without_a_question(self):
        self.listed += [disk("/dev/sda"), disk("/dev/sdb")]

        self.run_it(seed={"disk": "/dev/disk/by-id/mine"})

        self.assertEqual(self.written, ["/dev/sdb", "poweroff"])
        self.assertEqual(self.waits, 0)

    def test_does_not_empty_an_appliance_in_use_where_the_medium_was_left_in(self):
        self.listed.append(disk("/dev/sda", children=[part("/dev/sda5", partlabel="penstock-data")]))

        said = self.run_it("", seed={"disk": "/dev/sda"})
        self.assertIn("replace: true", said)
        self.assertEqual(self.written, [])

        self.run_it(seed={"disk": "/dev/sda", "replace": True})
        self.assertEqual(self.written, ["/dev/sda", "poweroff"])

    def test_tells_why_it_takes_none_and_waits(self):
        self.listed += [disk("/dev/sda", gib=1), disk("/dev/sdc", label="cidata")]
        for seed, words in (
            ({"disk": "/dev/sdz"}, "no disk of this machine. There are: /dev/sdm, /dev/sda, /dev/sdc"),
            ({"disk": "/dev/sda"}, "smaller than 2 GiB"),
            ({"disk": "/dev/sdc"}, "holds the seed"),
            ({"disk": "/dev/sdm"}, "medium"),
            ({"disk": ["/dev/sda"]}, "no disk of this machine"),
        ):
            with self.subTest(seed):
                self.assertIn(words, self.run_it("", seed=seed))
                self.assertEqual(self.waits, 1)
                self.waits = 0
        self.assertEqual(self.written, [])

    def test_what_failed_is_not_tried_again_by_itself(self):
        self.listed.append(disk("/dev/sda"))
        self.fails = True

        self.assertIn("NOT installed", self.run_it("", seed={"disk": "/dev/sda"}))

        self.assertEqual(self.written, ["/dev/sda"])
        self.assertEqual(self.waits, 1)


if __name__ == "__main__":
    unittest.main()
