#!/usr/bin/env python3
"""Autobahn's WebSocket suite through the gateway, and many idle WebSockets over many config changes, by one command.

    perf/conformance/websocket.py                     # all 301 cases (some minutes): direct, then through the built product
    perf/conformance/websocket.py --quick             # for CI: 78 cases in a minute
    perf/conformance/websocket.py --idle 10000 --changes 1000     # WebSockets that must survive; tells the memory of each

The suite (without its compression cases, which are between the two ends) is the one inside the Maven plugin
me.normanmaurer.maven.autobahntestsuite; it and its server are Python 2: PYTHON2 names one, else python2.7 or python2 is
looked for. Once: mvn dependency:get -Dtransitive=false \\
    -Dartifact=me.normanmaurer.maven.autobahntestsuite:autobahntestsuite-maven-plugin:0.1.5
PENSTOCK names another launcher of the gateway. Results in perf/conformance/target/websocket: Autobahn's own report and
results.json. Ends with 1 if a case fails through the gateway, or a WebSocket is lost.
"""
import argparse
import base64
import contextlib
import json
import os
import pathlib
import resource
import selectors
import shutil
import signal
import socket
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import machine  # noqa: E402
import programs  # noqa: E402

JAR = pathlib.Path.home() / (
    ".m2/repository/me/normanmaurer/maven/autobahntestsuite/autobahntestsuite-maven-plugin/0.1.5/autobahntestsuite-maven-plugin-0.1.5.jar"
)
START = "from autobahntestsuite.wstest import run; run()"
# Without limits and performance (9) and the many of UTF-8 (6), which take minutes and look into payloads alone.
QUICK = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.1.*", "6.2.*", "7.1.*", "10.*"]
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
ASK = (
    "GET /idle HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: %s\r\n\r\n" % base64.b64encode(b"0123456789abcdef").decode()
).encode()
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def python2():
    """A Python 2; None if there is none."""
    for name in filter(None, (os.environ.get("PYTHON2"), "python2.7", "python2")):
        found = shutil.which(name)
        if found and machine.said(found, "-c", "import sys; print(sys.version_info[0])") == "2":
            return found
    return None


def document(target, idle="60s"):
    return {
        "apiVersion": "penstock/v1",
        "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
        "upstreams": [{"name": "echo", "targets": [{"address": f"127.0.0.1:{target}"}], "pool": {"max": 20000}}],
        # Autobahn's server wants its own port in Host.
        "services": [{"name": "echo", "upstream": "echo", "hostHeader": "target"}],
        "routes": [
            {
                "name": "echo",
                "service": "echo",
                "matches": [{"path": {"type": "prefix", "value": "/"}}],
                "timeouts": {"tunnelIdle": idle},
            }
        ],
    }


def missing(options):
    lacks = programs.missing_product()
    if not options.idle:
        lacks += [] if python2() else ["a Python 2 (PYTHON2)"]
        lacks += [] if JAR.exists() else [f"{JAR}; see --help"]
    return lacks


# ---- Autobahn


def autobahn(options):
    interpreter = python2()
    suite = options.out / "suite"
    if not suite.exists():
        with zipfile.ZipFile(JAR) as packed:
            packed.extractall(suite)
    environment = {**os.environ, "PYTHONPATH": str(suite)}
    cases = options.cases or (QUICK if options.quick else ["*"])
    with programs.folder_of_run("websocket") as folder, contextlib.ExitStack() as started:

        def start(name, *arguments):
            command = [interpreter, "-c", START, "-m", name, *arguments]
            return started.enter_context(programs.Program(folder, name, command, env=environment))

        echo_port = programs.free_port()
        start("echoserver", "-w", f"ws://127.0.0.1:{echo_port}").until(lambda: programs.is_open(echo_port))
        gateway = started.enter_context(programs.Gateway(folder, document(echo_port)))
        spec = {
            "options": {"failByDrop": False},
            "outdir": str(options.out / "reports"),
            "servers": [
                {"agent": "direct", "url": f"ws://127.0.0.1:{echo_port}"},
                {"agent": "penstock", "url": f"ws://127.0.0.1:{gateway.ports['web']}"},
            ],
            "cases": cases,
            "exclude-cases": ["12.*", "13.*"],
            "exclude-agent-cases": {},
        }
        (folder / "spec.json").write_text(json.dumps(spec))
        start("fuzzingclient", "-s", str(folder / "spec.json")).process.wait()
    index = json.loads((options.out / "reports/index.json").read_text())
    direct, through = index["direct"], index["penstock"]
    failed, other = [], []
    for case, found in sorted(through.items()):
        said = f"{case}: {found['behavior']}, closed {found['behaviorClose']}; direct {direct[case]['behavior']}, closed {direct[case]['behaviorClose']}"
        if found["behavior"] not in GOOD or found["behaviorClose"] not in GOOD:
            failed.append(said)
        elif found["behavior"] != direct[case]["behavior"]:
            # Whose bytes are lost where an end closes in the middle is a matter of moments, with and without a gateway.
            other.append(said)
    strict = sum(1 for found in through.values() if found["behavior"] == "OK")
    print(f"{len(through) - len(failed)} of {len(through)} cases passed through the gateway, {strict} of them OK")
    print("\n".join(["otherwise than without it:", *other] if other else []))
    print("\n".join(["failed:", *failed] if failed else []))
    return {"cases": len(through), "failed": failed, "otherwise": other, "ok": strict}


