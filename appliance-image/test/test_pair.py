"""What may be said of two gateways that share addresses, and what becomes of it below /etc."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import console  # noqa: E402  from the folder above
import handover  # noqa: E402
import pair  # noqa: E402
import sticks  # noqa: E402
import support  # noqa: E402
import system  # noqa: E402

TEMPLATES = Path(__file__).parent.parent / "ha"
BOTH = {"interface": "eth0", "own": "10.77.0.11", "service": "10.77.0.10", "egress": "10.77.0.20"}
VRRP = {**BOTH, "by": "vrrp", "peer": "10.77.0.12", "priority": 150}
BGP = {**BOTH, "by": "bgp", "as": 65001, "router": "10.77.0.1", "routerAs": 65000}


class WhenAPairIsDescribed(unittest.TestCase):
    def test_makes_no_file_for_a_gateway_that_stands_alone(self):
        self.assertEqual(set(pair.files(None, TEMPLATES).values()), {None})

    def test_fills_in_every_name(self):
        for wanted in (VRRP, BGP, {**BGP, "secondChoice": True}, {**VRRP, "localPorts": "20000-29999", "targets": ["10.77.0.200/32"]}):
            for name, text in pair.files(pair.check(wanted), TEMPLATES).items():
                lines = [line for line in (text or "").splitlines() if not line.startswith("#")]
                self.assertNotRegex("\n".join(lines), r"@[A-Z]+@", name)

    def test_opens_the_firewall_to_the_other_one_only(self):
        self.assertEqual(pair.files(pair.check(VRRP), TEMPLATES)["appliance/input.d/pair.nft"], "ip saddr 10.77.0.12 meta l4proto vrrp accept\n")
        by_bgp = pair.files(pair.check(BGP), TEMPLATES)["appliance/input.d/pair.nft"]
        self.assertIn("ip saddr 10.77.0.1 tcp dport 179 accept", by_bgp)
        self.assertNotIn("vrrp", by_bgp)

    def test_tells_all_faults_at_once(self):
        wrong = {**VRRP, "own": "10.77.0.11\n}", "priority": 60, "interface": "eth0 up", "password": "x", "as": 1, "targets": ["::/0"], "localPorts": "1-2"}
        with self.assertRaises(pair.Faults) as refused:
            pair.check(wrong)
        for part in ("pair.own", "pair.priority", "pair.interface", "'password' is not known", "pair.as: it is for by: bgp", "pair.targets", "pair.localPorts"):
            self.assertIn(part, str(refused.exception))

    def test_takes_no_line_ends_by_members_that_it_does_not_need(self):
        for wrong in ({**BGP, "peer": "10.77.0.12\nEVIL=1"}, {**VRRP, "targets": ["10.0.0.0/0.0.0.255"]}):
            with self.assertRaises(pair.Faults):
                pair.check(wrong)

    def test_refuses_one_address_for_two_things(self):
        for name, other in (("peer", "own"), ("egress", "service"), ("service", "own")):
            with self.assertRaises(pair.Faults) as refused:
                pair.check({**VRRP, name: VRRP[other]})
            self.assertIn("it is the same as", str(refused.exception))

    def test_takes_no_shape_for_another(self):
        for wrong in (None, [], "vrrp", {}, {"by": []}, {"by": "vrrp"}, {**VRRP, "own": 1}, {**VRRP, "priority": True}, {**BGP, "as": "65001"}):
            with self.assertRaises(pair.Faults):
                pair.check(wrong)

    def test_is_kept_and_rendered_and_goes_again(self):
        with tempfile.TemporaryDirectory() as place:
            kept, etc = Path(place) / "pair.json", Path(place) / "etc"
            pair.keep(pair.check(VRRP), kept)
            pair.render(kept, etc, TEMPLATES)
            self.assertTrue((etc / "appliance/keepalived.conf").exists())
            pair.keep(pair.check(BGP), kept)
            pair.render(kept, etc, TEMPLATES)
            self.assertFalse((etc / "appliance/keepalived.conf").exists())
            self.assertTrue((etc / "appliance/bird.conf").exists())
            pair.keep(None, kept)
            pair.render(kept, etc, TEMPLATES)
            self.assertEqual([path for path in etc.rglob("*") if path.is_file()], [])


class WhenAGatewayIsStartedAnew(unittest.TestCase):
    def test_keeps_no_argument_that_was_for_one_start(self):
        given = ["--data", "/d", "--apply", "/x", "--admin", "0.0.0.0:1", "--admin-token-file=/t", "--admin-token-file", "/t", "--drain", "3"]
        self.assertEqual(handover.lasting(given), ["--data", "/d", "--admin", "0.0.0.0:1", "--drain", "3"])


    def test_keeps_the_file_of_a_token_that_is_still_asked_for(self):
        for refusals, is_left in ((0, False), (2, False), (3, True)):
            with tempfile.TemporaryDirectory() as place, contextlib.redirect_stderr(io.StringIO()):
                asked = []

                def restart(arguments):
                    asked.append(arguments)
                    if len(asked) <= refusals:
                        raise system.Refused("the new process ended before it served")

                with mock.patch.object(handover, "TOKEN_FILE", Path(place) / "token"), mock.patch.object(handover, "restart", restart):
                    handover.TOKEN_FILE.touch()
                    handover.without_token_file(["--data", "/d"])
                    self.assertEqual(handover.TOKEN_FILE.exists(), is_left)


class WhenSupportIsAsked(unittest.TestCase):
    def test_takes_tokens_out(self):
        self.assertEqual(support.without_tokens("a pst_setup_Ab-c_9 b"), "a pst_(removed) b")

    def test_finds_sticks_and_nothing_else(self):
        listed = {
            "blockdevices": [
                {"path": "/dev/vda", "tran": None, "fstype": None, "size": "8G", "children": [{"path": "/dev/vda5", "fstype": "ext4", "size": "7G"}]},
                {"path": "/dev/sda", "tran": "usb", "fstype": None, "size": "1G", "ro": False, "children": [{"path": "/dev/sda1", "fstype": "vfat", "label": "MINE", "size": "1G", "ro": False}]},
                {"path": "/dev/sdb", "tran": "usb", "fstype": "vfat", "label": "CIDATA", "size": "1G", "ro": False},
                {"path": "/dev/sdc", "tran": "usb", "fstype": "vfat", "label": None, "size": "1G", "ro": True},
            ]
        }
        self.assertEqual([path for path, _ in sticks.to_write(listed)], ["/dev/sda1"])

    def test_finds_bundles_on_sticks_and_discs(self):
        listed = {
            "blockdevices": [
                {"path": "/dev/vda", "type": "disk", "tran": "virtio", "fstype": "ext4"},
                {"path": "/dev/sda", "type": "disk", "tran": "usb", "children": [{"path": "/dev/sda1", "type": "part", "fstype": "vfat", "ro": True}]},
                {"path": "/dev/sdb", "type": "disk", "tran": "usb", "fstype": "ext4"},
                {"path": "/dev/sr0", "type": "rom", "tran": "sata", "fstype": "iso9660", "label": "CIDATA"},
                {"path": "/dev/sr1", "type": "rom", "tran": "sata", "fstype": "iso9660", "label": "BUNDLES"},
            ]
        }
        with tempfile.TemporaryDirectory() as place:
            mounts = []

            def run(*command):
                if command[0] == "mount":
                    mounts.append(command[1:-1])
                    if "/dev/sdb" in command:
                        raise system.Refused("mount: broken")
                    for name in ("two.raucb", "one.raucb", "other.txt", "odd\n.raucb"):
                        (Path(command[-1]) / name).touch()
                    (Path(command[-1]) / "link.raucb").symlink_to("/etc/shadow")

            with mock.patch.object(sticks, "RUN", place), mock.patch.object(system, "run", run):
                found = sticks.bundles(listed)

        self.assertEqual(found, [(path, name) for path in ("/dev/sda1", "/dev/sr1") for name in ("one.raucb", "two.raucb")])
        self.assertEqual({options for _, options, _ in mounts}, {"ro,nodev,nosuid,noexec"})

    def test_leaves_what_lies_on_a_stick_that_cannot_be_unmounted(self):
        with tempfile.TemporaryDirectory() as place:

            def run(*command):
                if command[0] == "umount":
                    raise system.Refused("umount: target is busy")
                (Path(command[-1]) / "theirs").write_text("x")

            with mock.patch.object(sticks, "RUN", place), mock.patch.object(system, "run", run), self.assertRaises(system.Refused), sticks.mounted("/dev/sda1"):
                pass

            self.assertEqual([path.name for path in Path(place).rglob("*") if path.is_file()], ["theirs"])

    def test_leaves_no_half_of_a_bundle(self):
        with tempfile.TemporaryDirectory() as place, mock.patch.object(support, "_said", mock.Mock(side_effect=OSError("no space left"))):
            with self.assertRaises(OSError):
                support.write(Path(place))
            self.assertEqual(list(Path(place).iterdir()), [])

    def test_holds_what_can_be_told_of_a_machine_whose_parts_are_broken(self):
        broken = mock.Mock(side_effect=system.Refused("ip: broken"))
        with tempfile.TemporaryDirectory() as place, mock.patch.object(support, "_said", lambda words: "said"):
            with mock.patch.multiple(system, addresses=broken, status=broken, settings=broken, admin_port=broken):
                name = support.write(Path(place))
            with zipfile.ZipFile(Path(place) / name) as bundle:
                self.assertIn("journal.txt", bundle.namelist())


class WhenTheGatewaysFolderIsRead(unittest.TestCase):
    """As root, while the gateway's user may do there what it likes."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.data = Path(place.name)
        patched = mock.patch.object(system, "DATA", self.data)
        patched.start()
        self.addCleanup(patched.stop)

    def test_is_not_followed_nor_waited_for_nor_taken_whole(self):
        self.assertIsNone(system.token())
        self.assertEqual(system.fingerprint(), "none yet")
        (self.data / "setup-token").symlink_to("/etc/hostname")
        os.mkfifo(self.data / "admin-tls.crt")
        self.assertIsNone(system.token())
        self.assertEqual(system.fingerprint(), "none yet")

        (self.data / "setup-token").unlink()
        with open(self.data / "setup-token", "wb") as large:
            large.truncate(1 << 30)
        self.assertLessEqual(len(system.token()), system.GATEWAYS_BYTES_MAX)

    @unittest.skipUnless(shutil.which("openssl"), "needs openssl")
    def test_has_the_fingerprint_that_openssl_tells(self):
        made = self.data / "admin-tls.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null", "-out", made], check=True, capture_output=True)
        told = subprocess.run(["openssl", "x509", "-in", made, "-noout", "-fingerprint", "-sha256"], check=True, capture_output=True, text=True).stdout.split("=")[1].strip()
        self.assertEqual(system.fingerprint(), told)
        made.write_text("no certificate at all")
        self.assertEqual(system.fingerprint(), "no certificate")


