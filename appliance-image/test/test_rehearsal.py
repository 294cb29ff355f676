"""Rehearsals of upgrades, without a machine. Run: python3 -m unittest discover -s appliance-image/test"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import rehearsal  # noqa: E402  from the folder above

DIFFERENT = {
    "outcome": "different",
    "heads": 7,
    "routes": 2,
    "differing": 2,
    "differences": [{"what": "route a -> route b", "heads": 2, "example": {"method": "GET", "url": "http://a/"}, "now": {}}] * 25,
    "differencesLeftOut": 3,
}


class Rehearsal(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.base = Path(place.name)
        self.material = self.base / "material"
        (self.material / "data").mkdir(parents=True)
        (self.material / "data/penstock.db").write_text("x")
        (self.material / "heads.json").write_text("{}")
        self.done = []
        self.answers = {"rauc": (0, f"Mounted bundle at {self.base}/run/rauc/bundle. Use 'umount x' to unmount.\n", "")}

    def do(self, *command, seconds=60):
        self.done.append([str(word) for word in command])
        answer = self.answers.get(command[0], (0, "", ""))
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess(command, *answer)

    def rehearse(self, memory=4096):
        return rehearsal.rehearse("/b.raucb", self.material, self.base / "run", self.do, memory)

    def says(self, code, report):
        self.answers["systemd-run"] = (code, json.dumps(report), "")

    def sandbox(self):
        return next(words for words in self.done if words[0] == "systemd-run")

    def test_asks_the_version_in_the_bundle_in_a_sandbox_without_network(self):
        self.says(0, {**DIFFERENT, "outcome": "same", "differing": 0, "differences": [], "differencesLeftOut": 0})

        report = self.rehearse()

        self.assertEqual((report["outcome"], report["heads"]), ("same", 7))
        self.assertIsNone(rehearsal.stops(report))
        words = self.sandbox()
        for wanted in ("PrivateNetwork=yes", "User=penstock", "NoNewPrivileges=yes", f"RootDirectory={self.base}/run/root", f"BindPaths={self.material}:/run/rehearsal"):
            self.assertIn(f"--property={wanted}", words)
        self.assertEqual(words[-1], "/run/rehearsal/heads.json")
        self.assertEqual(self.done[1], ["rauc", f"--mount={self.base}/run/rauc", "mount", "/b.raucb"])
        self.assertIn(["mount", "-o", "loop,ro,nosuid,nodev", f"{self.base}/run/rauc/bundle/root.img", f"{self.base}/run/root"], self.done)
        self.assertFalse((self.base / "run").exists())

    def test_tries_the_configuration_alone_where_there_are_no_heads(self):
        (self.material / "heads.json").unlink()
        self.says(0, {**DIFFERENT, "outcome": "same"})
        self.rehearse()

        self.assertEqual(self.sandbox()[-1], "json")

    def test_tells_differences_within_bounds(self):
        self.says(7, DIFFERENT)

        report = self.rehearse()

        self.assertEqual((len(report["differences"]), report["differencesLeftOut"]), (20, 8))
        self.assertIn("2 of 7 requests", rehearsal.stops(report))

    def test_tells_that_the_configuration_is_refused(self):
        self.says(8, {"outcome": "refused", "detail": "no such member"})

        self.assertIn("no such member", rehearsal.stops(self.rehearse()))

    def test_stands_in_nobodys_way_where_it_cannot_be_done(self):
        def without_state():
            (self.material / "data/penstock.db").unlink()

        for spoil, words in (
            (lambda: self.answers.update(rauc=(1, "", "no loop device")), "no loop device"),
            (lambda: self.answers.update(rauc=(0, "something else", "")), "cannot be mounted"),
            (lambda: self.answers.update(mount=(32, "", "wrong fs type")), "wrong fs type"),
            (lambda: self.answers.update({"systemd-run": (2, "", "Unmatched argument: 'rehearse'")}), "Unmatched"),
            (lambda: self.answers.update({"systemd-run": (0, "[7]", "")}), "could not do it"),
            (lambda: self.answers.update({"systemd-run": (7, '{"outcome": "same"}', "")}), "could not do it"),
            (lambda: self.answers.update({"systemd-run": (137, "", "")}), "exit status 137"),
            (lambda: self.answers.update({"systemd-run": rehearsal.Skipped("systemd-run: timed out")}), "timed out"),
            (without_state, "no copy of its state"),
        ):
            self.setUp()
            self.says(0, {**DIFFERENT, "outcome": "same"})
            spoil()
            with self.subTest(words):
                report = self.rehearse()
                self.assertEqual(report["outcome"], "skipped")
                self.assertIn(words, report["detail"])
                self.assertIsNone(rehearsal.stops(report))
                self.assertFalse((self.base / "run").exists())

    def test_leaves_a_small_machine_its_memory(self):
        report = self.rehearse(memory=500)

        self.assertIn("500 MiB", report["detail"])
        self.assertEqual(self.done, [])


if __name__ == "__main__":
    unittest.main()
