"""The firewall before and without the settings' own rules, in networks of their own. Run as root: python3 -m unittest discover -s appliance-image/test"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

OVERLAY = Path(__file__).parent.parent / "disk/overlay"
sys.path.insert(0, str(OVERLAY / "usr/lib/appliance"))
sys.dont_write_bytecode = True

import files  # noqa: E402  from the folder above
import settings  # noqa: E402

UNITS = OVERLAY / "usr/lib/systemd/system"
CLOSED = OVERLAY / "usr/lib/appliance/closed.nft"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMtvVmBYgcMsWVgZ0uMJR8EgUXaF2fIUlLJYyMR4eF0k t"
# Whether something can be connected to: from another machine (a network behind a link), and from this one.
PROBE = """
set -e
ip link set lo up
ip link add gate type veth peer name other
unshare --net sleep 600 & there=$!
until [ "$(readlink /proc/$there/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
ip link set other netns $there
ip address add 10.9.0.1/24 dev gate
ip link set gate up
nsenter --net=/proc/$there/ns/net sh -c 'ip address add 10.9.0.2/24 dev other; ip link set other up'
python3 -c '
import socket, time
doors = [socket.create_server(("0.0.0.0", port)) for port in (22, 8443)]
print("listens", flush=True)
time.sleep(600)' >"$WORK/said" & doors=$!
until grep -q listens "$WORK/said"; do :; done
tried() { python3 -c 'import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close(); print("open", end=" ")
except OSError: print("shut", end=" ")' "$@"; }
export -f tried
look() {
    echo "$1 $(for port in 22 8443; do nsenter --net=/proc/$there/ns/net bash -c "tried 10.9.0.1 $port"; done) here $(tried 127.0.0.1 22)"
}
nft -f "$CLOSED"
look closed
nft -f "$WORK/broken.nft" 2>/dev/null && exit 1
look broken
nft -f "$WORK/rendered.nft"
look rendered
nft -f "$CLOSED"
look ended
kill $there $doors
"""


def loads():
    """Whether rules can be loaded here at all."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("nft", "unshare", "nsenter", "ip"))):
        return False
    return subprocess.run(["unshare", "--net", "nft", "-f", CLOSED], capture_output=True, check=False).returncode == 0


class WhenTheRulesAreLoaded(unittest.TestCase):
    @unittest.skipUnless(loads(), "needs root, nft and networks of its own")
    def test_nobody_gets_in_before_them_nor_where_they_are_broken_nor_at_the_end(self):
        wanted = settings.check({"ssh": {"keys": [KEY]}, "admin": {"sources": ["10.9.0.0/24"]}})
        with tempfile.TemporaryDirectory() as work:
            text = files.firewall(wanted).replace("/etc/appliance", work)
            # Groups of processes are the service manager's.
            text = "\n".join(line for line in text.splitlines() if "cgroupv2 level" not in line) + "\n"
            Path(work, "rendered.nft").write_text(text)
            Path(work, "broken.nft").write_text(text.replace("tcp dport 22 accept", "tcp dport 22 accept frobnicate"))

            done = subprocess.run(
                ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", PROBE],
                env={**os.environ, "WORK": work, "CLOSED": str(CLOSED)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            [line.split() for line in done.stdout.splitlines()],
            [
                ["closed", "shut", "shut", "here", "open"],
                ["broken", "shut", "shut", "here", "open"],
                ["rendered", "open", "open", "here", "open"],
                ["ended", "shut", "shut", "here", "open"],
            ],
        )

    def test_the_network_waits_for_rules_and_does_without_them_not_at_all(self):
        first = (UNITS / "appliance-firewall.service").read_text()
        before = next(line for line in first.splitlines() if line.startswith("Before=")).removeprefix("Before=").split()

        for unit in ("network-pre.target", "systemd-networkd.service", "nftables.service", "appliance-settings.service", "sysinit.target"):
            self.assertIn(unit, before)
        self.assertIn("DefaultDependencies=no", first)
        self.assertIn("Requires=appliance-firewall.service", (UNITS / "systemd-networkd.service.d/appliance.conf").read_text())
        self.assertIn("appliance-firewall", (OVERLAY.parent / "inside.sh").read_text())

    def test_the_rules_end_is_no_open_door(self):
        own = (UNITS / "nftables.service.d/appliance.conf").read_text()

        self.assertIn("ExecStop=\nExecStop=/usr/sbin/nft -f /usr/lib/appliance/closed.nft", own)


if __name__ == "__main__":
    unittest.main()
