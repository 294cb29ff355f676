"""Changes of the settings: kept, on trial, taken back, and killed anywhere. Run: python3 -m unittest discover -s appliance-image/test"""

import io
import json
import os
import signal
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import changes  # noqa: E402  from the folder above
import control  # noqa: E402
import files  # noqa: E402
import settings  # noqa: E402
import system  # noqa: E402

NEW = {"hostname": "gate-two", "network": [{"name": "eth0", "addresses": ["192.0.2.9/24"]}]}


class Machine(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.base = Path(place.name)
        self.now = 1000.0
        self.boot()

    def changes(self):
        def command(words):
            with open(self.base / "commands", "a") as log:
                log.write(" ".join(words) + "\n")
            self.now += self.takes
            return [] if words[0] not in self.broken else [words[0] + ": broken"]

        return changes.Changes(self.base / "state", self.base / f"run-{self.boots}", self.base / f"etc-{self.boots}", command, lambda: self.now)

    broken = ()
    boots = 0
    # Seconds that a command takes.
    takes = 0

    def boot(self):
        """Memory is lost, and the program of the boot renders."""
        self.boots += 1
        (self.base / "state").mkdir(exist_ok=True)
        self.changes().render()

    def settle(self):
        def pause(seconds):
            self.now += seconds

        self.changes().settle(pause)

    def etc(self, name):
        path = self.base / f"etc-{self.boots}" / name
        return path.read_text() if path.exists() else None

    def rendered(self):
        """What lies below /etc, without what a killed writer left beside it."""
        root = self.base / f"etc-{self.boots}"
        return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file() and not path.name.endswith(".part")}

    def commands(self):
        log = self.base / "commands"
        return log.read_text().splitlines() if log.exists() else []


class WhenTheMachineCannotTell(Machine):
    def test_is_answered_in_words(self):
        class Slots:
            def state(self):
                raise system.Refused("grub-editenv: invalid environment block")

        self.assertEqual(control.answer("upgrade-state", {}, self.changes(), Slots())["refused"]["code"], "failed")


class WhenAChangeCanCutNobodyOff(Machine):
    def test_is_kept_and_put_into_force_at_once(self):
        self.changes().put({"hostname": "gate-two", "ntp": {"servers": ["ntp.example"]}}, 0, 120)
        self.settle()

        self.assertEqual(self.etc("hostname"), "gate-two\n")
        self.assertEqual(self.commands(), ["hostname gate-two", "systemctl restart systemd-timesyncd"])
        self.assertIsNone(self.changes().show()["trial"])
        self.assertEqual(self.changes().show()["version"], 1)

    def test_refuses_who_has_not_seen_the_latest(self):
        self.changes().put({"hostname": "gate-two"}, 0, 120)

        with self.assertRaisesRegex(changes.NotDone, "changed meanwhile"):
            self.changes().put({"hostname": "gate-three"}, 0, 120)

    def test_does_nothing_where_nothing_differs(self):
        self.changes().put({}, 0, 120)
        self.settle()

        self.assertEqual(self.changes().show()["version"], 0)
        self.assertEqual(self.commands(), [])

    def test_is_in_files_that_programs_of_other_users_can_read(self):
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        self.boot()

        self.assertEqual({path.stat().st_mode & 0o777 for path in (self.base / f"etc-{self.boots}").rglob("*") if path.is_file()}, {0o644})
        self.assertEqual((self.base / f"run-{self.boots}/in-force.json").stat().st_mode & 0o777, 0o600)

    def test_waits_for_no_confirmation_longer_than_an_hour(self):
        for seconds in (9, 3601, 60.0, "60", None):
            with self.assertRaisesRegex(changes.NotDone, "wanted 10 to 3600"):
                self.changes().put(NEW, 0, seconds)

    def test_tells_what_could_not_be_put_into_force(self):
        self.broken = ("hostname",)

        self.changes().put({"hostname": "gate-two"}, 0, 120)
        self.settle()

        self.assertEqual(self.changes().show()["last"]["problems"], ["hostname: broken"])
        self.assertTrue(self.changes().show()["settled"])


