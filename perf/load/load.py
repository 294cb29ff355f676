#!/usr/bin/env python3
"""Load suites (Gatling) against a gateway of yours, or against the built product with a toy upstream, by one command.

    perf/load/load.py Baseline                                       # starts the built product and an upstream itself
    perf/load/load.py Baseline --url http://box:8080 --direct http://origin:9000 --path /orders --rate 500
    perf/load/load.py BigRouteTable --url http://box:8080 --direct http://origin:9000 --admin http://127.0.0.1:8081 --token-file T
    perf/load/load.py all --short                                    # every suite in seconds: does it work?
    perf/load/load.py --list                                         # the suites, and what is missing to run them

With --admin a suite puts what it needs onto the gateway, all of it named load-..., below the path /load, and takes it away at
the end; --direct is then the upstream that it puts there, and has to answer any path. Without --admin the gateway's routes are
yours, and --path says what to ask for. Needs a JDK 25, Python 3.9 and, once, "mvn -f perf/load -DskipTests package"; installs
nothing. Nothing is sent anywhere but to these addresses.

Results in perf/load/target/results: for each suite Gatling's own report and run.json (figures, gates, machine, JVM arguments,
commit), for all of them report.html. Ends with 1 if a gate did not hold.
"""
import argparse
import contextlib
import datetime
import html
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import machine  # noqa: E402
import pages  # noqa: E402
import programs  # noqa: E402

# A short form takes half a minute, and some minutes where others have the cores; one that hangs is ended.
SHORT_S_MAX = 600
# Above this share of the machine the generator's own waiting would be told as the gateway's.
GENERATOR_BUSY = 0.8

# What it shows, and whether it needs the admin API.
SUITES = {
    "Baseline": ("a steady rate: what the gateway adds", False),
    "RampToSaturation": ("the highest rate at which p99 and errors hold", False),
    "FlashSale": ("twenty times as many within 2 s, behind a limiter", False),
    "AdmissionSale": ("twenty times what the upstream can serve, behind an admission with priorities", True),
    "Soak": ("a steady rate for long: what creeps", False),
    "ConfigChurn": ("ten revisions a second, with swaps of a plugin", True),
    "SlowUpstream": ("a fifth of the requests waits for its upstream", True),
    "Failover": ("one of two targets is killed under load and comes back", True),
    "BigRouteTable": ("the last of 10, 1 000 and 100 000 routes (short: 10 and 1 000)", True),
    "PluginTax": ("0, 1, 3 and 10 plugins, sync and async", True),
    "Http2": ("a steady rate over HTTP/2 by TLS", False),
    "Tls": ("a steady rate of TLS handshakes, each for one request", False),
    "WebSocketIdle": ("WebSockets that say nothing while the configuration changes, and are still there", True),
    "ConnStorm": ("a connection for each request, suddenly five times as many", False),
}


# Those that need a listener for TLS with HTTP/2.
SECURE = {"Http2", "Tls"}


def missing(options):
    """What a run lacks, each with the way out."""
    lacks = programs.missing_java()
    classes = HERE / "target/classes/io/penstock/perf/load/Suite.class"
    if not classes.exists() or not list((HERE / "target/lib").glob("gatling-app-*.jar")):
        lacks.append("the suites are not built: mvn -f perf/load -DskipTests package")
    if not options.url:
        lacks += [f"no --url, and {each}" for each in programs.missing_product()]
    if SECURE & set(options.suites):
        if options.url and not options.secure_url:
            lacks.append(f"{', '.join(sorted(SECURE & set(options.suites)))}: --secure-url, the gateway's listener for TLS")
        if not options.url and not shutil.which("openssl"):
            lacks.append("no openssl, which makes the certificate of a gateway that is started here")
    if options.admin and not options.token_file:
        lacks.append("--admin needs --token-file, with a token that may edit")
    if options.admin and not options.direct:
        lacks.append("--admin needs --direct, the upstream that the suite's routes are to lead to")
    if options.url and not options.admin:
        for suite in options.suites:
            if SUITES[suite][1]:
                lacks.append(f"{suite} changes the configuration: --admin, --token-file and --direct")
    return lacks


# ---- what is started here


def arguments_of(program):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{program.process.pid}/cmdline").read_bytes().decode().split("\0")
    return []


def resident_mib(program):
    kib = machine.resident_kib(program.process.pid)
    return kib and kib >> 10


def class_path():
    return f"{HERE}/target/classes:{HERE}/target/lib/*"