# ---- idle ones


def endpoint(listening):
    """A process of its own that upgrades whoever asks, and answers what comes then with a pong."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with selectors.DefaultSelector() as selector:
        selector.register(listening, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is listening:
                    selector.register(listening.accept()[0], selectors.EVENT_READ)
                    continue
                try:
                    said = key.fileobj.recv(4096)
                    if said:
                        key.fileobj.sendall(SWITCH if said.startswith(b"GET") else b"\x8a\x00")
                except OSError:
                    said = b""
                if not said:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def change(gateway, number):
    route = {"matches": [{"path": {"type": "exact", "value": f"/c{number}"}}], "respond": {"status": 200, "body": str(number)}}
    status, said = gateway.call("PUT", f"/v1/routes/c{number % 20}", route, is_new=number < 20)
    if status >= 300:
        programs.stop(f"config change {number} was refused: {said}")


def idle(options):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # One here for each, and two in the gateway.
    wanted = 2 * options.idle + 200
    try:
        # What is started inherits it.
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
    except (ValueError, OSError):
        programs.stop(f"{wanted} descriptors are needed here and in the gateway; ulimit -n allows {hard}")
    with programs.folder_of_run("websocket") as folder, contextlib.ExitStack() as started:
        listening = started.enter_context(contextlib.closing(socket.create_server(("127.0.0.1", 0), backlog=1024)))
        child = endpoint(listening)
        started.callback(os.waitpid, child, 0)
        started.callback(os.kill, child, signal.SIGTERM)
        gateway = started.enter_context(programs.Gateway(folder, document(listening.getsockname()[1], idle="2h")))
        clients = []

        def opened(upto):
            while len(clients) < upto:
                client = socket.create_connection(("127.0.0.1", gateway.ports["web"]), 30)
                client.sendall(ASK)
                clients.append(client)
                if not client.recv(4096).startswith(b"HTTP/1.1 101 "):
                    programs.stop("an upgrade was refused")

        # What the first ones load is not theirs.
        opened(min(200, options.idle))
        before = machine.resident_kib(gateway.process.pid)
        opened(options.idle)
        after = machine.resident_kib(gateway.process.pid)
        more = max(1, options.idle - min(200, options.idle))
        print(f"{options.idle} WebSockets open; {(after - before) / more:.1f} KiB resident for each of the last {more}", flush=True)
        began = time.monotonic()
        for number in range(options.changes):
            change(gateway, number)
        took = time.monotonic() - began
        lost = 0
        for client in clients:
            try:
                client.sendall(b"\x89\x80abcd")
                lost += client.recv(2) != b"\x8a\x00"
            except OSError:
                lost += 1
            client.close()
    print(f"{options.changes} config changes in {took:.1f} s; {lost} of {options.idle} WebSockets lost")
    return {"idle": options.idle, "changes": options.changes, "lost": lost, "kib_each": round((after - before) / more, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the cases that take seconds")
    parser.add_argument("--cases", action="append", metavar="PATTERN", help="these cases, for example 5.*; may be repeated")
    parser.add_argument("--idle", type=int, default=0, metavar="N", help="so many idle WebSockets, in place of Autobahn")
    parser.add_argument("--changes", type=int, default=1000, metavar="N", help="config changes that they have to survive")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "target/websocket", metavar="DIR")
    parser.add_argument("--list", action="store_true", help="tell what is missing, and stop")
    options = parser.parse_args()
    programs.tell_missing(missing(options), options.list)
    options.out = options.out.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    found = idle(options) if options.idle else autobahn(options)
    facts = machine.facts(java=machine.java_version(machine.java()) if machine.java() else "")
    (options.out / "results.json").write_text(json.dumps({"machine": facts, **found}, indent=1) + "\n")
    sys.exit(1 if found.get("failed") or found.get("lost") else 0)


if __name__ == "__main__":
    main()