class WhenAChangeIsOnTrial(Machine):
    def setUp(self):
        super().setUp()
        self.changes().put(NEW, 0, 120)
        self.changes().settled()

    def test_is_in_force_until_its_deadline_and_then_gone(self):
        self.assertIn("192.0.2.9/24", self.etc("systemd/network/10-link.network"))
        self.assertEqual(self.changes().show()["trial"]["secondsLeft"], 120)

        self.settle()

        self.assertIsNone(self.etc("systemd/network/10-link.network"))
        self.assertEqual(self.etc("hostname"), "penstock\n")
        self.assertEqual(self.changes().show()["last"]["outcome"], "reverted")
        self.assertEqual(self.commands().count("networkctl reload"), 2)
        self.assertAlmostEqual(self.now, 1120, delta=1)

    def test_stays_once_it_is_confirmed(self):
        self.changes().confirm()
        self.settle()
        self.now += 1000
        self.settle()
        self.boot()

        self.assertIn("192.0.2.9/24", self.etc("systemd/network/10-link.network"))
        self.assertEqual(self.changes().show()["last"], None)
        self.assertEqual(self.changes().kept()[0], 1)

    def test_is_forgotten_by_a_boot(self):
        self.boot()

        self.assertIsNone(self.etc("systemd/network/10-link.network"))
        self.assertIsNone(self.changes().show()["trial"])

    def test_can_be_taken_back_by_hand(self):
        self.changes().revert()
        self.settle()

        self.assertIsNone(self.etc("systemd/network/10-link.network"))
        self.assertLess(self.now, 1010)

    def test_cannot_be_confirmed_too_late_nor_twice(self):
        self.now += 120
        with self.assertRaisesRegex(changes.NotDone, "waits for its confirmation"):
            self.changes().confirm()
        self.settle()
        self.changes().put(NEW, 0, 120)
        self.changes().settled()
        self.changes().confirm()

        with self.assertRaisesRegex(changes.NotDone, "waits for its confirmation"):
            self.changes().confirm()

    def test_cannot_be_confirmed_before_it_is_in_force(self):
        self.changes().revert()
        self.settle()
        self.changes().put(NEW, 0, 120)

        with self.assertRaisesRegex(changes.NotDone, "being put into force"):
            self.changes().confirm()

        self.changes().settled()
        self.changes().confirm()
        self.assertEqual(self.changes().kept()[0], 1)

    def test_lets_no_other_begin(self):
        with self.assertRaisesRegex(changes.NotDone, "on trial"):
            self.changes().put({"hostname": "gate-three"}, 0, 120)

    def test_is_over_at_once_if_it_cannot_be_put_into_force(self):
        self.changes().revert()
        self.settle()
        self.broken = ("networkctl",)

        self.changes().put(NEW, 0, 120)
        self.settle()

        self.assertLess(self.now, 1100)
        self.assertEqual(self.etc("hostname"), "penstock\n")
        self.assertIn("networkctl: broken", self.changes().show()["last"]["why"])


    def test_is_taken_back_though_its_time_ran_out_while_it_was_put_into_force(self):
        self.changes().revert()
        self.settle()
        self.takes = 200
        self.changes().put(NEW, 0, 120)
        self.settle()

        self.assertIsNone(self.etc("systemd/network/10-link.network"))
        self.assertEqual(self.etc("hostname"), "penstock\n")
        self.assertEqual(self.changes().show()["last"]["why"], "nobody confirmed it in time")

    def test_is_in_force_only_once_the_gateway_has_been_begun_anew(self):
        """Else it could be confirmed by way of the port that it had, while what it serves there ends."""
        self.changes().revert()
        self.settle()
        self.changes().put({"admin": {"port": 9443}}, 0, 120)
        self.changes().settled()

        # Waits for its end, unlike --no-block.
        self.assertIn("systemctl restart penstock", self.commands())


