#!/usr/bin/env python3
"""HTTP/3 through the gateway, asked by ngtcp2's client (gtlsclient), and by Chromium where it is installed.

    perf/conformance/http3.py            # all, about a minute
    perf/conformance/http3.py --quick    # without Chromium, lost packets, clients that move and many at a time
    perf/conformance/http3.py --list     # what would run, and what is missing

Starts an endpoint and a built Penstock ("mvn -DskipTests package") with an https listener that has http3, with a certificate made
for the run. All traffic stays on 127.0.0.1. Ends with 1 if anything is not as it should be. Debian has the client: apt-get install
ngtcp2-client (CHROMIUM names another browser).
"""
import argparse
import base64
import contextlib
import hashlib
import http.client
import itertools
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import browser  # noqa: E402
import machine  # noqa: E402
import programs  # noqa: E402
from programs import openssl, run  # noqa: E402

CLIENT = "gtlsclient"
TOOLS = {CLIENT: "ngtcp2-client", "openssl": "openssl"}
# Ends with its last stream, and says what QUIC carries in few words.
ONCE = ["--exit-on-all-streams-close", "--no-quic-dump"]
STEP_S = 20
BIG_BYTES = 4_000_000
STREAMS = 300
PIECE = b"0123456789" * 100
# Pieces of answers that are under way from before a restart until after it.
LONG = 120
# As a client reads it that knows of no bound (RFC 9114 section 5.2).
ANY_STREAM = (1 << 62) - 4
NO_ERROR = "0x100"
PAGE = """<title>page</title><script>
const hex = octets => Array.from(new Uint8Array(octets), octet => octet.toString(16).padStart(2, '0')).join('');
(async () => {
  const body = await (await fetch('/o/big')).arrayBuffer();
  const down = hex(await crypto.subtle.digest('SHA-256', body));
  const up = await (await fetch('/o/sum', {method: 'POST', body})).text();
  const few = await Promise.all([...Array(100).keys()].map(async i => (await fetch('/o/n/' + i)).status));
  return down + '/' + up + '/' + few.filter(status => status === 200).length;
})().catch(error => encodeURIComponent(error)).then(seen => fetch('/done/' + seen));
</script>"""


