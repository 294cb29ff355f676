"""The shell programs of the image and of a pair, with other programs in the place of the machine's. Run: python3 -m unittest discover -s appliance-image/test"""

import http.server
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

IMAGE = Path(__file__).parent.parent
OVERLAY = IMAGE / "disk/overlay/usr/lib/appliance"
SECONDS_MAX = 30


class Scripts(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.base = Path(place.name)
        (self.base / "bin").mkdir()

    def stub(self, name, text):
        program = self.base / "bin" / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)

    def environment(self, **more):
        return {**os.environ, "PATH": f"{self.base / 'bin'}:{os.environ['PATH']}", "BASE": str(self.base), **more}

    def start(self, *words):
        """Runs until the test is over."""
        process = subprocess.Popen(words, env=self.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def until(self, what, is_so):
        end = time.monotonic() + SECONDS_MAX
        while not is_so():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.01)


class WhenAVersionIsJudged(Scripts):
    def setUp(self):
        super().setUp()
        for name in ("rauc", "systemctl"):
            self.stub(name, f'echo "{name} $*" >>"$BASE/calls"; [ "$1" != show ] || cat "$BASE/restarts"')
        (self.base / "restarts").write_text("0\n")
        self.stub("grub-editenv", 'case $2 in list) echo A_OK=1; cat "$BASE/noted" 2>/dev/null ;; set) echo "$3" >>"$BASE/noted" ;; esac')
        (self.base / "version").write_text("1.0.1\n")
        (self.base / "cmdline").write_text("quiet rauc.slot=B ro\n")

    def health(self, port, seconds="3"):
        return subprocess.run(
            [OVERLAY / "health"],
            env=self.environment(
                APPLIANCE_STATE=str(self.base),
                APPLIANCE_VERSION=str(self.base / "version"),
                APPLIANCE_CMDLINE=str(self.base / "cmdline"),
                APPLIANCE_STATUS_PORT=str(port),
                APPLIANCE_RUN=str(self.base / "run"),
                APPLIANCE_HEALTH_SECONDS=seconds,
            ),
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )

    def calls(self):
        return (self.base / "calls").read_text()

    def test_is_good_once_it_is_ready(self):
        with Answering(200) as port:
            self.assertEqual(self.health(port, str(SECONDS_MAX)).returncode, 0)

        self.assertIn("rauc status mark-good", self.calls())
        self.assertEqual((self.base / "healthy-version").read_text(), "1.0.1 in slot B\n")

    def test_tells_the_loader_once_that_it_is_good(self):
        with Answering(200) as port:
            self.health(port, str(SECONDS_MAX))
            self.health(port, str(SECONDS_MAX))

        self.assertEqual((self.base / "noted").read_text(), "healthy=1.0.1 in slot B\n")

    def shut(self):
        (self.base / "run").mkdir()
        (self.base / "run/closed").touch()

    def test_goes_back_from_one_whose_firewall_lets_nobody_in(self):
        self.shut()
        with Answering(200) as port:
            self.assertEqual(self.health(port, str(SECONDS_MAX)).returncode, 1)

        self.assertIn("rauc status mark-bad", self.calls())
        self.assertNotIn("mark-good", self.calls())

    def test_keeps_a_healthy_one_whose_firewall_lets_nobody_in(self):
        self.shut()
        (self.base / "healthy-version").write_text("1.0.1 in slot B\n")
        with Answering(200) as port:
            self.assertEqual(self.health(port, str(SECONDS_MAX)).returncode, 0)

        self.assertNotIn("mark-bad", self.calls())

    def test_goes_back_from_one_that_answers_no(self):
        with Answering(503) as port:
            self.assertEqual(self.health(port).returncode, 1)

        self.assertIn("rauc status mark-bad", self.calls())
        self.assertIn("reboot", self.calls())
        self.assertFalse((self.base / "noted").exists())

    def test_goes_back_in_time_from_one_that_takes_connections_and_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.assertEqual(self.health(silent.getsockname()[1]).returncode, 1)

        self.assertIn("rauc status mark-bad", self.calls())

    def test_goes_back_at_once_from_one_that_ends_again_and_again(self):
        (self.base / "restarts").write_text("5\n")
        with Answering(503) as port:
            # Longer than this test waits for it.
            self.assertEqual(self.health(port, "300").returncode, 1)

        self.assertIn("rauc status mark-bad", self.calls())

    def test_keeps_one_that_was_healthy_before(self):
        (self.base / "healthy-version").write_text("1.0.1 in slot B\n")
        with Answering(503) as port:
            self.assertEqual(self.health(port).returncode, 1)

        self.assertNotIn("mark-bad", self.calls())
        # Nor does the loader leave it at a later boot.
        self.assertIn("rauc status mark-good", self.calls())

    def test_goes_back_from_one_that_bears_the_name_of_a_healthy_one_in_the_other_slot(self):
        (self.base / "healthy-version").write_text("1.0.1 in slot A\n")
        with Answering(503) as port:
            self.assertEqual(self.health(port).returncode, 1)

        self.assertIn("rauc status mark-bad", self.calls())
        self.assertNotIn("mark-good", self.calls())

    def test_does_not_forget_a_healthy_one_on_a_full_disk(self):
        (self.base / "healthy-version").write_text("1.0.1 in slot B\n")
        # Stands for a disk without room: nothing can be written beside it.
        (self.base / "healthy-version.part").symlink_to("/dev/full")
        with Answering(200) as port:
            self.assertEqual(self.health(port, str(SECONDS_MAX)).returncode, 0)

        self.assertEqual((self.base / "healthy-version").read_text(), "1.0.1 in slot B\n")


