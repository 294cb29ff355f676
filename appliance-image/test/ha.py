#!/usr/bin/env python3
"""Two gateways share an address by VRRP (keepalived) and by BGP (BIRD), under load, in network namespaces of this machine.

    appliance-image/test/ha.py [--program bin/penstock] [--only vrrp|bgp] [--seconds 4]

Needs root, keepalived, bird2, nftables, curl and iproute2. Prints one line for each step, and ends with 1 if a promise is broken:
a gateway that ends in order loses no request; one that is killed is missed for less than a second.
"""
import argparse, os, pathlib, shutil, signal, socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
HA = os.path.join(HERE, "..", "ha")
sys.path.insert(0, os.path.join(HERE, "..", "disk/overlay/usr/lib/appliance"))
sys.dont_write_bytecode = True
import pair  # the appliance's own rendering
SERVICE, EGRESS = "10.77.0.10", "10.77.0.20"
CLIENT, TARGET, ROUTER = "10.77.0.100", "10.77.0.200", "10.77.0.1"
NODES = {"a": ("10.77.0.11", "10.77.0.12", 150, "20000-29999"), "b": ("10.77.0.12", "10.77.0.11", 120, "30000-39999")}
PREFIX = "psha%d" % os.getpid()


def run(*words, check=True, **more):
    done = subprocess.run(words, text=True, capture_output=True, **more)
    if check and done.returncode != 0:
        raise SystemExit("%s: %s%s" % (" ".join(words), done.stdout, done.stderr))
    return done


def ns(name):
    return PREFIX + name


def inside(name, *words, **more):
    return run("ip", "netns", "exec", ns(name), *words, **more)


def spawn(name, words, log, env=None):
    out = open(log, "ab")
    return subprocess.Popen(["ip", "netns", "exec", ns(name)] + words, stdout=out, stderr=out, env=env)


# What runs inside a namespace is this file again, by --part.
def target_part(log):
    seen = set()

    def serve(connection, peer):
        if peer[0] not in seen:
            seen.add(peer[0])
            with open(log, "a") as out:
                out.write(peer[0] + "\n")
        data = b""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                head, data = data.split(b"\r\n\r\n", 1)
                if b"/slow" in head:
                    time.sleep(3)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            pass
        finally:
            connection.close()

    listener = socket.create_server((TARGET, 9000), backlog=512)
    while True:
        connection, peer = listener.accept()
        threading.Thread(target=serve, args=(connection, peer), daemon=True).start()


class Load:
    """Clients that each wait for their answer: kept connections, a connection for each request, and requests of three seconds."""

    def __init__(self):
        self.stop, self.lock = False, threading.Lock()
        self.good = {"kept": 0, "fresh": 0, "slow": 0}
        self.failed, self.times = [], []

    def note(self, kind, fault):
        with self.lock:
            if fault is None:
                self.good[kind] += 1
                if kind == "fresh":
                    self.times.append(time.monotonic())
            else:
                self.failed.append((time.monotonic(), kind, fault))

    def answer(self, connection, path):
        connection.sendall(("GET %s HTTP/1.1\r\nHost: ha\r\n\r\n" % path).encode())
        data = b""
        while b"\r\n\r\n" not in data or not data.endswith(b"ok"):
            more = connection.recv(4096)
            if not more:
                raise OSError("closed after %d bytes" % len(data))
            data += more
            if b"\r\n\r\n" in data and not data.startswith(b"HTTP/1.1 200"):
                raise OSError(data.split(b"\r\n")[0].decode())
        return b"onnection: close" in data

    def connect(self, wait):
        connection = socket.create_connection((SERVICE, 80), timeout=wait)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def client(self, kind, path, wait, pause):
        connection = None
        while not self.stop:
            try:
                if connection is None:
                    connection = self.connect(wait)
                connection.settimeout(wait)
                last = self.answer(connection, path)
                self.note(kind, None)
                if last or kind == "fresh":
                    connection.close()
                    connection = None
            except OSError as fault:
                self.note(kind, repr(fault))
                if connection is not None:
                    connection.close()
                connection = None
            time.sleep(pause)

    def start(self):
        plan = [("kept", "/", 5, 0.01)] * 6 + [("fresh", "/", 0.3, 0.005)] * 3 + [("slow", "/slow", 10, 0)] * 2
        self.threads = [threading.Thread(target=self.client, args=one, daemon=True) for one in plan]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.stop = True
        for thread in self.threads:
            thread.join()

    def gap_ms(self):
        times = sorted(self.times)
        return max((int((b - a) * 1000) for a, b in zip(times, times[1:])), default=-1)


