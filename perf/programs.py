"""What the scripts share that start a Penstock and others beside it: programs that end with their block, ports, certificates, findings."""
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import machine

READY_S, END_S = 120, 20
TOKEN = "token-of-this-run-of-a-script"


def stop(why):
    """Ends the script, which is named."""
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {why}")


# ---- what is missing


def missing_java():
    return [] if machine.java() else ["no JDK 25: set JAVA_HOME to one"]


def missing_product():
    is_built = "PENSTOCK" in os.environ or list((machine.SOURCES / "appliance-image/target/lib").glob("appliance-image-*.jar"))
    return [] if is_built else ["Penstock is not built: mvn -DskipTests package"]


def tell_missing(lacks, is_all):
    """Ends the script if something is missing, or if to tell it was all that was wanted."""
    if lacks:
        print("\n".join("missing: " + each for each in lacks), file=sys.stderr)
    if is_all or lacks:
        sys.exit(1 if lacks else 0)


def tell_packages(absent, packages):
    """Names the Debian packages that have what is absent; the script may do without."""
    if absent:
        wanted = dict.fromkeys(packages[each] for each in absent)
        print(f"missing: {', '.join(absent)}; Debian has them: apt-get install {' '.join(wanted)}")


def absent(packages):
    """Those tools, named with their packages, that are not installed."""
    found = [tool for tool in packages if not shutil.which(tool)]
    tell_packages(found, packages)
    return found


# ---- programs


@contextlib.contextmanager
def folder_of_run(name):
    """A folder that is gone afterwards; ended from outside, too, the script ends what it started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix=f"penstock-{name}-") as folder:
        yield pathlib.Path(folder)


def free_port():
    """A port below those that the kernel gives to clients, which so stays free until its program has started."""
    low = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    first, count = max(1024, low - 12000), low - max(1024, low - 12000)
    for step in range(count):
        # Runs at the same time look in different places.
        port = first + (os.getpid() * 97 + step) % count
        if port in free_port.taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free_port.taken.add(port)
        return port
    stop(f"no free port below {low} on 127.0.0.1")


free_port.taken = set()


def is_open(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def run(command, stdin=b"", seconds=30, **more):
    """A program's exit code and all that it said; bounded, whatever it does."""
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, **more)
    return done.returncode, done.stdout.decode("utf-8", "replace")


class Program:
    """A started program, ended with its block; what it says goes to a file."""

    def __init__(self, folder, name, command, **more):
        self.name, self.out = name, folder / f"{name}.out"
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **more)

    def said(self):
        return self.out.read_text(errors="replace")

    def until(self, is_ready, seconds=READY_S):
        """What is_ready finds. A program that does not get ready ends the script, with the last that it said."""
        try:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and self.process.poll() is None:
                found = is_ready()
                if found:
                    return found
                time.sleep(0.05)
            stop(f"{self.name} did not get ready:\n{self.said()[-3000:]}")
        except BaseException:
            # Its block has not begun.
            self.end()
            raise

    def ready_line(self):
        return self.until(lambda: re.search(r"^ready.*\n", self.said(), re.M))[0]

    def end(self, how=signal.SIGTERM):
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, how)
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Gateway(Program):
    """A Penstock with a document of its own, or with what the folder has of an earlier one; ports has those of its listeners, by name."""

    def __init__(self, folder, document=None, *arguments, drain=2):
        self.document, self.token = folder / "penstock.yaml", folder / "token"
        self.token.write_text(TOKEN)
        self.token.chmod(0o600)
        command = [str(machine.LAUNCHER), "run", "--data", str(folder / "data"), "--drain", str(drain), "--admin-token-file", str(self.token)]
        command += ["--admin", "127.0.0.1:0", "--status", "127.0.0.1:0"]
        if document:
            # Whatever is JSON is YAML too.
            self.document.write_text(json.dumps(document, indent=1))
            command += ["--apply", str(self.document)]
        super().__init__(folder, "penstock", command + list(arguments))
        line = self.ready_line()
        self.ports = {name: int(port) for name, port in re.findall(r"(\S+) (?:http://)?127\.0\.0\.1:(\d+)", line)}
        self.admin, self.status = (f"http://127.0.0.1:{self.ports.get(name)}" for name in ("admin", "status"))

    def call(self, method, path, body=None, is_new=False):
        """The status and the document with which the admin API answers."""
        request = urllib.request.Request(self.admin + path, None if body is None else json.dumps(body).encode(), method=method)
        request.add_header("Authorization", f"Bearer {TOKEN}")
        request.add_header("Content-Type", "application/json")
        if not is_new:
            request.add_header("If-Match", "*")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"{}")


# ---- what stands behind it


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    # More at a time than the five of the library would wait for their packets to be sent again.
    request_queue_size = 1024

    def handle_error(self, *_):
        """Connections that are cut in the middle are no news."""


@contextlib.contextmanager
def serving(origin):
    """The port where an origin of this script answers."""
    with Server(("127.0.0.1", 0), origin) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


# ---- certificates


def openssl(*arguments):
    code, said = run(["openssl", *map(str, arguments)])
    if code:
        stop(f"openssl {' '.join(map(str, arguments))}:\n{said}")


def self_signed(folder, name):
    """The files of a certificate of localhost, which may sign others, and of its key."""
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", chain)
    return chain, key


def certificate(name, chain, key):
    """As a document has it."""
    return {"name": name, "certificate": {"file": str(chain)}, "key": {"file": str(key)}}


# ---- what was found


class Findings:
    def __init__(self):
        self.failed = 0

    def check(self, what, holds, detail=""):
        self.failed += not holds
        print(f"  {'ok  ' if holds else 'FAIL'}  {what}" + ("" if holds or not detail else f"\n{str(detail).strip()[-1500:]}"), flush=True)

    def end(self):
        print(f"\n{self.failed} of the findings are not as they should be" if self.failed else "\nall as it should be")
        sys.exit(1 if self.failed else 0)
