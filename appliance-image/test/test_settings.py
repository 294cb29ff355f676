"""What a seed may say, what is refused, and what becomes of it below /etc. Run: python3 -m unittest discover -s appliance-image/test"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True

import files  # noqa: E402  from the folder above
import settings  # noqa: E402

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMtvVmBYgcMsWVgZ0uMJR8EgUXaF2fIUlLJYyMR4eF0k me"


class WhenASeedIsRead(unittest.TestCase):
    def test_takes_nothing_as_the_defaults(self):
        taken, document = settings.from_seed(None, None, None)

        self.assertEqual(taken, settings.DEFAULTS)
        self.assertIsNone(document)

    def test_takes_what_is_known(self):
        taken, document = settings.from_seed(
            {"instance-id": "one", "local-hostname": "by-meta"},
            {"ssh_authorized_keys": [KEY], "ntp": {"servers": ["ntp.example", "192.0.2.1"]}, "appliance": {"document": {"apiVersion": "penstock/v1"}}},
            {"version": 2, "ethernets": {"eth0": {"addresses": ["192.0.2.7/24"], "routes": [{"to": "default", "via": "192.0.2.1"}]}}},
        )

        self.assertEqual(taken["hostname"], "by-meta")
        self.assertEqual(taken["ssh"]["keys"], [KEY])
        self.assertEqual(taken["network"][0]["gateways"], ["192.0.2.1"])
        self.assertEqual(document, {"apiVersion": "penstock/v1"})

    def test_tells_all_faults_at_once_and_passes_over_nothing(self):
        with self.assertRaises(settings.Faults) as refused:
            settings.from_seed(
                {},
                {"hostname": "no host\nname", "password": "x", "ssh_authorized_keys": ["no key\nssh-rsa AAAA"], "appliance": {"admin": {"port": True}}},
                {"version": 1, "ethernets": {"eth0": {"addresses": ["192.0.2.7\n[Evil]"], "wakeonlan": True}}},
            )

        for part in ("hostname", "'password' is not known", "ssh_authorized_keys[0]", "appliance.admin.port", "version", "addresses[0]", "'wakeonlan'"):
            self.assertIn(part, str(refused.exception))

    def test_takes_no_shape_for_another(self):
        for meta, user, network in (([], {}, {}), ({}, "text", {}), ({}, {}, {"version": 2, "ethernets": []}), ({}, {"appliance": 1}, {})):
            with self.assertRaises(settings.Faults):
                settings.from_seed(meta, user, network)

    def test_takes_no_prefix_for_which_the_firewall_would_not_load(self):
        for source in ("10.0.0.0/08", "10.0.0.0/00", "::ffff:10.0.0.0/104"):
            with self.assertRaises(settings.Faults):
                settings.from_seed({}, {"appliance": {"admin": {"sources": [source]}}}, {})

    def test_does_not_change_the_defaults(self):
        settings.from_seed({}, {"appliance": {"console": {"shell": True}, "admin": {"port": 1}}}, {})

        self.assertEqual(settings.DEFAULTS["console"]["shell"], False)
        self.assertEqual(settings.DEFAULTS["admin"]["port"], 8443)


class WhenADocumentOfTheApiIsRead(unittest.TestCase):
    """The cases are the gateway's own too: SystemSettingsTest reads the same file."""

    def test_takes_and_refuses_what_the_gateway_takes_and_refuses(self):
        cases = json.loads((Path(__file__).parent / "settings-cases.json").read_text())
        for case in cases["good"]:
            with self.subTest(case):
                settings.check(case)
        for case in cases["bad"]:
            with self.subTest(case), self.assertRaises(settings.Faults) as refused:
                settings.check(case["settings"])
            self.assertEqual(sorted(problem["pointer"] for problem in refused.exception.problems()), case["pointers"])

    def test_takes_what_it_has_given(self):
        taken = settings.check({"network": [{"name": "en*", "dhcp4": True}]})

        self.assertEqual(settings.check(taken), taken)
        self.assertEqual(settings.check({}), settings.DEFAULTS)

    def test_is_bounded(self):
        name = "x." * 126 + "x"
        settings.check({"ntp": {"servers": [name] * settings.LIST_MAX}, "hostname": "h" * 63})
        certificate = "-----BEGIN CERTIFICATE-----\n" + "QUFB\n" * 20000 + "-----END CERTIFICATE-----\n"
        for member, value, pointer in (
            ("ntp", {"servers": [name + ".x"]}, "/ntp/servers/0"),
            ("ntp", {"servers": ["a"] * (settings.LIST_MAX + 1)}, "/ntp/servers"),
            ("hostname", "x." * 32 + "x", "/hostname"),
            ("admin", {"port": 8082}, "/admin/port"),
            ("syslog", {"server": "logs.example:6514", "ca": certificate}, "/syslog/ca"),
        ):
            with self.subTest(pointer), self.assertRaises(settings.Faults) as refused, mock.patch.object(settings, "_parses", lambda parse, text: True):
                settings.check({member: value})
            self.assertEqual([problem["pointer"] for problem in refused.exception.problems()], [pointer])

    def test_has_one_place_for_keys_in_a_seed(self):
        with self.assertRaises(settings.Faults) as refused:
            settings.from_seed({}, {"appliance": {"ssh": {"keys": [KEY]}}}, {})
        self.assertIn("keys stand in ssh_authorized_keys", str(refused.exception))

    def test_survives_any_shape(self):
        for value in (None, 1, "x", [], [[]], {"a": 1}, True, {"name": []}, [{"name": {}}], ["x"] * 1000, {1: 2}):
            for member in (*settings.DEFAULTS, None):
                try:
                    settings.check({member: value} if member else value)
                except settings.Faults as refused:
                    json.dumps(refused.problems())