def until(holds, seconds=STEP_S):
    """Whether something holds in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def digest(octets):
    return hashlib.sha256(octets).hexdigest()


class Origin(programs.Origin):
    big = os.urandom(1000) * (BIG_BYTES // 1000)

    @staticmethod
    def small(number):
        return f"{number} ".encode() * 500

    def do_GET(self):
        kind, name = self.path.split("/")[2:4] if self.path.count("/") > 2 else ("big", "")
        if kind == "slow":
            # So many pieces, ten a second.
            self.send_response(200)
            self.send_header("Content-Length", str(int(name) * len(PIECE)))
            self.end_headers()
            for _ in range(int(name)):
                self.wfile.write(PIECE)
                time.sleep(0.1)
        else:
            self.answer(self.big if kind == "big" else self.small(name))

    def do_POST(self):
        summed, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while left > 0:
            part = self.rfile.read(min(left, 1 << 16))
            if not part:
                return
            summed.update(part)
            left -= len(part)
        self.answer(summed.hexdigest().encode())


def listener(port, has_http3=True):
    return {"name": "secure", "address": f"127.0.0.1:{port}", "protocol": "https", "http2": True, "http3": has_http3}


def told(text):
    return {"name": "told", "matches": [{"path": {"type": "exact", "value": "/told"}}], "respond": {"status": 200, "body": text}}


def document(port, certificate, origin):
    def at(path, *methods):
        return [{"path": {"type": "prefix", "value": path}, **({"methods": list(methods)} if methods else {})}]

    return {
        "apiVersion": "penstock/v1",
        "listeners": [listener(port)],
        "certificates": [certificate],
        "upstreams": [{"name": "origin", "targets": [{"address": f"127.0.0.1:{origin}"}]}],
        "services": [{"name": "origin", "upstream": "origin"}],
        "routes": [
            {"name": "origin", "service": "origin", "matches": at("/o", "GET", "POST")},
            told("as at first"),
            {"name": "page", "matches": at("/page"), "respond": {"status": 200, "contentType": "text/html", "body": PAGE}},
            {"name": "done", "matches": at("/done"), "respond": {"status": 200, "body": "ok"}},
        ],
    }


class Asked:
    """What a client said and what it was given."""

    def __init__(self, said, folder):
        self.said, self.folder = said, folder
        self.statuses = re.findall(r"\[:status: (\d+)\]", said)

    def body(self, name):
        file = self.folder / name
        return file.read_bytes() if file.exists() else b""

    def is_big(self):
        return self.statuses == ["200"] and self.body("big") == Origin.big

    def is_sum(self):
        return self.statuses == ["200"] and self.body("sum").decode() == digest(Origin.big)

    def is_refused(self, status, reason):
        return self.statuses == [status] and f"[x-penstock-reason: {reason}]" in self.said


class Clients:
    """Asks by HTTP/3, each time by another client."""

    def __init__(self, folder, port):
        self.folder, self.port, self.numbers = folder, port, itertools.count(1)

    def command(self, paths, options):
        into = self.folder / f"down{next(self.numbers)}"
        into.mkdir()
        command = [CLIENT, f"--download={into}", "--timeout=10s", "--handshake-timeout=5s", "--no-http-dump", *options]
        return command + ["127.0.0.1", str(self.port), *(f"https://localhost:{self.port}{path}" for path in paths)], into

    def ask(self, *paths, options=(), seconds=40):
        command, into = self.command(paths, [*ONCE, *options])
        try:
            said = run(command, seconds=seconds)[1]
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode("utf-8", "replace")
        return Asked(said, into)

    def begin(self, *paths, options=()):
        """One that goes on beside what else is done; ends with its block."""
        return Begun(self.folder, *self.command(paths, options))

    def is_answered(self, seconds=40):
        return self.ask("/told", options=["--handshake-timeout=2s", "--timeout=3s"], seconds=seconds).statuses == ["200"]


class Begun(programs.Program):
    def __init__(self, folder, command, into):
        self.into = into
        super().__init__(folder, into.name.replace("down", "client"), command)

    def has_said(self, text):
        return until(lambda: text in self.said())

    def ended(self):
        """What came of it, once it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STEP_S)
        return Asked(self.said(), self.into)


def by_tcp(port, chain):
    """Status and Alt-Svc of an answer by HTTP/1.1 on the same port; what went wrong, if something did."""
    try:
        trust = ssl.create_default_context(cafile=chain)
        with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trust)) as asked:
            asked.request("GET", "/told")
            answer = asked.getresponse()
            answer.read()
            return answer.status, answer.getheader("Alt-Svc")
    except (OSError, http.client.HTTPException) as failed:
        return repr(failed), None


def logged(folder, since, *parts):
    """Records of the access log, from one on, of paths that begin with one of these parts."""
    return [each for each in browser.records(folder)[since:] if each["path"].split("/")[1] in parts]


# ---- what goes over QUIC, of a client's dumps


def number(octets, at):
    """One of QUIC's numbers (RFC 9000 section 16), and where it ends."""
    end = at + (1 << (octets[at] >> 6))
    return int.from_bytes(octets[at:end], "big") & ((1 << (8 * (end - at) - 2)) - 1), end


def goaways(said):
    """What the gateway's control stream says of the streams that are served no more."""
    streams = {}
    for stream, dump in re.findall(r"Ordered STREAM data stream_id=(0x[0-9a-f]+)\n((?:[0-9a-f]{8}.*\n)+)", said):
        lines = re.findall(r"^[0-9a-f]{8}  ((?:[0-9a-f]{2} +)+)", dump, re.M)
        streams[stream] = streams.get(stream, b"") + bytes.fromhex("".join(lines))
    found = []
    for stream, octets in streams.items():
        # Those of the server's own that begin with the type 0.
        if int(stream, 16) % 4 == 3 and octets[0] == 0:
            at = 1
            while at < len(octets):
                kind, at = number(octets, at)
                length, at = number(octets, at)
                if kind == 7:
                    found.append(number(octets, at)[0])
                at += length
    return found


