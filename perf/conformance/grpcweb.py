#!/usr/bin/env python3
"""gRPC-Web's own client in a browser, gRPC's interop server, and Penstock between them, in one command.

    perf/conformance/grpcweb.py              # a minute
    perf/conformance/grpcweb.py --list       # what is missing, and stop

It starts gRPC's interop server, which knows nothing of gRPC-Web, a built Penstock ("mvn -DskipTests package") that translates, and a
Chromium without a window. The page comes from one listener and calls another, so that the browser asks by CORS first. It calls
by the client of the package grpc-web, once in its text form and once in its binary one; what it saw it posts back.
Messages are put together by hand, since they are few and small. Needs Linux, Python 3.9, Chromium (CHROMIUM names another), the
server that "mvn -f perf/conformance package" fetches, and npm, which fetches the client.
"""
import argparse
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import browser  # noqa: E402
import grpc  # noqa: E402
import programs  # noqa: E402

CLIENT = "grpc-web@1.5.0"
KEPT = pathlib.Path(__file__).resolve().parent / "target/grpc-web"
WAIT_S = 90
UNICODE = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"

# What the client sees of each call: the status, how many octets of payload each message had, and metadata.
WANTED = {
    "empty_unary": {"code": 0, "sizes": [0]},
    "large_unary": {"code": 0, "sizes": [314159]},
    "server_streaming": {"code": 0, "sizes": [31415, 9, 2653, 58979]},
    "empty_stream": {"code": 0, "sizes": []},
    "status_code_and_message": {"code": 2, "message": "test status message", "sizes": []},
    "special_status_message": {"code": 2, "message": UNICODE, "sizes": []},
    "custom_metadata": {"code": 0, "sizes": [7], "initial": "test_initial_metadata_value", "trailing": "q6ur"},
    "unimplemented_method": {"code": 12, "sizes": []},
    "unimplemented_service": {"code": 12, "sizes": []},
    "timeout_on_sleeping_server": {"code": 4, "sizes": []},
    "endpoint_that_is_dead": {"code": 14, "sizes": []},
}

PAGE = """<title>page</title><script>var module = {exports: {}}, exports = module.exports;</script><script src="/client.js"></script><script>
const web = module.exports, at = 'http://127.0.0.1:%(port)d';
const number = n => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push(n %% 128 + 128); return [...out, n]; };
const varint = (field, n) => [...number(field * 8), ...number(n)];
const bytes = (field, b) => { const head = [...number(field * 8 + 2), ...number(b.length)]; const out = new Uint8Array(head.length + b.length); out.set(head); out.set(b, head.length); return out; };
const join = (...parts) => { const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0)); let to = 0; for (const p of parts) { out.set(p, to); to += p.length; } return out; };
const text = s => new TextEncoder().encode(s);
function size(message) {   // of the body in the payload in a response, read by hand
  let i = 0;
  const read = () => { let n = 0, by = 1, b; do { b = message[i++]; n += (b & 127) * by; by *= 128; } while (b & 128); return n; };
  if (!message.length || read() !== 10) return 0;
  for (const end = read() + i; i < end;) { const tag = read(); const n = read(); if (tag === 18) return n; if (tag %% 8 === 2) i += n; }
  return 0;
}
const payload = n => bytes(3, bytes(2, new Uint8Array(n)));
const sized = n => varint(2, n);
const wanting = (n, us) => bytes(2, join(varint(1, n), us ? varint(2, us) : []));
const status = (code, message) => bytes(7, join(varint(1, code), bytes(2, text(message))));
const said = %(unicode)s;
const CASES = {
  empty_unary: ['TestService/EmptyCall', []],
  large_unary: ['TestService/UnaryCall', join(sized(314159), payload(271828))],
  server_streaming: ['TestService/StreamingOutputCall', join(wanting(31415), wanting(9), wanting(2653), wanting(58979)), true],
  empty_stream: ['TestService/StreamingOutputCall', [], true],
  status_code_and_message: ['TestService/UnaryCall', status(2, 'test status message')],
  special_status_message: ['TestService/UnaryCall', status(2, said)],
  custom_metadata: ['TestService/UnaryCall', join(sized(7)), false, {'x-grpc-test-echo-initial': 'test_initial_metadata_value', 'x-grpc-test-echo-trailing-bin': 'q6ur'}],
  unimplemented_method: ['TestService/UnimplementedCall', []],
  unimplemented_service: ['UnimplementedService/UnimplementedCall', []],
  timeout_on_sleeping_server: ['TestService/StreamingOutputCall', wanting(8, 20000000), true, {deadline: () => String(Date.now() + 500)}],
  endpoint_that_is_dead: ['ReconnectService/Start', []],
};
function call(format, [method, request, isStream, metadata]) {
  const client = new web.GrpcWebClientBase({format});
  const type = isStream ? web.MethodType.SERVER_STREAMING : web.MethodType.UNARY;
  const name = '/grpc.testing.' + method;
  const descriptor = new web.MethodDescriptor(name, type, Uint8Array, Uint8Array, r => Uint8Array.from(r), r => r);
  const fields = Object.fromEntries(Object.entries(metadata || {}).map(([k, v]) => [k, typeof v === 'function' ? v() : v]));
  const seen = {code: 0, sizes: []};
  return new Promise(done => {
    const meta = m => { if (m['x-grpc-test-echo-initial']) seen.initial = m['x-grpc-test-echo-initial']; };
    const end = s => { seen.code = s.code; if (s.details) seen.message = s.details; const t = (s.metadata || {})['x-grpc-test-echo-trailing-bin']; if (t) seen.trailing = t; };
    const error = e => { seen.code = e.code; seen.message = e.message; done(seen); };
    const stream = isStream
      ? client.serverStreaming(at + name, request, fields, descriptor)
      : client.rpcCall(at + name, request, fields, descriptor, (e, r) => { if (e) error(e); else seen.sizes.push(size(r)); });
    if (isStream) { stream.on('data', r => seen.sizes.push(size(r))); stream.on('error', error); }
    stream.on('metadata', meta); stream.on('status', end); stream.on('end', () => setTimeout(() => done(seen), 100));
  });
}
(async () => {
  const results = {};
  for (const format of ['text', 'binary'])
    for (const [name, what] of Object.entries(CASES)) {
      const limit = new Promise(done => setTimeout(() => done({code: -1, message: 'nothing came within 10 s', sizes: []}), 10000));
      // The binary form has no streams in this client.
      if (format === 'text' || !what[2]) results[name + ' ' + format] = await Promise.race([call(format, what), limit]);
    }
  await fetch('/results', {method: 'POST', body: JSON.stringify(results)});
})();
</script>"""