class WhenAnotherVersionHasKeptThem(unittest.TestCase):
    def test_has_each_member_of_its_own_and_no_other(self):
        kept = {"hostname": "gate", "ssh": {"enabled": True, "keys": [KEY], "later": 1}, "network": [{"name": "eth0"}], "syslog": {"server": "logs.example:6514"}, "later": {}}

        found = settings.completed(kept)

        self.assertEqual(found["ssh"], {"enabled": True, "keys": [KEY], "sources": []})
        self.assertEqual(found, settings.check(found))
        self.assertIn("tcp dport 22 accept", files.firewall(found))
        self.assertIn("Name=eth0", files.of(found)["systemd/network/10-link.network"])


class WhenFilesAreRendered(unittest.TestCase):
    def test_opens_ssh_only_for_keys(self):
        taken, _ = settings.from_seed({}, {}, {})
        self.assertNotIn("dport 22", files.firewall(taken))

        taken["ssh"]["keys"] = [KEY]
        self.assertIn("tcp dport 22 accept", files.firewall(taken))

    def test_keeps_the_admin_port_to_its_sources(self):
        taken, _ = settings.from_seed({}, {"appliance": {"admin": {"sources": ["10.0.0.0/8", "2001:db8::/32"]}}}, {})

        rules = files.firewall(taken)

        self.assertLess(rules.index("tcp dport 8443 ip saddr { 10.0.0.0/8 } accept"), rules.index("tcp dport 8443 drop"))
        self.assertIn("ip6 saddr { 2001:db8::/32 } accept", rules)
        self.assertLess(rules.index("tcp dport 8443 drop"), rules.rindex("@gateway accept"))

    def test_keeps_ssh_to_its_sources_and_off(self):
        taken = settings.check({"ssh": {"keys": [KEY], "sources": ["10.0.0.0/8"]}})
        rules = files.firewall(taken)
        self.assertLess(rules.index("tcp dport 22 ip saddr { 10.0.0.0/8 } accept"), rules.index("tcp dport 22 drop"))

        taken["ssh"]["enabled"] = False
        self.assertNotIn("dport 22", files.firewall(taken))
        self.assertEqual(files.of(taken)["ssh/authorized_keys"], "")

    def test_changes_the_rules_of_a_standing_firewall_and_nothing_else(self):
        taken = settings.check({})

        text = files.firewall_input(taken)

        self.assertTrue(text.startswith("flush chain inet appliance input"))
        self.assertNotIn("set gateway", text)
        self.assertIn(text.split("\n", 2)[2][: -len("}\n")], files.firewall(taken))

    def test_has_a_journal_shipped_only_where_a_server_is_named(self):
        self.assertEqual(files.of(settings.check({}))["appliance/rsyslog.conf"], "")

        text = files.of(settings.check({"syslog": {"server": "[2001:db8::1]:6514"}}))["appliance/rsyslog.conf"]

        self.assertIn('target="2001:db8::1" port="6514"', text)
        self.assertIn('StreamDriverAuthMode="x509/name"', text)
        self.assertIn('queue.maxDiskSpace="64m"', text)

    @unittest.skipUnless(shutil.which("rsyslogd"), "needs rsyslog")
    def test_ships_no_line_with_a_token(self):
        text = files.of(settings.check({"syslog": {"server": "logs.example:6514"}}))["appliance/rsyslog.conf"]
        rules = text[text.index("\n:msg") : text.index("action(")]
        with tempfile.TemporaryDirectory() as place:
            base = Path(place)
            (base / "journal").write_text("setup token (once, for the first admin token): pst_setup_abc\nready in 900 ms\n")
            (base / "conf").write_text(
                f'module(load="imfile")\nglobal(workDirectory="{base}")\ninput(type="imfile" File="{base}/journal" Tag="x")\n{rules}\naction(type="omfile" File="{base}/shipped")\n'
            )
            daemon = subprocess.Popen(["rsyslogd", "-n", "-iNONE", "-f", base / "conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                end = time.monotonic() + 30
                while not ((base / "shipped").exists() and "ready" in (base / "shipped").read_text()):
                    self.assertLess(time.monotonic(), end, "nothing is shipped")
                    time.sleep(0.01)
                self.assertNotIn("pst_", (base / "shipped").read_text())
            finally:
                daemon.kill()
                daemon.wait()

    def test_writes_networks_for_networkd(self):
        taken, _ = settings.from_seed(
            {}, {}, {"version": 2, "ethernets": {"lan": {"match": {"macaddress": "52:54:00:12:34:56"}, "addresses": ["192.0.2.7/24"], "gateway4": "192.0.2.1", "mtu": 9000}}}
        )

        rendered = files.of(taken)["systemd/network/10-link.network"]

        self.assertEqual(
            rendered,
            "[Match]\nMACAddress=52:54:00:12:34:56\n\n[Network]\nDHCP=no\nAddress=192.0.2.7/24\nGateway=192.0.2.1\n\n[Link]\nMTUBytes=9000\n",
        )


if __name__ == "__main__":
    unittest.main()