class WhenALoaderChooses(Scripts):
    """The loader's own lines, by a shell that reads them alike: words, tests and loops are the same."""

    # Last comes what stands for GRUB's commands.
    COMMANDS = """
    set() { declare -g "$1"; }
    serial() { :; }
    terminal_input() { :; }
    terminal_output() { :; }
    regexp() { :; }
    load_env() { . "$BASE/kept"; }
    save_env() { shift 2; for name; do printf '%s=%q\\n' "$name" "${!name}"; done >"$BASE/kept"; }
    root=hd0,gpt2
    """

    def setUp(self):
        super().setUp()
        lines = (IMAGE / "disk/grub.cfg").read_text().split("menuentry", 1)[0]
        (self.base / "choose").write_text(self.COMMANDS + lines + '\necho "$default" >&3\n')
        self.keep(ORDER="'B A'", A_OK=1, A_TRY=0, B_OK=1, B_TRY=0, machine_id="", factory_reset="")

    def keep(self, **values):
        with open(self.base / "kept", "a") as kept:
            kept.writelines(f"{name}={value}\n" for name, value in values.items())

    def boot(self):
        done = subprocess.run(["bash", "-c", '. "$BASE/choose" 3>&1 >/dev/null'], env=self.environment(), capture_output=True, text=True, timeout=SECONDS_MAX, check=True)
        self.assertEqual(done.stderr, "")
        return "AB"[int(done.stdout)]

    def test_stays_with_a_version_whose_power_fails_twice_while_it_boots(self):
        self.assertEqual([self.boot() for _ in range(3)], ["B", "B", "B"])
        # As RAUC marks a good one.
        self.keep(B_OK=1, B_TRY=0)
        self.assertEqual([self.boot() for _ in range(3)], ["B", "B", "B"])

    def test_leaves_one_that_was_tried_three_times_in_vain_and_then_takes_them_in_turn(self):
        self.assertEqual("".join(self.boot() for _ in range(12)), "BBBAAAABBBAA")

    def test_takes_no_slot_that_is_bad_while_there_is_another(self):
        self.keep(B_OK=0)
        self.assertEqual("".join(self.boot() for _ in range(6)), "AAAAAA")
        self.keep(A_OK=0, B_OK=1)
        self.assertEqual("".join(self.boot() for _ in range(6)), "BBBBBB")

    def test_takes_one_that_was_begun_with_by_an_older_loader(self):
        self.keep(B_TRY=1)
        self.assertEqual(self.boot(), "B")