def closed_by_gateway(said):
    return re.findall(r" rx .*CONNECTION_CLOSE\(0x1d\) error_code=\S*\((0x[0-9a-f]+)\)", said)


# ---- what is asked


def requests(gateway, clients, findings, folder, chain):
    print("requests")
    asked = clients.ask("/o/big")
    findings.check(f"GET: {BIG_BYTES} bytes come down equal by sum", asked.is_big(), asked.said)
    big = folder / "up"
    big.write_bytes(Origin.big)
    asked = clients.ask("/o/sum", options=["-m", "POST", f"--data={big}"])
    findings.check("POST: and go up equal by sum", asked.is_sum(), asked.said)
    asked = clients.ask("/o/n/7", options=["-m", "DELETE"])
    findings.check("a method that the route does not have is refused: 405", asked.is_refused("405", "method-not-allowed"), asked.said)
    asked = clients.ask("/nowhere")
    findings.check("so is a path that no route has: 404", asked.is_refused("404", "no-route"), asked.said)
    asked = clients.ask("/told", options=["-v", "0x1a2a3a4a", "--preferred-versions=v1"])
    findings.check("a client that begins with an unknown version is told another", asked.statuses == ["200"] and "type=VN" in asked.said, asked.said)
    streams(clients, findings, STREAMS)
    status, other = by_tcp(gateway.ports["secure"], chain)
    findings.check("by TCP it is said that there is HTTP/3", status == 200 and f'h3=":{gateway.ports["secure"]}"' in (other or ""), (status, other))
    until(lambda: len(logged(folder, 0, "o")) > STREAMS)
    protocols = [each["protocol"] for each in logged(folder, 0, "o")]
    findings.check("the access log says HTTP/3.0", len(protocols) > STREAMS and set(protocols) == {"HTTP/3.0"}, set(protocols))


def streams(clients, findings, count):
    asked = clients.ask(*(f"/o/n/{i}" for i in range(count)), options=["-n", str(count)])
    right = sum(asked.body(str(i)) == Origin.small(i) for i in range(count))
    is_right = right == count and asked.statuses == ["200"] * count
    findings.check(f"{right} of {count} streams of one connection are answered, each with its own", is_right, asked.said)


def weather(clients, findings, folder):
    print("lost packets, clients that move, many at a time")
    kinds = {
        "one packet in thirty is lost, both ways": ["-t", "0.033", "-r", "0.033"],
        "new keys under way": ["--key-update=20ms"],
    }
    for name, options in kinds.items():
        down = clients.ask("/o/big", options=options, seconds=90)
        up = clients.ask("/o/sum", options=["-m", "POST", f"--data={folder / 'up'}", *options], seconds=90)
        findings.check(f"{name}: down and up equal by sum", down.is_big() and up.is_sum(), down.said[-700:] + up.said[-700:])
    # As docs/how-to/http3.md says: best effort. Behind a NAT the client has to send something to be found, so it sends a body.
    moving = ["--change-local-addr=20ms", "--timeout=3s"]
    moved = [clients.ask("/o/big", options=moving).is_big() for _ in range(6)]
    print(f"        {sum(moved)} of {len(moved)} clients that took a new address under way had all of their answer")
    moving += ["--nat-rebinding", "-m", "POST", f"--data={folder / 'up'}"]
    moved = [clients.ask("/o/sum", options=moving).is_sum() for _ in range(6)]
    print(f"        {sum(moved)} of {len(moved)} clients that got one from a NAT had all of their body taken")
    with contextlib.ExitStack() as started:
        paths = [f"/o/n/{i}" for i in range(100)]
        begun = [started.enter_context(clients.begin(*paths, options=[*ONCE, "-n", "100"])) for _ in range(16)]
        ended = [each.ended() for each in begun]
        right = sum(asked.body(str(i)) == Origin.small(i) for asked in ended for i in range(100))
        findings.check(f"16 clients at a time with 100 streams each: {right} of 1600 right", right == 1600)


