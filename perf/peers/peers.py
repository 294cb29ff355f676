#!/usr/bin/env python3
"""Penstock side by side with other proxies: CPU per request, rate and latency, in one run on one machine.

    perf/peers/peers.py                      # every suite that the installed programs allow, about ten minutes
    perf/peers/peers.py --suite plain        # one of: plain, many, large, script, features, half, tls, handshake, h2
    perf/peers/peers.py --list               # what would run, what is missing and the package that has it

Each proxy has core 0 to itself; origin and client (wrk) share core 1. All are started and warmed first, then measured in
turns, round after round, so that a disturbance meets each of them; medians are told. What counts is CPU time of the whole
process per request, compiler and collector threads included: unlike a rate it hardly depends on who else uses the machine.
Of Penstock it is told which threads took it. Compare the ratios, not the microseconds. The suite "half" is an open loop (h2load)
at half of the rate that the slowest of its proxies can do: what waiting is like where nothing is saturated. Needs Linux, two cores, Python 3.9, wrk, nginx (the origin too) and a built
Penstock ("mvn -DskipTests package"); installs nothing. All traffic stays on 127.0.0.1.

Results: a table, DIR/results.json with the machine, the JVM's arguments and the commit, and DIR/report.html with plots.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import machine  # noqa: E402
import pages  # noqa: E402
import programs  # noqa: E402

TOKEN = "Bearer peers-token"
PROXY_CORE, LOAD_CORE = "0", "1"
# One of the runs that warm a proxy up.
WARM_RUN_S = 5
# 100 000 routes take a while to apply.
READY_S = 300
# Shares of a core that foreign processes may take before a round is called disturbed.
DISTURBED = 0.10
# Below this share of the rate that was wanted the loop was not open: requests waited where nobody counts it.
BEHIND = 0.97

PACKAGES = {
    "wrk": "wrk",
    "h2load": "nghttp2-client",
    "nginx": "nginx",
    "haproxy": "haproxy",
    "openssl": "openssl",
    "taskset": "util-linux",
    "ngx_http_js_module.so": "libnginx-mod-http-js",
    "ngx_http_lua_module.so": "libnginx-mod-http-lua",
}
NGINX_MODULES = pathlib.Path("/usr/lib/nginx/modules")


class Suite:
    """One kind of work: what is asked of which proxies, by how many connections."""

    def __init__(self, name, what, path, connections, peers, base=None, rounds=7, is_half=False, scheme="http", closes=False, streams=0):
        self.name, self.what, self.path, self.connections, self.peers = name, what, path, connections, peers
        # Whether each request has a connection of its own; how many streams of HTTP/2 each connection has, 0 for HTTP/1.
        self.scheme, self.closes, self.streams = scheme, closes, streams
        # Each peer named here is compared with that other peer, not with the better of nginx and HAProxy.
        self.base = base or {}
        self.rounds, self.is_half = rounds, is_half
        self.tools = ["wrk", "nginx", "taskset"] + (["h2load"] if is_half or streams else []) + (["openssl"] if scheme == "https" else [])


FEATURES = ["again", "100k-routes", "rate-limit", "headers", "plugin", "no-log"]
ROUTES = 100_000

SUITES = [
    Suite(
        "plain",
        "small answers, 64 connections",
        "/",
        64,
        ["nginx", "haproxy", "penstock", "nginx-log", "haproxy-log"],
        # For information: the goal is held against those without a log.
        base={"nginx-log": "nginx", "haproxy-log": "haproxy"},
    ),
    Suite("many", "small answers, 256 connections", "/", 256, ["nginx", "haproxy", "penstock"]),
    Suite("large", "10 KB answers, 64 connections", "/10k", 64, ["nginx-16k", "haproxy", "penstock"]),
    Suite(
        "script",
        "a token checked and a response header set by a script",
        "/",
        64,
        ["nginx", "nginx-njs", "nginx-lua", "haproxy", "haproxy-lua", "penstock", "penstock-plugin", "penstock-ten-plugins"],
        base={
            "nginx-njs": "nginx",
            "nginx-lua": "nginx",
            "haproxy-lua": "haproxy",
            "penstock-plugin": "penstock",
            "penstock-ten-plugins": "penstock",
        },
    ),
    Suite(
        "features",
        "what each feature costs, beside Penstock without it; a difference below that of the same twice (again) is none",
        f"/tenants/{ROUTES - 1}/orders",
        64,
        ["penstock"] + [f"penstock-{feature}" for feature in FEATURES],
        base={f"penstock-{feature}": "penstock" for feature in FEATURES},
        # The differences are small.
        rounds=15,
    ),
    Suite(
        "half",
        "small answers at half of the slowest's rate, open loop, 64 connections",
        "/",
        64,
        ["nginx", "haproxy", "penstock"],
        is_half=True,
    ),
    Suite(
        "tls",
        "small answers by TLS 1.3 with a key of P-256, 64 connections",
        "/",
        64,
        ["nginx-tls", "haproxy-tls", "penstock-tls"],
        scheme="https",
    ),
    Suite(
        "handshake",
        "a full TLS handshake for each small answer, key of P-256, no resumption, 16 connections at a time",
        "/",
        16,
        ["nginx-tls", "haproxy-tls", "penstock-tls"],
        scheme="https",
        closes=True,
    ),
    Suite(
        "h2",
        "small answers over HTTP/2 in clear text, HTTP/1.1 to the origin, 8 connections of 16 streams",
        "/",
        8,
        ["nginx-h2", "haproxy-h2", "penstock-h2"],
        streams=16,
    ),
]
BETTER_OF = ["nginx", "nginx-16k", "nginx-tls", "nginx-h2", "haproxy", "haproxy-tls", "haproxy-h2"]

# ---- the proxies: each function writes its configuration and gives the command that stays in the foreground


def nginx_origin(folder, port):
    small = json.dumps({"id": 1, "name": "widget", "price": 12.5, "tags": ["a", "b"], "stock": 42})
    config = folder / "origin.conf"
    (folder / "10k").write_text("x" * 10240)
    config.write_text(
        f"""worker_processes 1; daemon off; pid {folder}/origin.pid; error_log {folder}/origin.err crit;
        events {{ worker_connections 4096; multi_accept on; }}
        http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s; {nginx_paths(folder)}
          server {{ listen 127.0.0.1:{port} backlog=4096; default_type application/json;
            location = /10k {{ root {folder}; open_file_cache max=10; }}
            location / {{ return 200 '{small}'; }} }} }}"""
    )
    return ["nginx", "-c", str(config)]


def nginx_paths(folder):
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


def certificate(folder):
    """The files of a certificate and its key, one for all proxies of a run."""
    chain, key, both = folder / "tls.pem", folder / "tls.key", folder / "both.pem"
    if not both.exists():
        programs.self_signed(folder, "tls")
        both.write_text(chain.read_text() + key.read_text())
    return chain, key, both


def nginx_tls(folder, name, port, origin):
    chain, key, _ = certificate(folder)
    server = f"ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
    server += " ssl_session_cache off; ssl_session_tickets off;"
    return nginx(folder, name, port, origin, listen="ssl", server=server)


def haproxy_tls(folder, name, port, origin):
    both = certificate(folder)[2]
    return haproxy(folder, name, port, origin, in_global="tune.ssl.cachesize 0", bind=f"ssl crt {both} no-tls-tickets alpn http/1.1")


def nginx(folder, name, port, origin, modules="", http="", location="", log="off", listen="", server=""):
    config = folder / f"{name}.conf"
    config.write_text(
        f"""{modules} worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.err crit;
        events {{ worker_connections 4096; multi_accept on; }}
        http {{ {http} access_log {log}; keepalive_requests 1000000000; keepalive_timeout 3600s; {nginx_paths(folder)}
          upstream origin {{ server 127.0.0.1:{origin}; keepalive 512; keepalive_requests 1000000000; }}
          server {{ listen 127.0.0.1:{port} {listen} backlog=4096; {server}
            location / {{ {location} proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://origin; }} }} }}"""
    )
    return ["nginx", "-c", str(config)]


def nginx_njs(folder, name, port, origin):
    (folder / "peers_njs.js").write_text(
        f"""export default {{
          check: r => r.headersIn.Authorization === '{TOKEN}' ? '1' : '0',
          mark: r => {{ r.headersOut['X-Checked'] = 'yes'; }},
        }};"""
    )
    return nginx(
        folder,
        name,
        port,
        origin,
        modules=f"load_module {NGINX_MODULES}/ngx_http_js_module.so;",
        http=f"js_path {folder}; js_import peers from peers_njs.js; js_set $passed peers.check;",
        location='if ($passed = "0") { return 401; } js_header_filter peers.mark;',
    )


def nginx_log(folder, name, port, origin):
    fields = {
        "time": "time_iso8601",
        "id": "request_id",
        "client": "remote_addr",
        "method": "request_method",
        "host": "host",
        "path": "uri",
        "query": "args",
        "protocol": "server_protocol",
        "status": "status",
        "bytes": "bytes_sent",
        "duration": "request_time",
        "endpoint": "upstream_addr",
        "upstreamDuration": "upstream_response_time",
        "agent": "http_user_agent",
    }
    line = ",".join(f'"{member}":"${value}"' for member, value in fields.items())
    return nginx(
        folder,
        name,
        port,
        origin,
        http=f"log_format lines escape=json '{{{line}}}';",
        log=f"{folder}/{name}.log lines buffer=64k flush=1s",
    )


def nginx_lua(folder, name, port, origin):
    return nginx(
        folder,
        name,
        port,
        origin,
        modules=f"load_module {NGINX_MODULES}/ndk_http_module.so; load_module {NGINX_MODULES}/ngx_http_lua_module.so;",
        location=f"""access_by_lua_block {{
              if ngx.req.get_headers()["authorization"] ~= "{TOKEN}" then return ngx.exit(401) end }}
            header_filter_by_lua_block {{ ngx.header["X-Checked"] = "yes" }}""",
    )


def haproxy(folder, name, port, origin, in_global="", in_frontend="", bind=""):
    config = folder / f"{name}.cfg"
    config.write_text(
        f"""global
  nbthread 1
  maxconn 8192
  {in_global}
defaults
  mode http
  http-reuse always
  timeout client 3600s
  timeout server 3600s
  timeout connect 5s
frontend web
  bind 127.0.0.1:{port} {bind}
  {in_frontend}
  default_backend origin
backend origin
  server one 127.0.0.1:{origin} pool-max-conn -1
"""
    )
    return ["haproxy", "-db", "-f", str(config)]


def haproxy_log(folder, name, port, origin):
    # To its standard output, which is a file here: without a log server there is no other way to keep lines.
    return haproxy(
        folder,
        name,
        port,
        origin,
        in_global="log stdout format raw local0",
        in_frontend="log global\n  option httplog",
    )


def haproxy_lua(folder, name, port, origin):
    script = folder / "peers.lua"
    script.write_text(
        f"""core.register_action("check", {{ "http-req" }}, function(txn)
  local sent = txn.http:req_get_headers()["authorization"]
  if not sent or sent[0] ~= "{TOKEN}" then
    txn:done(txn:reply({{ status = 401 }}))
  end
end)
core.register_action("mark", {{ "http-res" }}, function(txn) txn.http:res_set_header("X-Checked", "yes") end)
"""
    )
    return haproxy(
        folder,
        name,
        port,
        origin,
        in_global=f"lua-load {script}",
        in_frontend="http-request lua.check\n  http-response lua.mark",
    )


def penstock(folder, name, port, origin, plugins=0, routes=0, limited=False, headers=False, logged=True, tls=False, h2=False):
    names = [f"guard-{i}" for i in range(plugins)]
    for plugin in names:
        package = folder / name / plugin
        package.mkdir(parents=True, exist_ok=True)
        (package / "plugin.json").write_text(
            json.dumps({"name": plugin, "version": "1.0.0", "api": 1, "entry": "main.mjs"})
        )
        (package / "main.mjs").write_text(
            f"""export default {{
              onRequest(req, ctx) {{
                if (req.headers.get('authorization') !== '{TOKEN}') return ctx.reject(401, 'no-token');
              }},
              onResponse(res) {{ res.headers.set('x-checked', 'yes'); }},
            }};"""
        )
    filters = [{"type": "plugin", "use": f"{each}@1"} for each in names]
    if headers:
        edits = {"set": {"X-Env": "prod", "X-Gateway": "penstock"}, "remove": ["Accept"]}
        filters.append({"type": "headers", "request": edits, "response": {"set": {"X-Env": "prod"}, "remove": ["Server"]}})
    prefixes = [f"/tenants/{i}" for i in range(routes)] or ["/"]
    document = {
        "apiVersion": "penstock/v1",
        "listeners": [{"name": "web", "address": f"127.0.0.1:{port}"}],
        "upstreams": [{"name": "origin", "targets": [{"address": f"127.0.0.1:{origin}"}]}],
        "services": [{"name": "origin", "upstream": "origin"}],
        # A limit that is never reached, counted on every request.
        "limits": [{"name": "per-client", "key": ["clientAddress"], "rate": "1000000000/s"}] if limited else [],
        "plugins": [
            {"name": each, "version": "1.0.0", "package": {"dir": str(folder / name / each)}} for each in names
        ],
        "routes": [
            {
                "name": f"route-{i}",
                "service": "origin",
                "matches": [{"path": {"type": "prefix", "value": prefix}}],
                "limits": ["per-client"] if limited else [],
                "filters": filters,
            }
            for i, prefix in enumerate(prefixes)
        ],
    }
    if h2:
        document["listeners"][0]["http2"] = True
    if tls:
        chain, key, _ = certificate(folder)
        document["listeners"][0]["protocol"] = "https"
        document["certificates"] = [programs.certificate("localhost", chain, key)]
        document["tlsPolicies"] = [{"name": "no-tickets", "sessionTickets": False}]
        document["listeners"][0]["tlsPolicy"] = "no-tickets"
    if not logged:
        # The one that a gateway has unless it is told otherwise.
        document["accessLogs"] = [{"name": "access", "enabled": False}]
    # Whatever is JSON is YAML too.
    config = folder / f"{name}.yaml"
    config.write_text(json.dumps(document, indent=1))
    data = str(folder / f"{name}-data")
    status, admin = "127.0.0.1:0", "127.0.0.1:0"
    return [str(machine.LAUNCHER), "run", "--data", data, "--apply", str(config), "--workers", "1", "--admin", admin, "--status", status]


PEERS = {
    "nginx": (nginx, ["nginx"]),
    "nginx-16k": (
        lambda *where: nginx(*where, location="proxy_buffer_size 16k; proxy_buffers 8 16k;"),
        ["nginx"],
    ),
    "nginx-log": (nginx_log, ["nginx"]),
    "nginx-njs": (nginx_njs, ["nginx", "ngx_http_js_module.so"]),
    "nginx-lua": (nginx_lua, ["nginx", "ngx_http_lua_module.so"]),
    "nginx-tls": (nginx_tls, ["nginx", "openssl"]),
    "nginx-h2": (lambda *where: nginx(*where, listen="http2"), ["nginx"]),
    "haproxy": (haproxy, ["haproxy"]),
    "haproxy-tls": (haproxy_tls, ["haproxy", "openssl"]),
    "haproxy-h2": (lambda *where: haproxy(*where, bind="proto h2"), ["haproxy"]),
    "haproxy-log": (haproxy_log, ["haproxy"]),
    "haproxy-lua": (haproxy_lua, ["haproxy"]),
    "penstock": (penstock, []),
    "penstock-tls": (lambda *where: penstock(*where, tls=True), ["openssl"]),
    "penstock-h2": (lambda *where: penstock(*where, h2=True), []),
    "penstock-again": (penstock, []),
    "penstock-100k-routes": (lambda *where: penstock(*where, routes=ROUTES), []),
    "penstock-rate-limit": (lambda *where: penstock(*where, limited=True), []),
    "penstock-headers": (lambda *where: penstock(*where, headers=True), []),
    "penstock-no-log": (lambda *where: penstock(*where, logged=False), []),
    "penstock-plugin": (lambda *where: penstock(*where, plugins=1), []),
    "penstock-ten-plugins": (lambda *where: penstock(*where, plugins=10), []),
}


def is_there(need):
    return (NGINX_MODULES / need).exists() if need.endswith(".so") else shutil.which(need) is not None


def missing(peer):
    return [need for need in PEERS[peer][1] if not is_there(need)]


# ---- processes


# What the kernel calls a thread of Penstock's JVM, which is 15 characters at most; the rest is "other".
THREADS = {
    "worker": r"penstock-worker",
    "access log": r"penstock-access",
    "compiler": r"C[12] CompilerThre|Truffle|JVMCI",
    "collector": r"GC Thread|G1 |VM Thread",
}


def threads_s(pid):
    """User and kernel time of a process by kind of thread, in seconds; of those that have ended nothing is known."""
    spent = dict.fromkeys(THREADS, 0.0)
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            name, fields = re.fullmatch(r"\d+ \((.*)\) (.*)", task.read_text().strip(), re.S).groups()
            ticks = sum(map(int, fields.split()[11:13]))
            for kind, pattern in THREADS.items():
                if re.match(pattern, name):
                    spent[kind] += ticks / machine.TICKS_PER_S
    return spent


def listens(pid, port):
    """Whether a process or one of its children listens on the port: another's listener would be measured as this one's."""
    # Java's sockets take both families, and are listed with the newer one.
    tables = [table.read_text() for table in pathlib.Path("/proc/net").glob("tcp*")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}
    for each in machine.process_tree(pid):
        # A process may end meanwhile, or close what it had.
        with contextlib.suppress(OSError):
            for descriptor in os.listdir(f"/proc/{each}/fd"):
                with contextlib.suppress(OSError):
                    if os.readlink(f"/proc/{each}/fd/{descriptor}") in sockets:
                        return True
    return False


class Running(programs.Program):
    """A program pinned to a core."""

    def __init__(self, name, command, core, port, folder):
        super().__init__(folder, name, ["taskset", "-c", core] + command)
        self.port = port

    def await_port(self):
        self.until(lambda: listens(self.process.pid, self.port), READY_S)


# ---- measuring


def warm(port, suite, seconds, folder):
    """Has machine code and connections made before anything counts.

    In several runs, since a connection's end is code too: seen first in a measured round it sends what is compiled back to
    the compiler, as no gateway meets it that has been up for a while.
    """
    while seconds > 0:
        saturate(port, suite, min(seconds, WARM_RUN_S), folder)
        seconds -= WARM_RUN_S


def saturate(port, suite, seconds, folder):
    """As many requests as the proxy takes."""
    if suite.streams:
        return h2load(port, suite.path, suite.connections, seconds, folder, streams=suite.streams)
    return wrk(port, suite.path, suite.connections, seconds, suite.scheme, suite.closes)


def wrk(port, path, connections, seconds, scheme="http", closes=False):
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    headers = {
        "Authorization": TOKEN,
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Accept": "application/json, text/plain, */*",
    }
    if closes:
        headers["Connection"] = "close"
    for header in headers.items():
        command += ["-H", "%s: %s" % header]
    said = subprocess.run(command + [f"{scheme}://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"Socket errors: (.*)", said)
    if refused or broken:
        # A figure of a proxy that does not do the work would be no figure.
        programs.stop(f"port {port} answered wrongly: {(refused or broken)[0]}")

    requests = int(re.search(r"(\d+) requests in", said)[1])
    if requests == 0:
        programs.stop(f"port {port} answered nothing in {seconds} s; is the machine busy with something else?")

    def ms(share):
        value, unit = re.search(rf"^\s+{share}%\s+([\d.]+)(us|ms|s)\s*$", said, re.M).groups()
        return float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]

    return {
        "requests": requests,
        "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
        "p50_ms": ms(50),
        "p99_ms": ms(99),
    }


def h2load(port, path, connections, seconds, folder, rps=0, streams=0):
    """Each request's time is known. With a rate it is an open loop: requests are due. With streams it speaks HTTP/2 by prior knowledge."""
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    command = ["taskset", "-c", LOAD_CORE, "h2load", "-t1", f"-c{connections}", f"-D{seconds}", f"--log-file={log}"]
    command += [f"-m{streams}"] if streams else ["--h1"]
    command += ([f"--rps={rps / connections:.3f}"] if rps else []) + ["-H", f"Authorization: {TOKEN}"]
    subprocess.run(command + [f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    wrong = sum(row[1] != "200" for row in rows)
    if wrong or not rows:
        programs.stop(f"port {port}: {wrong} of {len(rows)} requests were answered wrongly")
    took_us = sorted(int(row[2]) for row in rows)

    def ms(share):
        return took_us[min(len(took_us) - 1, int(len(took_us) * share))] / 1e3

    return {
        "requests": len(rows),
        "rps": len(rows) / seconds,
        **({"wanted_rps": rps} if rps else {}),
        "p50_ms": ms(0.5),
        "p99_ms": ms(0.99),
        "p999_ms": ms(0.999),
    }


def measure(running, origin, load):
    pid = running.process.pid
    busy, own, others = machine.busy_s(), machine.cpu_s(pid), machine.cpu_s(origin.process.pid)
    threads = threads_s(pid)
    spent = sum(os.times()[2:4])
    began = time.monotonic()
    sample = load()
    took = time.monotonic() - began
    user, kernel = (after - before for after, before in zip(machine.cpu_s(pid), own))
    origin_s = sum(machine.cpu_s(origin.process.pid)) - sum(others)
    client_s = sum(os.times()[2:4]) - spent
    sample["cpu_us"] = (user + kernel) / sample["requests"] * 1e6
    sample["kernel_share"] = kernel / max(user + kernel, 1e-9)
    sample["foreign"] = max(0.0, machine.busy_s() - busy - user - kernel - origin_s - client_s) / took
    if any(threads.values()):
        by_kind = {kind: after - threads[kind] for kind, after in threads_s(pid).items()}
        by_kind["other"] = max(0.0, user + kernel - sum(by_kind.values()))
        sample["threads_us"] = {kind: each / sample["requests"] * 1e6 for kind, each in by_kind.items()}
    return sample


def run_suite(suite, options, folder):
    peers = [peer for peer in suite.peers if not missing(peer) and (not options.peer or peer in options.peer)]
    print(f"\n{suite.name}: {suite.what}")
    samples = {peer: [] for peer in peers}
    for process in range(options.processes):
        part = folder / f"{suite.name}-{process}"
        part.mkdir()
        # The proxies' own users have to reach what is theirs.
        part.chmod(0o755)
        run_processes(suite, options, part, peers, process, samples)
    return summarize(suite, samples)


def run_processes(suite, options, folder, peers, process, samples):
    """Starts all anew: a compiler makes other choices each time, and they last as long as the process."""
    rounds = options.rounds or suite.rounds
    with contextlib.ExitStack() as started:

        def start(name, command, core, port):
            return started.enter_context(Running(name, command, core, port, folder))

        origin_port = programs.free_port()
        origin = start(f"{suite.name}-origin", nginx_origin(folder, origin_port), LOAD_CORE, origin_port)
        origin.await_port()
        running = {}
        for peer in peers:
            port = programs.free_port()
            name = f"{suite.name}-{peer}"
            running[peer] = start(name, PEERS[peer][0](folder, name, port, origin_port), PROXY_CORE, port)
            running[peer].await_port()
            warm(port, suite, options.warm if peer.startswith("penstock") else 2, folder)

        def saturated(peer):
            return saturate(running[peer].port, suite, options.seconds, folder)

        def loaded(peer):
            return h2load(running[peer].port, suite.path, suite.connections, options.seconds, folder, rps=rps)

        load = saturated
        if suite.is_half:
            rates = {peer: saturated(peer)["rps"] for peer in peers}
            rps, load = min(rates.values()) / 2, loaded
            print(f"  {rps:.0f} requests a second, half of what {min(rates, key=rates.get)} can do", flush=True)
        for number in range(rounds):
            for peer in peers[number % len(peers) :] + peers[: number % len(peers)]:
                sample = measure(running[peer], origin, lambda: load(peer))
                sample["process"] = process
                samples[peer].append(sample)
            print(f"  round {number + 1} of {rounds}" + (f", process {process + 1}" if options.processes > 1 else ""), flush=True)


def ratios(each, bases, samples):
    """To the better of some others, process by process; round by round within, since what disturbs one round disturbs both."""
    found = []
    for process in sorted({sample["process"] for sample in each}):
        found.append(
            max(
                statistics.median(
                    a["cpu_us"] / b["cpu_us"] for a, b in zip(each, samples[name]) if a["process"] == process
                )
                for name in bases
            )
        )
    return found


def summarize(suite, samples):
    rows = []
    for peer, each in samples.items():
        row = {"peer": peer, "samples": each}
        for figure in ("cpu_us", "kernel_share", "rps", "p50_ms", "p99_ms", "foreign"):
            row[figure] = statistics.median(sample[figure] for sample in each)
        if suite.is_half:
            row["p999_ms"] = statistics.median(sample["p999_ms"] for sample in each)
            row["wanted_rps"] = each[0]["wanted_rps"]
        if all("threads_us" in sample for sample in each):
            kinds = each[0]["threads_us"]
            row["threads_us"] = {kind: statistics.median(sample["threads_us"][kind] for sample in each) for kind in kinds}
        base = suite.base.get(peer)
        row["base"] = base or "better of nginx and HAProxy"
        bases = [base] if base else [name for name in BETTER_OF if name in samples]
        if bases and all(name in samples for name in bases):
            row["ratios"] = ratios(each, bases, samples)
            row["ratio"] = statistics.median(row["ratios"])
        rows.append(row)
    return {
        "suite": suite.name,
        "what": suite.what,
        "connections": suite.connections,
        "path": suite.path,
        "rounds": max(len(each) for each in samples.values()),
        "rows": rows,
    }


# ---- telling


def facts():
    return machine.facts(
        nginx=machine.said("nginx", "-v"),
        haproxy=machine.said("haproxy", "-v").split("\n")[0],
        penstock=machine.said(str(machine.LAUNCHER), "--version"),
        java_options=os.environ.get("PENSTOCK_JAVA_OPTS", ""),
    )


def print_table(result):
    print(f"  {'':22}{'CPU us/request':>15}{'ratio':>7}{'kernel':>8}{'requests/s':>12}{'p50 ms':>8}{'p99 ms':>8}{'foreign':>9}")
    for row in result["rows"]:
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        print(
            f"  {row['peer']:22}{row['cpu_us']:15.2f}{ratio:>7}{row['kernel_share']:8.0%}{row['rps']:12.0f}"
            f"{row['p50_ms']:8.2f}{row['p99_ms']:8.2f}{row['foreign']:9.0%}"
            + (f"  p99.9 {row['p999_ms']:.2f}" if "p999_ms" in row else "")
            + ("  behind its rate" if row["rps"] < BEHIND * row.get("wanted_rps", 0) else "")
            + ("  disturbed" if row["foreign"] > DISTURBED else "")
            + (f"  of each process: {' '.join(f'{each:.2f}' for each in row['ratios'])}" if len(row.get("ratios", [])) > 1 else "")
            + (f"  (ratio to {row['base']})" if row["peer"] in next(s for s in SUITES if s.name == result["suite"]).base else "")
        )
    for row in result["rows"]:
        if "threads_us" in row:
            print(f"  {row['peer']:22}us by thread: " + ", ".join(f"{kind} {us:.2f}" for kind, us in row["threads_us"].items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="append", choices=[suite.name for suite in SUITES])
    parser.add_argument("--peer", action="append", help="only these, as --list names them")
    parser.add_argument("--rounds", type=int, help="default 7, for features 15")
    parser.add_argument("--processes", type=int, default=1, help="so many of each proxy, one after the other, with the rounds each")
    parser.add_argument("--seconds", type=int, default=3, help="of one measurement")
    parser.add_argument("--warm", type=int, default=20, help="seconds of load before Penstock is measured")
    parser.add_argument("--out", type=pathlib.Path, default=machine.SOURCES / "perf/peers/target/results", metavar="DIR")
    parser.add_argument("--list", action="store_true", help="say what would run, and stop")
    options = parser.parse_args()
    suites = [suite for suite in SUITES if not options.suite or suite.name in options.suite]

    absent = sorted({need for suite in suites for peer in suite.peers for need in missing(peer)})
    needed = sorted({need for suite in suites for need in suite.tools if not is_there(need)})
    programs.tell_packages(sorted({*absent, *needed}), PACKAGES)
    if options.list:
        for suite in suites:
            print(f"{suite.name}: {suite.what}: {', '.join(p + (' (missing)' if missing(p) else '') for p in suite.peers)}")
        return
    if needed:
        programs.stop("nothing can be measured without " + ", ".join(needed))
    if (os.cpu_count() or 1) < 2:
        programs.stop("proxy and load need a core each; this machine has one")

    options.out.mkdir(parents=True, exist_ok=True)
    told = facts()
    results = []
    with programs.folder_of_run("peers") as folder:
        os.chmod(folder, 0o755)  # nginx's workers are another user's
        for suite in suites:
            results.append(run_suite(suite, options, folder))
            print_table(results[-1])
    everything = {"machine": told, "seconds": options.seconds, "results": results}
    (options.out / "results.json").write_text(json.dumps(everything, indent=1) + "\n")
    (options.out / "report.html").write_text(pages.page("Penstock side by side", pages.peers(everything)))
    print(f"\n{options.out}/results.json, {options.out}/report.html")


if __name__ == "__main__":
    main()