def origin(folder, broken):
    command = [machine.java(), "-Xmx256m", *quiet_jvm(), "-cp", class_path(), "io.penstock.perf.load.Origin", "127.0.0.1", "0"]
    return programs.Program(folder, "origin", command + (["broken"] if broken else []))


def document(folder):
    """What the gateway serves that is started here: a listener in clear text, and one by TLS where there is an openssl."""
    wanted = {"apiVersion": "penstock/v1", "listeners": [{"name": "web", "address": "127.0.0.1:0"}]}
    if shutil.which("openssl"):
        wanted["certificates"] = [programs.certificate("load", *programs.self_signed(folder, "load"))]
        wanted["listeners"].append({"name": "secure", "address": "127.0.0.1:0", "protocol": "https", "http2": True})
    return wanted


def quiet_jvm():
    """What Gatling 3.15 and its Netty ask of a Java 25."""
    opened = "--add-opens=java.base/java.lang=ALL-UNNAMED"
    return [opened, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]


def hosts_file(folder, options):
    """The only names that Gatling can look up: those of the gateway and its upstream."""
    lines = ["127.0.0.1 localhost"]
    for url in filter(None, (options.url, options.secure_url, options.direct, options.admin)):
        name = urllib.parse.urlsplit(url).hostname
        try:
            address = socket.getaddrinfo(name, None)[0][4][0]
        except OSError as failed:
            programs.stop(f"{url}: {failed}")
        if address != name:
            lines.append(f"{address} {name}")
    file = folder / "hosts"
    file.write_text("\n".join(lines) + "\n")
    return file


# ---- one suite


def run_suite(suite, options, folder, gateway):
    out = options.out / suite
    out.mkdir(parents=True, exist_ok=True)
    facts = out / "facts.json"
    facts.unlink(missing_ok=True)
    settings = {
        "url": options.url,
        "secureUrl": options.secure_url or "",
        "direct": options.direct or "",
        "path": options.path,
        "admin": options.admin or "",
        "tokenFile": options.token_file or "",
        "rate": options.rate_of(suite),
        "rateMax": options.rate_max,
        "seconds": options.seconds_of(suite),
        "warmSeconds": options.warm,
        "errorPercentMax": options.errors,
        "p99MsMax": options.p99,
        "editsPerSecond": options.edits,
        "short": str(options.short).lower(),
        "sabotaged": str(options.break_it).lower(),
        "gatewayPid": gateway.process.pid if gateway else "",
        "facts": facts,
    }
    # Seconds are over before the optimizing compiler is done, and it takes a core from what is tested.
    kind = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] if options.short else ["-XX:+UseG1GC"]
    jvm = ["-Xmx" + options.generator_heap, *kind, *quiet_jvm()]
    jvm += [f"-Djdk.net.hosts.file={hosts_file(folder, options)}", f"-Djava.util.prefs.userRoot={folder}"]
    command = [machine.java(), *jvm, *(f"-Dload.{name}={value}" for name, value in settings.items())]
    command += ["-cp", class_path(), "io.gatling.app.Gatling"]
    command += ["-s", f"io.penstock.perf.load.{suite}", "-rf", str(out / "gatling")]

    before, busy, began = gateway and machine.cpu_s(gateway.process.pid), machine.busy_s(), time.monotonic()
    own = sum(os.times()[2:4])
    resident = gateway and resident_mib(gateway)
    with open(out / "gatling.out", "wb") as said:
        limit = SHORT_S_MAX if options.short else None
        try:
            code = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, cwd=out, timeout=limit).returncode
        except subprocess.TimeoutExpired:
            code = f"ended after {limit} s"
    # Before anything else is asked of the machine.
    took, busy, own = time.monotonic() - began, machine.busy_s() - busy, sum(os.times()[2:4]) - own
    cores = os.cpu_count() or 1
    run = {
        "suite": suite,
        "what": SUITES[suite][0],
        "machine": machine.facts(
            java=machine.java_version(machine.java()),
            penstock=machine.said(str(machine.LAUNCHER), "--version"),
            java_options=os.environ.get("PENSTOCK_JAVA_OPTS", ""),
        ),
        "short": options.short,
        "settings": {name: str(value) for name, value in settings.items() if name not in ("tokenFile", "facts", "gatewayPid")},
        "generator": {
            "java": machine.java(),
            "arguments": jvm,
            "machine_share": own / took / cores,
            "machine_busy": busy / took / cores,
        },
        "gateway": {"node": node(options)},
        "took_s": took,
        "exit": code,
    }
    if gateway:
        user, kernel = (after - then for after, then in zip(machine.cpu_s(gateway.process.pid), before))
        run["gateway"].update(
            arguments=arguments_of(gateway),
            cpu_s=user + kernel,
            resident_mib={"before": resident, "after": resident_mib(gateway)},
        )
    read_results(run, out, facts)
    (out / "run.json").write_text(json.dumps(run, indent=1) + "\n")
    return run


