#!/usr/bin/env python3
"""WebSockets over HTTP/2 (RFC 8441) through the gateway, asked by a browser, in one command.

    perf/conformance/browser.py              # half a minute
    perf/conformance/browser.py --list       # what is missing, and stop

It starts an echo of WebSockets that speaks HTTP/1.1, a built Penstock ("mvn -DskipTests package") with a listener for TLS and
HTTP/2 on 127.0.0.1, and a Chromium without a window that opens a page of the gateway's. The page opens a WebSocket, which the
browser sends on the connection that it has, has a short text and one of 200 000 characters echoed, and closes it. What it saw it
tells by the path of a last request; what the gateway saw stands in its access log. Needs Linux, Python 3.9, openssl and Chromium
(CHROMIUM names another).
"""
import argparse
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import programs  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "chromium")
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
WAIT_S = 60
PAGE = """<title>page</title><script>
let echoes = 0; const long = 'x'.repeat(200000);
const socket = new WebSocket('wss://' + location.host + '/chat', 'echo');
socket.onopen = () => socket.send('short');
socket.onmessage = event => { echoes++; if (event.data === 'short') socket.send(long); else if (event.data === long) socket.close(1000); };
socket.onclose = event => fetch('/done/' + echoes + '/' + event.code + '/' + event.wasClean + '/' + socket.protocol);
</script>"""


def echo(client):
    """One WebSocket: gives each frame back, and ends behind the one that closes it."""
    with contextlib.suppress(OSError), client, client.makefile("rb") as received:
        key = b""
        for line in iter(received.readline, b"\r\n"):
            if line.lower().startswith(b"sec-websocket-key:"):
                key = line.split(b":", 1)[1].strip()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        client.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Protocol: echo\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        while len(head := received.read(2)) == 2:
            length = head[1] & 127
            size = {126: 2, 127: 8}.get(length, 0)
            extended = received.read(size)
            length = int.from_bytes(extended, "big") if size else length
            mask, payload = received.read(4), received.read(length)
            # Unmasked four octets at a time would be quicker; there are few of them.
            plain = bytes(octet ^ mask[i % 4] for i, octet in enumerate(payload))
            client.sendall(bytes([head[0], head[1] & 127]) + extended + plain)
            if head[0] & 15 == 8:
                return


def serve(door):
    with contextlib.suppress(OSError):
        while True:
            client, _ = door.accept()
            threading.Thread(target=echo, args=(client,), daemon=True).start()


def document(folder, target):
    def at(path):
        return [{"path": {"type": "prefix", "value": path}}]

    return {
        "apiVersion": "penstock/v1",
        "listeners": [{"name": "secure", "address": "127.0.0.1:0", "protocol": "https", "http2": True}],
        "certificates": [programs.certificate("local", *programs.self_signed(folder, "local"))],
        "upstreams": [{"name": "echo", "targets": [{"address": f"127.0.0.1:{target}"}]}],
        "services": [{"name": "echo", "upstream": "echo"}],
        "routes": [
            {"name": "chat", "service": "echo", "matches": at("/chat")},
            {"name": "page", "matches": at("/page"), "respond": {"status": 200, "contentType": "text/html", "body": PAGE}},
            {"name": "done", "matches": at("/done"), "respond": {"status": 200, "body": "ok"}},
        ],
    }


def records(folder):
    log = folder / "data/log/access.log"
    return [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")] if log.exists() else []


def record(folder, path):
    return next((each for each in records(folder) if each["path"].startswith(path)), None)


def chromium(folder, address, *options):
    """A browser that opens a page, and stays until it is ended, since it has a port for its debugger."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--remote-debugging-port=0"]
    return programs.Program(folder, "chromium", [*command, *options, address])


def missing():
    lacks = [f"no {name}" for name in (CHROMIUM, "openssl") if not shutil.which(name)]
    return lacks + programs.missing_java() + programs.missing_product()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="tell what is missing, and stop")
    programs.tell_missing(missing(), parser.parse_args().list)
    findings = programs.Findings()
    with programs.folder_of_run("browser") as folder, socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=serve, args=(door,), daemon=True).start()
        with programs.Gateway(folder, document(folder, door.getsockname()[1])) as gateway:
            with chromium(folder, f"https://localhost:{gateway.ports['secure']}/page", "--ignore-certificate-errors"):
                deadline = time.monotonic() + WAIT_S
                while not (record(folder, "/done") and record(folder, "/chat")) and time.monotonic() < deadline:
                    time.sleep(0.2)
            done, chat = record(folder, "/done") or {}, record(folder, "/chat") or {}
            findings.check("the browser saw both echoes and a clean end", done.get("path") == "/done/2/1000/true/echo", done)
            findings.check("its WebSocket came by HTTP/2", chat.get("protocol") == "HTTP/2.0" and chat.get("status") == 101, chat)
            findings.check("and was carried whole", min(chat.get("bytesIn", 0), chat.get("bytesOut", 0)) > 200000, chat)
    findings.end()


if __name__ == "__main__":
    main()