class WhenTheLogIsShownOnTheConsole(unittest.TestCase):
    def test_has_the_token_only_where_that_may_be_shown(self):
        with mock.patch.object(system, "run", lambda *words: "setup token: pst_setup_abc\n"):
            self.assertIn("pst_setup_abc", console.log("tty1", {}))
            self.assertIn("pst_setup_abc", console.log("ttyS0", {"serialToken": True}))
            self.assertNotIn("pst_setup_abc", console.log("ttyS0", {}))


class WhenAnUpgradeIsTakenFromAMedium(unittest.TestCase):
    def menu(self, *typed, bundles=(("/dev/sda1", "one.raucb"), ("/dev/sr1", "two.raucb"))):
        """What the console says, and what it did."""
        did, typed = [], list(typed)

        @contextlib.contextmanager
        def mounted(path, how):
            did.append(f"mount {path} {how}")
            yield "/run/there"
            did.append("umount")

        def upgrade(bundle, told):
            did.append(f"upgrade {bundle}")
            told(50, "half of it", "1.3.0")
            return "1.3.0"

        out = io.StringIO()
        with (
            mock.patch.object(sticks, "bundles", lambda: list(bundles)),
            mock.patch.object(sticks, "mounted", mounted),
            mock.patch.object(system, "upgrade", upgrade),
            mock.patch.object(system, "reboot", lambda: did.append("reboot")),
            mock.patch.object(console, "asked", lambda question: typed.pop(0)),
            contextlib.redirect_stdout(out),
        ):
            console.upgrade()
        return out.getvalue(), did

    def test_is_written_and_started_when_somebody_says_so(self):
        said, did = self.menu("2", "reboot")

        self.assertEqual(did, ["mount /dev/sr1 ro", "upgrade /run/there/two.raucb", "umount", "reboot"])
        self.assertIn(" 2  two.raucb  on /dev/sr1", said)
        self.assertIn(" 50% half of it", said)

    def test_waits_for_the_next_boot_else(self):
        said, did = self.menu("1", "")

        self.assertEqual(did[-1], "umount")
        self.assertIn("Version 1.3.0 is installed", said)
        self.assertIn("The next boot starts it", said)

    def test_is_not_done_without_a_choice_or_a_bundle(self):
        for typed in ("", "0", "3", "x", "\u00b2"):
            self.assertEqual(self.menu(typed)[1], [])
        self.assertIn("wanted a file *.raucb", self.menu(bundles=())[0])


class WhenAnAddressIsSetOnTheConsole(unittest.TestCase):
    def test_replaces_that_interface_only_and_comes_first(self):
        before = {"network": [{"name": "eth0", "dhcp4": True}, {"name": "eth1", "dhcp4": True}], "hostname": "h"}
        after = system.with_link(before, "eth1", "192.0.2.7/24", "192.0.2.1", ["192.0.2.53"])
        self.assertEqual([link["name"] for link in after["network"]], ["eth1", "eth0"])
        self.assertEqual(after["network"][0]["gateways"], ["192.0.2.1"])
        self.assertEqual(len(before["network"]), 2)


class WhenVersionsAreCompared(unittest.TestCase):
    def test_has_a_candidate_come_before_its_version(self):
        for earlier, later in (("1.2.0-rc1", "1.2.0"), ("1.2.0", "1.10.0"), ("0.1.0-SNAPSHOT", "90.0.1")):
            done = subprocess.run(["dpkg", "--compare-versions", system.comparable(earlier), "lt", system.comparable(later)], check=False)
            self.assertEqual(done.returncode, 0, (earlier, later))


if __name__ == "__main__":
    unittest.main()