class WhenSomebodyIsKilled(Machine):
    """Each step is done in a process that is killed before its first, second, ... write, removal or command."""

    def killed_at(self, count, act):
        child = os.fork()
        if child == 0:
            left = count

            def counted(real):
                def call(*words, **named):
                    nonlocal left
                    left -= 1
                    if left < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return real(*words, **named)

                return call

            try:
                of = self.changes()
                of.command = counted(of.command)
                with (
                    mock.patch.object(Path, "rename", counted(Path.rename)),
                    mock.patch.object(Path, "unlink", counted(Path.unlink)),
                    mock.patch.object(Path, "write_text", counted(Path.write_text)),
                    mock.patch.object(os, "open", counted(os.open)),
                ):
                    act(of)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)

    def each_stage(self, act, then):
        for count in range(1000):
            with self.subTest(killed_before=count):
                was_killed = self.killed_at(count, act)
                then()
            if not was_killed:
                self.assertGreater(count, 3)
                return
        self.fail("it never came to its end")

    def expected(self, document):
        return {name: text for name, text in files.of(settings.check(document)).items()}

    def again(self):
        """A machine as new, in its own folders."""
        self.now = 1000.0
        for old in (self.base / "state").glob("settings*"):
            old.unlink()
        self.boot()

    def test_has_the_new_settings_or_the_old_ones_after_a_change(self):
        def then():
            if (self.base / f"run-{self.boots}" / "unsettled").exists():
                self.settle()
            kept = self.changes().kept()[1]
            self.assertIn(kept["hostname"], ("penstock", "gate-two"))
            self.assertEqual(self.rendered(), files.of(kept))
            self.again()

        self.each_stage(lambda of: of.put({"hostname": "gate-two"}, 0, 120), then)

    def test_takes_back_what_nobody_confirmed_wherever_the_change_broke_off(self):
        def then():
            if (self.base / f"run-{self.boots}" / "unsettled").exists():
                self.settle()
            self.assertEqual(self.rendered(), self.expected({}))
            self.assertFalse((self.base / f"run-{self.boots}" / "trial.json").exists())
            self.again()

        self.each_stage(lambda of: of.put(NEW, 0, 120), then)

    def test_puts_into_force_and_takes_back_wherever_it_broke_off(self):
        def begin():
            self.changes().put(NEW, 0, 120)

        def then():
            self.changes().settled()
            self.assertEqual(self.rendered(), self.expected(NEW))
            self.settle()
            self.assertEqual(self.rendered(), self.expected({}))
            self.again()
            begin()

        begin()
        self.each_stage(lambda of: of.settled(), then)

    def test_ends_a_taking_back_that_broke_off(self):
        def begin():
            self.changes().put(NEW, 0, 120)
            self.changes().settled()
            self.now += 120

        def then():
            reloads = self.commands().count("networkctl reload")
            self.settle()
            self.assertEqual(self.rendered(), self.expected({}))
            self.assertGreaterEqual(self.commands().count("networkctl reload"), reloads)
            self.assertEqual(self.changes().show()["last"]["outcome"], "reverted")
            self.assertGreaterEqual((self.base / "commands").read_text().count("networkctl reload"), 2)
            self.again()
            (self.base / "commands").unlink()
            begin()

        begin()
        self.each_stage(lambda of: of.settled(), then)

    def test_has_confirmed_or_not_after_a_confirmation(self):
        def begin():
            self.changes().put(NEW, 0, 120)
            self.changes().settled()

        def then():
            is_kept = self.changes().kept()[0] == 1
            self.settle()
            self.assertEqual(self.rendered(), self.expected(NEW if is_kept else {}))
            boots = self.boots
            self.boot()
            self.assertGreater(self.boots, boots)
            self.assertEqual(self.rendered(), self.expected(NEW if is_kept else {}))
            self.again()
            begin()

        begin()
        self.each_stage(lambda of: of.confirm(), then)