def client():
    """What the package has for browsers; fetched once."""
    source = KEPT / "package/index.js"
    if not source.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(["npm", "pack", "--silent", CLIENT], cwd=KEPT, capture_output=True, text=True)
        if packed.returncode:
            programs.stop(f"npm pack {CLIENT}:\n{packed.stderr[-1000:]}")
        with tarfile.open(KEPT / packed.stdout.strip()) as archive, archive.extractfile("package/index.js") as index:
            source.parent.mkdir(exist_ok=True)
            source.write_bytes(index.read())
    return source.read_bytes()


def origin(script, port, results, done):
    class Page(programs.Origin):
        def do_GET(self):
            if self.path == "/client.js":
                self.answer(script)
            else:
                page = PAGE % {"port": port(), "unicode": json.dumps(UNICODE)}
                self.answer(page.encode())

        def do_POST(self):
            results.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer(b"")
            done.set()

    return Page


def document(page_port, page, server):
    def at(path):
        return [{"path": {"type": "prefix", "value": path}}]

    asked = ["Content-Type", "X-Grpc-Web", "X-User-Agent", "Grpc-Timeout", "X-Grpc-Test-Echo-Initial", "X-Grpc-Test-Echo-Trailing-Bin"]
    cors = {"origins": [f"http://127.0.0.1:{page_port}"], "headers": asked, "exposedHeaders": ["X-Grpc-Test-Echo-Initial"]}
    return {
        "apiVersion": "penstock/v1",
        "listeners": [
            {"name": "page", "address": f"127.0.0.1:{page_port}", "protocol": "http"},
            {"name": "calls", "address": "127.0.0.1:0", "protocol": "http"},
        ],
        "upstreams": [
            {"name": "page", "targets": [{"address": f"127.0.0.1:{page}"}]},
            {"name": "server", "protocol": "http2", "targets": [{"address": f"127.0.0.1:{server}"}]},
            {"name": "dead", "protocol": "http2", "targets": [{"address": f"127.0.0.1:{programs.free_port()}"}]},
        ],
        "services": [{"name": name, "upstream": name} for name in ("page", "server", "dead")],
        "routes": [
            {"name": "page", "service": "page", "listeners": ["page"], "matches": at("/")},
            {"name": "calls", "service": "server", "listeners": ["calls"], "grpcWeb": True, "cors": cors, "matches": at("/")},
            {"name": "dead", "service": "dead", "listeners": ["calls"], "grpcWeb": True, "cors": cors, "matches": at("/grpc.testing.ReconnectService")},
        ],
    }


def missing():
    lacks = [f"no {name}" for name in (browser.CHROMIUM,) if not shutil.which(name)]
    if not (KEPT / "package/index.js").exists() and not shutil.which("npm"):
        lacks.append(f"no npm, which fetches {CLIENT}")
    return lacks + grpc.missing()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="tell what is missing, and stop")
    programs.tell_missing(missing(), parser.parse_args().list)
    findings, results, done, ports = programs.Findings(), {}, threading.Event(), {}
    server, page_port = programs.free_port(), programs.free_port()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(programs.folder_of_run("grpcweb"))
        page = stack.enter_context(programs.serving(origin(client(), lambda: ports["calls"], results, done)))
        started = stack.enter_context(programs.Program(folder, "server", grpc.java("TestServiceServer", f"--port={server}", "--use_tls=false")))
        started.until(lambda: programs.is_open(server))
        gateway = stack.enter_context(programs.Gateway(folder, document(page_port, page, server), "--workers", "2"))
        ports.update(gateway.ports)
        stack.enter_context(browser.chromium(folder, f"http://127.0.0.1:{page_port}/"))
        findings.check("the page has called everything", done.wait(WAIT_S), (folder / "chromium.out").read_text(errors="replace"))
        for case, seen in results.items():
            wanted = WANTED[case.split()[0]]
            findings.check(case, all(seen.get(key) == value for key, value in wanted.items()), f"{seen} where {wanted} was wanted")
        findings.check("both forms came", len(results) == 2 * len(WANTED) - 3, sorted(results))
    findings.end()


if __name__ == "__main__":
    main()