def change(gateway, clients, findings):
    print("a configuration that changes under way")

    def put(path, value):
        status, said = gateway.call("PUT", path, value)
        if status >= 300:
            programs.stop(f"the change of {path} was refused: {said}")

    with contextlib.ExitStack() as started:
        slow = started.enter_context(clients.begin("/o/slow/30", options=ONCE))
        late = started.enter_context(clients.begin("/told", options=[*ONCE, "--delay-stream=3s"]))
        begun = slow.has_said(":status: 200") and late.has_said("Negotiated ALPN")
        for changes in range(20):
            put("/v1/routes/told", told(f"change {changes}"))
        begun &= ":status:" not in late.said()
        is_newest = begun and late.ended().body("told") == b"change 19"
        findings.check("a connection that was there before is answered by what came after", is_newest, late.said())
        asked = slow.ended()
        findings.check("an answer under 20 changes comes whole", asked.body("30") == PIECE * 30, asked.said)
        still = started.enter_context(clients.begin("/told"))
        still.has_said(":status: 200")
        put("/v1/listeners/secure", listener(gateway.ports["secure"], False))
        findings.check("without http3 nobody answers by it any more", not clients.is_answered())
        asked = still.ended()
        findings.check("and who was there is told to go, without an error", closed_by_gateway(asked.said) == [NO_ERROR], asked.said)
        put("/v1/listeners/secure", listener(gateway.ports["secure"]))
        findings.check("with it again it is answered", until(clients.is_answered))


def metrics(gateway, findings):
    with urllib.request.urlopen(f"{gateway.status}/metrics", timeout=5) as answer:
        counts = {name: float(count) for name, count in re.findall(r"^penstock_http3_(\w+?)_total ([0-9.]+)", answer.read().decode(), re.M)}
    findings.check("connections are counted, and none that broke the protocol",
                   counts.get("connections", 0) > 8 and counts.get("connection_errors") == counts.get("misbehaviours") == 0, counts)


def browse(gateway, findings, folder, chain):
    print("Chromium")
    der = folder / "key.der"
    openssl("x509", "-in", chain, "-noout", "-pubkey", "-out", folder / "key.pub")
    openssl("pkey", "-pubin", "-in", folder / "key.pub", "-outform", "der", "-out", der)
    key, port = base64.b64encode(hashlib.sha256(der.read_bytes()).digest()).decode(), gateway.ports["secure"]
    options = [f"--origin-to-force-quic-on=localhost:{port}", f"--ignore-certificate-errors-spki-list={key}"]
    options.append("--host-resolver-rules=MAP localhost 127.0.0.1")
    already = len(browser.records(folder))

    with browser.chromium(folder, f"https://localhost:{port}/page", *options) as started:
        until(lambda: logged(folder, already, "done"), browser.WAIT_S)
        until(lambda: len(logged(folder, already, "page", "o")) >= 103)
        done, mine = logged(folder, already, "done"), logged(folder, already, "page", "o", "done")
        wanted = f"/done/{digest(Origin.big)}/{digest(Origin.big)}/100"
        is_seen = [each["path"] for each in done] == [wanted]
        findings.check("its page comes, and what it fetches, down and up, equal by sum", is_seen, done or started.said())
        findings.check("all of its 104 requests by HTTP/3", [each["protocol"] for each in mine] == ["HTTP/3.0"] * 104, mine[:3])