class WhenAFileBeginsAUnit(unittest.TestCase):
    def test_is_begun_however_often_it_comes(self):
        """A unit that was begun too often takes its path unit with it, until the next boot."""
        units = IMAGE / "disk/overlay/usr/lib/systemd/system"
        paths = list(units.glob("*.path"))
        self.assertTrue(paths)
        for path in paths:
            self.assertIn("\nStartLimitIntervalSec=0\n", path.with_suffix(".service").read_text(), path.name)


class WhenThePackageIsPurged(Scripts):
    @unittest.skipUnless(os.getuid() == 0, "needs root")
    def test_takes_a_data_folder_that_is_a_file_system_of_its_own(self):
        self.stub("systemctl", ":")
        self.stub("getent", "exit 2")
        # In mounts of its own: what this machine has at these places is out of sight.
        there = "mount -t tmpfs t /var/lib && mount -t tmpfs t /etc && mkdir /etc/penstock /var/lib/penstock && mount -t tmpfs t /var/lib/penstock && cd /var/lib/penstock"
        purge = f'mkdir keys && echo x >keys/secret && cd / && sh "{IMAGE}/deb/postrm" purge && test ! -e /etc/penstock && ls -A /var/lib/penstock'
        done = subprocess.run(["unshare", "-m", "sh", "-c", f"{there} && {purge}"], env=self.environment(), capture_output=True, text=True, timeout=SECONDS_MAX, check=False)

        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


@unittest.skipUnless(shutil.which("sfdisk"), "needs sfdisk")
class WhenADiskIsWritten(Scripts):
    ESP = b"FAT" + bytes((64 << 20) - 3)

    def setUp(self):
        super().setUp()
        self.pieces = self.base / "pieces"
        self.pieces.mkdir()
        for name, content in (("boot.img", b"b" * 440), ("core.img", b"c" * 1000), ("esp.img", self.ESP), ("root.squashfs", b"r" * 4096)):
            (self.pieces / name).write_bytes(content)
        self.disk = self.base / "disk"
        with open(self.disk, "wb") as used:
            for _ in range(80):
                used.write(b"\xff" * (1 << 20))
            used.truncate(1092 << 20)

    def write(self):
        return subprocess.run([OVERLAY / "write-disk", self.disk, self.pieces], capture_output=True, text=True, timeout=SECONDS_MAX, env=self.environment(), check=False)

    def held(self, offset, length):
        with open(self.disk, "rb") as written:
            written.seek(offset)
            return written.read(length)

    def test_leaves_nothing_of_an_earlier_owner_in_the_loaders_partition(self):
        self.assertEqual(self.write().returncode, 0)

        self.assertEqual(self.held(0, 440), b"b" * 440)
        self.assertTrue(self.held(2 << 20, len(self.ESP)) == self.ESP)
        self.assertEqual(self.held(66 << 20, 4096), b"r" * 4096)

    def test_has_a_disk_start_nothing_that_is_half_written(self):
        # Ends before what it writes n-th.
        self.stub("dd", 'n=$(cat "$BASE/n"); [ "$n" != 0 ] || exit 9; echo $((n - 1)) >"$BASE/n"; exec /bin/dd "$@"')
        for count in range(1, 5):
            with self.subTest(count):
                (self.base / "n").write_text(str(count))
                self.assertEqual(self.write().returncode, 9)

                self.assertEqual(self.held(0, 440), bytes(440))

    def test_tells_a_disk_that_does_not_keep_what_it_takes(self):
        self.stub("dd", '/bin/dd "$@"; case "$*" in *root.squashfs*) printf x | /bin/dd of="$BASE/disk" bs=1 seek=69206020 conv=notrunc 2>/dev/null ;; esac')

        done = self.write()

        self.assertEqual(done.returncode, 1)
        self.assertIn("reads back as something else (root.squashfs)", done.stderr)
        self.assertEqual(self.held(0, 440), bytes(440))