class WhenTheDiskHasLostTheSettings(Machine):
    def setUp(self):
        super().setUp()
        self.put({"hostname": "gate-one", "admin": {"sources": ["192.0.2.0/24"]}})
        self.kept = self.base / "state/settings.json"
        self.former = self.base / "state/settings-former.json"

    def put(self, document):
        of = self.changes()
        of.put(document, of.kept()[0], 120)
        of.settled()
        if of.trial():
            of.confirm()
        self.settle()

    def broken(self):
        """What a disk may give back in a file's place."""
        text = self.kept.read_bytes()
        yield "zeros", bytes(len(text))
        yield "half of it zeros", text[: len(text) // 2] + bytes(len(text) - len(text) // 2)
        yield "half of it", text[: len(text) // 2]
        yield "nothing", b""
        yield "no text", b"\xff\xfe" * 40
        yield "a list", b"[1, 2]"
        yield "another shape", json.dumps({"version": 3, "admin": [8443], "network": {"a": 1}}).encode()
        yield "too deep", b"[" * 100000
        yield "gone", None

    def changes(self):
        of = super().changes()
        of.command = lambda words: []
        return of

    def lose(self, path, content):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)

    def test_those_before_them_take_over_and_say_so(self):
        self.put({"hostname": "gate-two", "admin": {"sources": ["192.0.2.0/24"]}})
        for name, content in list(self.broken()):
            with self.subTest(name):
                self.lose(self.kept, content)
                self.boot()

                self.assertEqual(self.etc("hostname"), "gate-one\n")
                self.assertIn("192.0.2.0/24", self.etc("nftables.conf"))
                self.assertEqual([warning["code"] for warning in system.warnings(self.changes())], ["settings-unreadable"])
                self.assertIn("version 1", system.warnings(self.changes())[0]["detail"])

    def test_the_first_ones_are_on_the_disk_twice(self):
        for name, content in list(self.broken()):
            with self.subTest(name):
                self.lose(self.kept, content)
                self.boot()

                self.assertEqual(self.etc("hostname"), "gate-one\n")

    def test_a_change_ends_it_and_keeps_what_was_in_force(self):
        self.put({"hostname": "gate-two", "admin": {"sources": ["192.0.2.0/24"]}})
        self.lose(self.kept, bytes(512))
        self.boot()

        self.put({"hostname": "gate-three", "admin": {"sources": ["192.0.2.0/24"]}})

        self.assertEqual(system.warnings(self.changes()), [])
        self.assertEqual(self.changes().kept()[0], 2)
        self.lose(self.kept, bytes(512))
        self.assertEqual(self.changes().kept()[1]["hostname"], "gate-one")

    def test_the_same_settings_sent_anew_end_it_as_well(self):
        self.lose(self.kept, bytes(512))

        self.put({"hostname": "gate-one", "admin": {"sources": ["192.0.2.0/24"]}})

        self.assertEqual(system.warnings(self.changes()), [])

    def test_an_unreadable_file_never_takes_the_place_of_the_readable_one_before(self):
        self.put({"hostname": "gate-two", "admin": {"sources": ["192.0.2.0/24"]}})
        self.lose(self.kept, bytes(512))
        with mock.patch.object(changes, "write", mock.Mock(side_effect=OSError("no space left"))), self.assertRaises(OSError):
            self.changes().keep({"hostname": "gate-three"})

        self.assertEqual(self.changes().kept()[1]["hostname"], "gate-one")

    def test_a_copy_that_is_lost_is_made_again_at_a_boot(self):
        self.lose(self.former, bytes(512))
        self.changes().keep_twice()
        self.lose(self.kept, bytes(512))

        self.assertEqual(self.changes().kept()[1]["hostname"], "gate-one")

    def test_without_any_it_can_be_reached_and_is_not_open(self):
        for name, content in list(self.broken()):
            if content is None:
                continue
            with self.subTest(name):
                self.lose(self.kept, content)
                self.lose(self.former, content)
                self.boot()

                self.assertTrue(self.changes().are_lost())
                self.assertIn("tcp dport 8443 ip saddr { 10.0.0.0/8,", self.etc("nftables.conf"))
                self.assertIn("tcp dport 8443 drop", self.etc("nftables.conf"))
                self.assertNotIn("tcp dport 22", self.etc("nftables.conf"))
                self.assertIn("DHCP=yes", self.etc("systemd/network/90-dhcp.network"))
                self.assertIn("nor can those before", system.warnings(self.changes())[0]["detail"])

    def test_a_new_machine_has_lost_nothing(self):
        self.kept.unlink()
        self.former.unlink()
        self.boot()

        self.assertFalse(self.changes().are_lost())
        self.assertEqual(system.warnings(self.changes()), [])


class WhenSomebodyHasToLookAtIt(Machine):
    def test_it_is_told(self):
        run = self.base / f"run-{self.boots}"
        (run / "closed").touch()
        (run / "reset-problem").write_text("The factory reset was NOT done\n")
        (self.base / "state/seed-problem").write_text("The seed is refused\n")

        out = io.BytesIO()
        control.main(io.BytesIO(b"show\n"), out, self.changes(), None)

        codes = [warning["code"] for warning in json.loads(out.getvalue())["done"]["warnings"]]
        self.assertEqual(codes, ["firewall-closed", "factory-reset", "seed-refused"])


class WhenTheGatewayAsks(Machine):
    def ask(self, question):
        out = io.BytesIO()
        control.main(io.BytesIO(question), out, self.changes(), None)
        return json.loads(out.getvalue())

    def test_answers_known_words(self):
        self.assertEqual(self.ask(b"show\n")["done"]["settings"], settings.DEFAULTS)
        said = self.ask(b"put\n" + json.dumps({"settings": NEW, "version": 0, "confirmWithin": 120}).encode())
        self.assertEqual(said["done"]["changed"], ["hostname", "network"])
        self.assertEqual(self.ask(b"confirm\n")["refused"]["code"], "not-in-force")
        self.changes().settled()
        self.assertEqual(self.ask(b"confirm\n")["done"]["version"], 1)

    def test_refuses_everything_else_in_words(self):
        for question, code in (
            (b"", "unknown-word"),
            (b"rm -rf /\n", "unknown-word"),
            (b"put\n{", "unreadable"),
            (b"put\n" + b"[" * 100000, "unreadable"),
            (b"show\n" + b" " * (600 << 10), "too-large"),
            (b"put\n[]", "bad-deadline"),
            (b'put\n{"settings": {"x": 1}, "version": 0, "confirmWithin": 60}', "validation"),
            (b'put\n{"settings": {}, "version": 0, "confirmWithin": 9}', "bad-deadline"),
            (b'put\n{"settings": {}, "version": "0", "confirmWithin": 60}', "stale"),
            (b"confirm\n", "nothing-to-confirm"),
            (b"\xff\xfe\n", "unknown-word"),
        ):
            with self.subTest(question[:40]):
                self.assertEqual(self.ask(question)["refused"]["code"], code)


if __name__ == "__main__":
    unittest.main()