def restart(gateway, clients, findings, chain):
    """The process that serves afterwards."""
    print("penstock restart")
    port, tcp, quic = gateway.ports["secure"], [], []
    command = [str(machine.LAUNCHER), "restart", "--data", str(gateway.document.parent / "data")]
    with contextlib.ExitStack() as started:
        slow = [started.enter_context(clients.begin(f"/o/slow/{LONG}", options=ONCE)) for _ in range(4)]
        begun = all(each.has_said(":status: 200") for each in slow)
        restarting = started.enter_context(programs.Program(gateway.document.parent, "restart", command))
        deadline = time.monotonic() + 60
        while gateway.process.poll() is None and time.monotonic() < deadline and restarting.process.poll() in (None, 0):
            tcp.append(by_tcp(port, chain)[0])
            quic.append(clients.ask("/told").statuses == ["200"])
        whole = [begun and each.ended().body(str(LONG)) == PIECE * LONG for each in slow]
        with contextlib.suppress(subprocess.TimeoutExpired):
            restarting.process.wait(60)
        said = restarting.said()
    serves = re.search(r"process (\d+) serves", said)
    findings.check("another process takes the place", restarting.process.returncode == 0 and serves, said + gateway.said())
    if not serves:
        return gateway.process.pid
    pid = int(serves[1])
    try:
        findings.check("the old one has ended with 0", gateway.process.poll() == 0, gateway.process.returncode)
        findings.check(f"{len(tcp)} of {len(tcp)} requests by TCP were answered meanwhile", set(tcp) == {200}, tcp)
        findings.check(f"{sum(quic)} of {len(quic)} by HTTP/3, each by another client", quic and all(quic))
        findings.check(f"{sum(whole)} of {len(whole)} answers that were under way came whole", all(whole))
        answered = [clients.is_answered() for _ in range(8)]
        findings.check("afterwards those that come by HTTP/3 are answered", all(answered), answered)
        streams(clients, findings, STREAMS)
    except BaseException:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
        end(pid)
        raise
    return pid


def end(pid):
    """Ends the process that took the place, which is no child of this one, whatever it does."""
    if not until(lambda: machine.resident_kib(pid) is None):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def leave(pid, clients, findings):
    print("SIGTERM")
    try:
        with clients.begin("/o/slow/15") as slow, clients.begin("/told") as idle:
            begun = slow.has_said(":status: 200") and idle.has_said(":status: 200")
            os.kill(pid, signal.SIGTERM)
            asked, other = slow.ended(), idle.ended()
        findings.check("an answer under way comes whole", begun and asked.body("15") == PIECE * 15, asked.said)
        for name, client in (("its client", asked), ("one without a request", other)):
            said = goaways(client.said)
            is_told = said == [ANY_STREAM, 4] and closed_by_gateway(client.said) == [NO_ERROR]
            what = f"{name} hears GOAWAY, first of no stream, then behind the last one, and an end without error"
            findings.check(what, is_told, f"{said}\n{client.said}")
        findings.check("the process ends", until(lambda: machine.resident_kib(pid) is None))
    finally:
        end(pid)


def missing():
    lacks = [f"no {tool}: apt-get install {package}" for tool, package in TOOLS.items() if not shutil.which(tool)]
    return lacks + programs.missing_java() + programs.missing_product()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without Chromium, lost packets, clients that move and many at a time")
    parser.add_argument("--list", action="store_true", help="say what would run and what is missing, and stop")
    options = parser.parse_args()
    has_browser = shutil.which(browser.CHROMIUM) is not None
    if options.list:
        print("requests, lost packets, clients that move, a configuration that changes, Chromium, penstock restart, SIGTERM")
    if not has_browser:
        print(f"missing: {browser.CHROMIUM}, which is left out; Debian has it: apt-get install chromium")
    programs.tell_missing(missing(), options.list)
    findings = programs.Findings()
    with programs.folder_of_run("http3") as folder, programs.serving(Origin) as origin:
        chain, key = programs.self_signed(folder, "local")
        port = programs.free_port()
        clients = Clients(folder, port)
        with programs.Gateway(folder, document(port, programs.certificate("local", chain, key), origin), "--workers", "2", drain=20) as gateway:
            requests(gateway, clients, findings, folder, chain)
            if not options.quick:
                weather(clients, findings, folder)
            change(gateway, clients, findings)
            metrics(gateway, findings)
            if has_browser and not options.quick:
                browse(gateway, findings, folder, chain)
            pid = restart(gateway, clients, findings, chain)
            leave(pid, clients, findings)
            if findings.failed:
                print(gateway.said()[-3000:])
    findings.end()


if __name__ == "__main__":
    main()