# Gatling 3.15 writes its figures for people only: these are the columns of its report's table.
COLUMNS = {3: "ok", 4: "failed", 6: "per_s", 8: "p50_ms", 10: "p95_ms", 11: "p99_ms", 12: "max_ms", 13: "mean_ms"}


def requests_of(page):
    """The figures of each name of requests, of Gatling's index.html."""
    requests = []
    for row in re.findall(r'<tr id="req_.*?</tr>', page, re.S):
        each = {"name": html.unescape(re.search(r'class="ellipsed-name">(.*?)</span>', row)[1])}
        for column, figure in COLUMNS.items():
            value = re.search(rf'<td class="value [^"]*col-{column}">([^<]*)</td>', row)[1].strip().replace(",", "")
            each[figure] = (float if figure == "per_s" else int)(value if value != "-" else 0)
        requests.append(each)
    return requests


def read_results(run, out, facts):
    """Figures and gates of what Gatling and the suite wrote."""
    reports = sorted((out / "gatling").glob("*/index.html"), key=lambda file: file.stat().st_mtime)
    run["requests"], run["gates"], run["values"] = [], [], {}
    if reports:
        run["requests"] = requests_of(reports[-1].read_text(errors="replace"))
        run["gatling_report"] = str(reports[-1].relative_to(out.parent))
    said = (out / "gatling.out").read_text(errors="replace")
    for gate, verdict, found in re.findall(r"^(\S.*) : (true|false) \(actual : (.*)\)$", said, re.M):
        run["gates"].append({"gate": gate, "held": verdict == "true", "found": found})
    if facts.exists():
        told = json.loads(facts.read_text())
        run["values"] = told["values"]
        run["gates"] += told["gates"]
    # A suite that told nothing has not shown that anything holds.
    run["gates"].append({"gate": "the suite ran to its end", "held": bool(reports) and facts.exists() and run["exit"] in (0, 2)})
    run["held"] = all(gate["held"] for gate in run["gates"])


def cannot_hold(run):
    """Whether everything that could fail did, in a run that was broken on purpose."""
    *broken, ended = run["gates"]
    for gate in broken:
        if gate["held"]:
            print(f"load.py: {run['suite']}: no upstream is so bad that this gate fails: {gate['gate']}")
    return bool(broken) and ended["held"] and not any(gate["held"] for gate in broken)


