#!/usr/bin/env python3
"""What an idle connection costs a Penstock in memory, by protocol, in one command.

    perf/peers/idle.py                       # HTTP/1.1 and HTTP/2, each in clear text and by TLS 1.3: 6000 connections, four minutes
    perf/peers/idle.py h2 --connections 2000

For each kind it starts a built Penstock ("mvn -DskipTests package") of its own, has 300 connections ask once so that everything was
used before, then as many as said, and tells by how much heap (after collections) and resident memory have grown for each.
The kernel's own memory for sockets is in neither. Idle WebSockets are perf/load's. Needs Linux, Python 3.9 and openssl.
"""
import argparse
import pathlib
import re
import resource
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import machine  # noqa: E402
import programs  # noqa: E402

KINDS = ["h1", "h2", "tls", "tls-h2"]
BEFORE, SETTLE_S, SPARE_FILES = 300, 1.5, 500
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)
ACK = bytes(3) + b"\x04\x01" + bytes(4)
FRAME_HEAD, DATA, END_STREAM = 9, 0, 1


def document(folder):
    kept = {"keepAlive": "1h"}
    return {
        "apiVersion": "penstock/v1",
        "listeners": [
            {"name": "clear", "address": "127.0.0.1:0", "protocol": "http", "http2": True, "timeouts": kept},
            {"name": "secure", "address": "127.0.0.1:0", "protocol": "https", "http2": True, "timeouts": kept},
        ],
        "certificates": [programs.certificate("local", *programs.self_signed(folder, "local"))],
        "routes": [{"name": "all", "matches": [{"path": {"type": "prefix", "value": "/"}}], "respond": {"status": 200, "body": "hello"}}],
    }


def ask_http2(connection, scheme):
    """One GET, until its stream ends."""
    # RFC 7541: :method GET, the scheme and :path / of the static table; :authority without indexing.
    block = b"\x82" + scheme + b"\x84\x01\x09localhost"
    connection.sendall(PREFACE + len(block).to_bytes(3, "big") + b"\x01\x05" + (1).to_bytes(4, "big") + block)
    received = b""
    while True:
        while len(received) >= FRAME_HEAD and len(received) >= FRAME_HEAD + int.from_bytes(received[:3], "big"):
            kind, flags = received[3], received[4]
            received = received[FRAME_HEAD + int.from_bytes(received[:3], "big") :]
            if kind == DATA and flags & END_STREAM:
                connection.sendall(ACK)
                return
        more = connection.recv(4096)
        if not more:
            programs.stop("an HTTP/2 connection was closed before its answer")
        received += more


def connect(kind, ports, context):
    connection = socket.create_connection(("127.0.0.1", ports["secure" if kind.startswith("tls") else "clear"]))
    if kind.startswith("tls"):
        connection = context.wrap_socket(connection, server_hostname="localhost")
    if kind.endswith("h2"):
        ask_http2(connection, b"\x87" if kind.startswith("tls") else b"\x86")
    else:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if b" 200 " not in connection.recv(4096):
            programs.stop("an answer was none")
    return connection


def used(pid):
    """KiB of heap after collections, and of resident memory."""
    time.sleep(SETTLE_S)
    jcmd = str(pathlib.Path(machine.java()).parent / "jcmd")
    for _ in range(3):
        subprocess.run([jcmd, str(pid), "GC.run"], stdout=subprocess.DEVNULL, check=True)
    heap = subprocess.run([jcmd, str(pid), "GC.heap_info"], capture_output=True, text=True, check=True).stdout
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"used (\d+)K", heap)[1]), int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def measured(kind, count):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if kind == "tls-h2":
        context.set_alpn_protocols(["h2"])
    with programs.folder_of_run("idle") as folder, programs.Gateway(folder, document(folder)) as gateway:
        open_ones = [connect(kind, gateway.ports, context) for _ in range(BEFORE)]
        before = used(gateway.process.pid)
        open_ones += [connect(kind, gateway.ports, context) for _ in range(count)]
        after = used(gateway.process.pid)
        for each in open_ones:
            each.close()
    return [(now - then) / count for then, now in zip(before, after)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)} (default: all)")
    parser.add_argument("--connections", type=int, default=6000, metavar="N")
    options = parser.parse_args()
    unknown = [kind for kind in options.kind if kind not in KINDS]
    if unknown:
        programs.stop(f"there is no kind {', '.join(unknown)}; there are {', '.join(KINDS)}")
    programs.tell_missing(programs.missing_java() + programs.missing_product(), False)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = options.connections + BEFORE + SPARE_FILES
    if most != resource.RLIM_INFINITY and most < wanted:
        programs.stop(f"{wanted} descriptors are needed and {most} allowed: ulimit -n, or fewer --connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    for kind in options.kind or KINDS:
        heap, resident = measured(kind, options.connections)
        print(f"{kind:8}{options.connections} idle connections: {heap:5.1f} KiB of heap and {resident:5.1f} KiB resident each", flush=True)


if __name__ == "__main__":
    main()