class WhenAPairIsTold(Scripts):
    def test_keepalived_has_how_it_stands_also_after_it_has_begun_anew(self):
        ready = self.base / "ready"
        self.stub("curl", '[ -e "$BASE/is-up" ]')
        (self.base / "is-up").touch()
        self.start(str(IMAGE / "ha/watch"), "http://gateway", str(ready), "60")
        self.until("ready", lambda: ready.exists() and ready.read_text() == "0\n")

        ready.write_text("-60\n")
        self.until("ready again, though the gateway has not changed", lambda: ready.read_text() == "0\n")
        ready.unlink()
        self.until("ready in a file that is new", lambda: ready.exists() and ready.read_text() == "0\n")

        (self.base / "is-up").unlink()
        self.until("not ready", lambda: ready.read_text() == "-60\n")

    def test_bird_announces_also_after_it_has_begun_anew(self):
        bird = self.base / "bird"
        self.stub("curl", '[ -e "$BASE/is-up" ]')
        self.stub("birdc", '[ -e "$BASE/bird" ] || exit 1; echo "$3" >"$BASE/bird"')
        (self.base / "is-up").touch()
        self.start(str(IMAGE / "ha/announce"), "http://gateway", "socket")
        bird.write_text("disable\n")
        self.until("announced", lambda: bird.read_text() == "enable\n")

        bird.write_text("disable\n")
        self.until("announced by a BIRD that has begun anew", lambda: bird.read_text() == "enable\n")

        (self.base / "is-up").unlink()
        self.until("withdrawn", lambda: bird.read_text() == "disable\n")


class WhenAPairIsOneService(Scripts):
    """The programs of a pair beside others that stand for keepalived, BIRD and who tells them."""

    def setUp(self):
        super().setUp()
        for name in ("vrrp", "bgp"):
            shutil.copy(IMAGE / "ha" / name, self.base / "bin")
        for name in ("watch", "announce"):
            self.stub(name, 'echo $$ >"$BASE/teller.part" && mv "$BASE/teller.part" "$BASE/teller"; exec sleep 600')
        for name in ("keepalived", "bird"):
            self.stub(name, 'exec sleep 600')
        self.stub("ip", ":")

    def test_ends_with_who_tells_it_how_the_gateway_stands(self):
        for program in ("vrrp", "bgp"):
            with self.subTest(program):
                teller = self.base / "teller"
                teller.unlink(missing_ok=True)
                service = subprocess.Popen([str(self.base / "bin" / program)], env=self.environment(SERVICE="10.77.0.10", EGRESS="10.77.0.20"), stderr=subprocess.DEVNULL)
                self.addCleanup(service.wait)
                self.addCleanup(service.kill)
                self.until("it is told", teller.exists)

                os.kill(int(teller.read_text()), signal.SIGKILL)

                self.assertEqual(service.wait(SECONDS_MAX), -signal.SIGTERM)


class WhenConnectionsShallSurviveAMove(Scripts):
    def test_names_an_interface_with_dots_as_the_kernel_does(self):
        self.stub("sysctl", 'printf "%s\\n" "$@" >"$BASE/sysctl"')
        for name in ("ip", "curl", "nft"):
            self.stub(name, ":")

        subprocess.run(
            [IMAGE / "ha/second-chance.sh", "eth0.100", "10.77.0.10", "10.77.0.20", "10.77.0.11", "10.77.0.12", "20000-29999"],
            env=self.environment(),
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )

        set_here = (self.base / "sysctl").read_text().splitlines()
        self.assertIn("net/ipv4/conf/eth0.100/rp_filter=0", set_here)
        self.assertIn("net/ipv4/conf/eth0.100/send_redirects=0", set_here)


class Answering:
    """A status port that answers each request with one status."""

    def __init__(self, status):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    unittest.main()