def node(options):
    """What the gateway says of itself."""
    if not options.admin:
        return None
    request = urllib.request.Request(
        options.admin + "/v1/node", headers={"Authorization": "Bearer " + pathlib.Path(options.token_file).read_text().strip()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10, context=ssl.create_default_context()) as reply:
            return json.loads(reply.read())
    except (OSError, ValueError) as failed:
        return f"unknown: {failed}"


def tell(run):
    print(f"  {'':34}{'requests':>9}{'failed':>8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'max ms':>8}")
    for each in run["requests"]:
        print(
            f"  {each['name']:34}{each['ok'] + each['failed']:9}{each['failed']:8}{each['p50_ms']:8}{each['p95_ms']:8}"
            f"{each['p99_ms']:8}{each['max_ms']:8}"
        )
    for name, value in run["values"].items():
        print(f"  {name}: {value:g}")
    for gate in run["gates"]:
        found = f" (found {gate['found']})" if "found" in gate else ""
        print(f"  {'held  ' if gate['held'] else 'FAILED'} {gate['gate']}{found}")
    busy, share = run["generator"]["machine_busy"], run["generator"]["machine_share"]
    print(f"  took {run['took_s']:.0f} s; this machine was busy by {busy:.0%}")
    if share > GENERATOR_BUSY:
        print(f"  the generator took {share:.0%} of this machine: what it measured may be itself", flush=True)
    sys.stdout.flush()


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="?", choices=[*SUITES, "all"])
    parser.add_argument("--url", help="the gateway's listener; without it the built product is started")
    parser.add_argument("--secure-url", metavar="URL", help="its listener for TLS with HTTP/2, of the same routes")
    parser.add_argument("--direct", metavar="URL", help="the upstream itself, asked beside the gateway")
    parser.add_argument("--path", default="/", help="what to ask for, without --admin (default /)")
    parser.add_argument("--admin", metavar="URL", help="the gateway's admin API")
    parser.add_argument("--token-file", metavar="FILE")
    parser.add_argument("--rate", type=float, help="requests a second of the steady state (default 500, short 20; AdmissionSale 300, short 60)")
    parser.add_argument("--rate-max", type=float, help="where RampToSaturation ends (default 40 times the rate)")
    parser.add_argument("--edits", type=float, help="revisions a second of ConfigChurn (default 10, short 4)")
    parser.add_argument("--seconds", type=int, help="of each phase that counts (default 60, Soak 600 a third, ramp steps 15; short 4)")
    parser.add_argument("--warm", type=int, help="seconds before, which no gate looks at (default 20, short 2)")
    parser.add_argument("--p99", type=int, help="gate: milliseconds (default 100, short 30000, with --break-it 300)")
    parser.add_argument("--errors", type=float, default=0.0, help="gate: per cent of requests that may fail (default 0)")
    parser.add_argument("--generator-heap", default="1g", metavar="SIZE")
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes: shows that the suites work, measures nothing")
    parser.add_argument("--break-it", action="store_true", help="with an upstream that errs and dawdles: ends with 0 if every gate failed")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--list", action="store_true", help="tell the suites and what is missing, and stop")
    options = parser.parse_args()
    if not options.suite and not options.list:
        parser.error("which suite? See --list")
    if options.break_it and (options.url or not options.short):
        parser.error("--break-it is for a test of the suites: with --short and without --url")
    if options.direct and not options.url:
        parser.error("--direct without --url: the upstream of which gateway?")
    options.suites = list(SUITES) if options.suite == "all" else [options.suite] if options.suite else []
    short = options.short
    # What its upstream can serve in a second: it is asked for twenty times as much.
    rates = {"AdmissionSale": 60 if short else 300}
    given = options.rate
    options.rate_of = lambda suite: given or rates.get(suite, options.rate)
    # A machine that builds and tests at the same time has made a rush of 800 a second wait for 18 s, and no gateway could help
    # it: so a short form asks little, and its p99 tells a gateway that hangs from one that waits for a core. Gatling's own limit
    # is 60 s. Broken on purpose everything is told early, and half of the requests wait for 1.5 s.
    usual = {"rate": 500, "edits": 10, "warm": 20, "p99": 100}
    quick = {"rate": 20, "edits": 4, "warm": 2, "p99": 30_000, "seconds": 4}
    broken = {**quick, "warm": 1, "p99": 300, "seconds": 2}
    for name, value in (broken if options.break_it else quick if short else usual).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.rate_max is None:
        options.rate_max = options.rate * (1.6 if short else 40)
    own = {"Soak": 600, "RampToSaturation": 15}
    options.seconds_of = lambda suite: options.seconds or own.get(suite, 60)
    for name in ("url", "secure_url", "direct", "admin"):
        if getattr(options, name):
            setattr(options, name, getattr(options, name).rstrip("/"))
    if options.token_file:
        options.token_file = str(pathlib.Path(options.token_file).resolve())
    when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H%M%S")
    options.out = (options.out or HERE / "target/results" / when).resolve()
    return options


def main():
    options = parse()
    if options.list:
        for name, (what, needs_admin) in SUITES.items():
            print(f"{name:18}{what}{' (needs the admin API)' if needs_admin else ''}")
    programs.tell_missing(missing(options), options.list)
    options.out.mkdir(parents=True, exist_ok=True)
    runs = []
    with programs.folder_of_run("load") as folder, contextlib.ExitStack() as started:
        gateway = None
        if not options.url:
            upstream = started.enter_context(origin(folder, options.break_it))
            options.direct = "http://127.0.0.1:" + upstream.ready_line().split()[1]
            gateway = started.enter_context(programs.Gateway(folder, document(folder)))
            if "secure" in gateway.ports:
                options.secure_url = f"https://127.0.0.1:{gateway.ports['secure']}"
            options.url, options.admin, options.token_file = f"http://127.0.0.1:{gateway.ports['web']}", gateway.admin, str(gateway.token)
        for suite in options.suites:
            print(f"\n{suite}: {SUITES[suite][0]}", flush=True)
            runs.append(run_suite(suite, options, folder, gateway))
            tell(runs[-1])
            if not runs[-1]["requests"]:
                print((options.out / suite / "gatling.out").read_text(errors="replace")[-3000:], file=sys.stderr)
    (options.out / "report.html").write_text(pages.page("Penstock under load", pages.load(runs)))
    print(f"\n{options.out}/report.html")
    if options.break_it:
        sys.exit(0 if all(cannot_hold(run) for run in runs) else 1)
    sys.exit(0 if all(run["held"] for run in runs) else 1)


if __name__ == "__main__":
    main()