def load_part():
    """Reads "go" and "end" on standard input, and answers each "end" with what was seen since "go"."""
    load = None
    for line in sys.stdin:
        if line.strip() == "go":
            load = Load()
            load.start()
        else:
            load.end()
            kinds = {}
            for _, kind, fault in load.failed:
                kinds[kind + " " + fault] = kinds.get(kind + " " + fault, 0) + 1
            print("%d %d %d %d %d %s" % (load.good["kept"], load.good["fresh"], load.good["slow"], len(load.failed),
                                         load.gap_ms(), kinds), flush=True)


class Site:
    def __init__(self, program, work):
        self.program, self.work, self.processes, self.gateways, self.faults = program, work, [], {}, 0

    def path(self, name):
        return os.path.join(self.work, name)

    def open(self):
        run("ip", "netns", "add", ns("net"))
        inside("net", "ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0")
        inside("net", "ip", "link", "set", "br0", "up")
        for name, address in (("a", NODES["a"][0]), ("b", NODES["b"][0]), ("c", CLIENT), ("t", TARGET), ("r", ROUTER)):
            run("ip", "netns", "add", ns(name))
            inside("net", "ip", "link", "add", "v" + name, "type", "veth", "peer", "name", "eth0", "netns", ns(name))
            inside("net", "ip", "link", "set", "v" + name, "master", "br0", "up")
            for device in ("lo", "eth0"):
                inside(name, "ip", "link", "set", device, "up")
            inside(name, "ip", "address", "add", address + "/24", "dev", "eth0")
        self.processes.append(spawn("t", [sys.executable, __file__, "--part", "target", self.path("sources")], self.path("target.log")))
        self.loader = subprocess.Popen(["ip", "netns", "exec", ns("c"), sys.executable, __file__, "--part", "load"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(self.loader)
        for node, (own, peer, _, ports) in NODES.items():
            said = inside(node, os.path.join(HA, "second-chance.sh"), "eth0", SERVICE, EGRESS, own, peer, ports, TARGET + "/32")
            print("  " + said.stdout.strip())
        with open(self.path("site.yaml"), "w") as out:
            out.write("""apiVersion: penstock/v1
listeners:
  - {name: web, address: "0.0.0.0:80", protocol: http}
upstreams:
  - {name: target, targets: [{address: "%s:9000"}]}
services:
  - {name: target, upstream: target}
routes:
  - {name: all, service: target, matches: [{path: {type: prefix, value: /}}]}
""" % TARGET)
        for node in NODES:
            self.start(node)
            self.processes.append(spawn(node, [os.path.join(HA, "watch"), "http://127.0.0.1:8082/readyz", self.path("ready-" + node), "60"],
                                        self.path("watch-%s.log" % node)))
        for node in NODES:
            self.until("gateway %s is ready" % node, lambda: self.ready(node))

    def start(self, node):
        env = dict(os.environ, PENSTOCK_JAVA_OPTS="-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        self.gateways[node] = spawn(node, [self.program, "run", "--data", self.path("data-" + node), "--apply", self.path("site.yaml"),
                                           "--workers", "1", "--drain-delay", "3", "--drain", "20"], self.path("gateway-%s.log" % node), env)

    def ready(self, node):
        return inside(node, "curl", "-fs", "-m", "1", "http://127.0.0.1:8082/readyz", check=False).returncode == 0

    def until(self, what, happened, seconds=60):
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                raise SystemExit("not within %d s: %s; logs are in %s" % (seconds, what, self.work))
            time.sleep(0.05)

    def holds(self, node):
        return SERVICE + "/24" in inside(node, "ip", "-4", "address", "show", "dev", "eth0", check=False).stdout

    def during(self, what, seconds, act, gap_max_ms=None):
        """Loads, acts in the midst of it, and tells what was seen. Without a gap no request may fail."""
        self.loader.stdin.write("go\n")
        self.loader.stdin.flush()
        time.sleep(seconds / 2)
        act()
        time.sleep(seconds / 2)
        self.loader.stdin.write("end\n")
        self.loader.stdin.flush()
        said = self.loader.stdout.readline().split(" ", 5)
        kept, fresh, slow, failed, gap = map(int, said[:5])
        sound = failed == 0 if gap_max_ms is None else gap < gap_max_ms
        self.faults += not sound
        print("%s %s: %d requests on kept connections, %d on new ones, %d of 3 s; failed %d; longest without a new one %d ms%s"
              % ("ok  " if sound else "FAIL", what, kept, fresh, slow, failed, gap, "" if failed == 0 else " " + said[5].strip()), flush=True)

    def kill_gateway(self, node):
        pid = int(open(self.path("data-%s/lock" % node)).read())
        os.kill(pid, signal.SIGKILL)
        self.gateways[node].wait()

    def end_gateway(self, node):
        pid = int(open(self.path("data-%s/lock" % node)).read())
        os.kill(pid, signal.SIGTERM)
        self.gateways[node].wait(60)

    def sources(self):
        return sorted(open(self.path("sources")).read().split())

    def close(self):
        for process in self.processes + list(self.gateways.values()):
            if process.poll() is None:
                process.terminate()
        for process in self.processes + list(self.gateways.values()):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        for name in ("a", "b", "c", "t", "r", "net"):
            for pid in run("ip", "netns", "pids", ns(name), check=False).stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", ns(name), check=False)


def vrrp(site, seconds):
    keepers = {}

    def keep(node):
        own, peer, priority, _ = NODES[node]
        wanted = pair.check({"by": "vrrp", "interface": "eth0", "own": own, "peer": peer, "priority": priority, "service": SERVICE, "egress": EGRESS})
        text = pair.files(wanted, pathlib.Path(HA), site.path("ready-" + node))["appliance/keepalived.conf"]
        with open(site.path("keepalived-%s.conf" % node), "w") as out:
            out.write(text)
        keepers[node] = spawn(node, ["keepalived", "-n", "-l", "-D", "-f", site.path("keepalived-%s.conf" % node),
                                     "-p", site.path("k-%s.pid" % node), "-r", site.path("v-%s.pid" % node)], site.path("keepalived-%s.log" % node))
        site.processes.append(keepers[node])

    for node in NODES:
        keep(node)
    site.until("a holds the address", lambda: site.holds("a") and not site.holds("b"))
    site.during("vrrp, steady", seconds, lambda: None)
    site.during("vrrp, a ends in order, b takes over", seconds, lambda: site.end_gateway("a"))
    site.until("b holds the address", lambda: site.holds("b") and not site.holds("a"))

    def back():
        site.start("a")
        site.until("a holds the address again", lambda: site.holds("a") and not site.holds("b"))
    site.during("vrrp, a comes back and takes its address", seconds, back)
    site.during("vrrp, kill -9 of a's gateway", seconds, lambda: site.kill_gateway("a"), 1000)
    site.during("vrrp, a comes back", seconds, back)

    def power_off():
        inside("a", "ip", "link", "set", "eth0", "down")
        site.kill_gateway("a")
        keepers["a"].kill()
        for pid in ("k-a.pid", "v-a.pid"):
            try:
                os.kill(int(open(site.path(pid)).read()), signal.SIGKILL)
            except (OSError, ValueError):
                pass
    site.during("vrrp, a loses its power", seconds, power_off, 1000)
    found = site.sources()
    print("%s targets saw connections only from %s: %s" % ("ok  " if found == [EGRESS] else "FAIL", EGRESS, found))
    site.faults += found != [EGRESS]


def bgp(site, seconds):
    for node in ("c", "t"):
        inside(node, "sysctl", "-qw", "net.ipv4.conf.all.accept_redirects=0", "net.ipv4.conf.eth0.accept_redirects=0")
    inside("r", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.send_redirects=0", "net.ipv4.conf.eth0.send_redirects=0",
           "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth0.rp_filter=0")
    inside("c", "ip", "route", "add", SERVICE + "/32", "via", ROUTER)
    inside("t", "ip", "route", "add", EGRESS + "/32", "via", ROUTER)
    neighbours = "".join("""protocol bgp %s {
    local %s as 65000;
    neighbor %s as %d;
    bfd on;
    ipv4 { import all; export none; };
}
""" % (node, ROUTER, NODES[node][0], 65001 + index) for index, node in enumerate(NODES))
    with open(site.path("bird-r.conf"), "w") as out:
        out.write("""log stderr all;
router id %s;
protocol device { scan time 10; }
protocol bfd { interface "eth0" { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; }; }
protocol kernel { ipv4 { import none; export all; }; }
""" % ROUTER + neighbours)
    for index, node in enumerate(NODES):
        wanted = pair.check({"by": "bgp", "interface": "eth0", "own": NODES[node][0], "service": SERVICE, "egress": EGRESS, "as": 65001 + index,
                             "router": ROUTER, "routerAs": 65000, "secondChoice": index == 1})
        text = pair.files(wanted, pathlib.Path(HA))["appliance/bird.conf"]
        with open(site.path("bird-%s.conf" % node), "w") as out:
            out.write(text)
    birds = {}
    for node in ("r", "a", "b"):
        birds[node] = spawn(node, ["bird", "-f", "-c", site.path("bird-%s.conf" % node), "-s", site.path("bird-%s.ctl" % node),
                                   "-P", site.path("bird-%s.pid" % node)], site.path("bird-%s.log" % node))
        site.processes.append(birds[node])
    for node in NODES:
        site.processes.append(spawn(node, [os.path.join(HA, "announce"), "http://127.0.0.1:8082/readyz", site.path("bird-%s.ctl" % node)],
                                    site.path("announce-%s.log" % node)))

    def routed(node):
        return "via " + NODES[node][0] in inside("r", "ip", "route", "show", SERVICE, check=False).stdout

    site.until("the router sends to a", lambda: routed("a"))
    site.during("bgp, steady", seconds, lambda: None)
    site.during("bgp, a ends in order, b takes over", seconds, lambda: site.end_gateway("a"))
    site.until("the router sends to b", lambda: routed("b"))

    def back():
        site.start("a")
        site.until("the router sends to a again", lambda: routed("a"))
    site.during("bgp, a comes back and takes its addresses", seconds, back)
    site.during("bgp, kill -9 of a's gateway", seconds, lambda: site.kill_gateway("a"), 1000)
    site.during("bgp, a comes back", seconds, back)

    def power_off():
        inside("a", "ip", "link", "set", "eth0", "down")
        site.kill_gateway("a")
    site.during("bgp, a loses its power", seconds, power_off, 1000)
    found = site.sources()
    print("%s targets saw connections only from %s: %s" % ("ok  " if found == [EGRESS] else "FAIL", EGRESS, found))
    site.faults += found != [EGRESS]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", default=os.path.join(HERE, "..", "bin", "penstock"))
    options.add_argument("--only", choices=["vrrp", "bgp"])
    options.add_argument("--without-second-chance", action="store_true", help="to see that moves do cut connections without it")
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.part:
        return target_part(chosen.part[1]) if chosen.part[0] == "target" else load_part()
    missing = [name for name in ("keepalived", "bird", "nft", "curl", "ip") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        raise SystemExit("needs root and keepalived, bird2, nftables, curl, iproute2; missing: %s" % (missing or "root"))
    faults = 0
    for name, steps in (("vrrp", vrrp), ("bgp", bgp)):
        if chosen.only in (None, name):
            work = tempfile.mkdtemp(prefix="penstock-ha-")
            site = Site(os.path.abspath(chosen.program), work)
            try:
                site.open()
                for node in NODES if chosen.without_second_chance else ():
                    inside(node, "nft", "delete", "table", "ip", "penstock_ha")
                steps(site, chosen.seconds)
            finally:
                site.close()
            faults += site.faults
            if site.faults == 0:
                shutil.rmtree(work)
            else:
                print("logs: " + work)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
