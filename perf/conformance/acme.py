#!/usr/bin/env python3
"""Certificates that an authority issues: pebble, Let's Encrypt's authority for tests, issues them to a started Penstock.

    perf/conformance/acme.py            # all, about three minutes
    perf/conformance/acme.py --quick    # one life of certificates in place of three, a minute and a half
    perf/conformance/acme.py --list     # what would run, and what is missing

Starts pebble, its server of DNS answers, and a built Penstock ("mvn -DskipTests package"). All traffic stays on 127.0.0.0/8. Ends with 1 if
anything is not as it should be. Debian has pebble: apt-get install pebble.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import ssl
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import machine  # noqa: E402
import programs  # noqa: E402
from programs import run  # noqa: E402

STEP_S = 40
# Renewed after two thirds of it.
LIFE_S = 30
TOOLS = {"pebble": "pebble", "pebble-challtestsrv": "pebble", "openssl": "openssl"}
# Nobody listens there.
NOBODY = "127.0.0.9"


def until(holds, seconds=STEP_S):
    """Whether something holds in time; what raises OSError does not hold."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if holds():
                return True
        time.sleep(0.2)
    return False


class Authority:
    """pebble, and the DNS that it asks."""

    def __init__(self, folder, started, http, https):
        self.directory, self.management, dns, self.dns_management = (programs.free_port() for _ in range(4))
        self.ca, key = programs.self_signed(folder, "ca")
        config = folder / "pebble.json"
        config.write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.directory}", "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.ca), "privateKey": str(key), "httpPort": http, "tlsPort": https,
            "ocspResponderURL": "", "externalAccountBindingRequired": False, "certificateValidityPeriod": LIFE_S}}))
        started.enter_context(programs.Program(folder, "dns", [
            "pebble-challtestsrv", "-http01", "", "-https01", "", "-tlsalpn01", "", "-dns01", f"127.0.0.1:{dns}",
            "-management", f"127.0.0.1:{self.dns_management}", "-defaultIPv6", "", "-defaultIPv4", "127.0.0.1"]))
        # One nonce in five is refused, as pebble does of itself, so that the way back from that is walked too.
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "20", "PEBBLE_AUTHZREUSE": "0"}
        command = ["pebble", "-config", str(config), "-dnsserver", f"127.0.0.1:{dns}"]
        pebble = started.enter_context(programs.Program(folder, "pebble", command, env=environment))
        self.trust = ssl.create_default_context(cafile=str(self.ca))
        self.root = folder / "root.pem"
        pebble.until(lambda: until(self.has_root, 1))

    def has_root(self):
        with urllib.request.urlopen(f"https://127.0.0.1:{self.management}/roots/0", context=self.trust, timeout=5) as answer:
            self.root.write_bytes(answer.read())
        return True

    def names_at(self, host, address):
        for verb, body in (("clear-a", {"host": host}), ("add-a", {"host": host, "addresses": [address]})):
            request = urllib.request.Request(f"http://127.0.0.1:{self.dns_management}/{verb}", json.dumps(body).encode())
            urllib.request.urlopen(request, timeout=5).close()


class Gateway:
    """A Penstock that is started more than once."""

    def __init__(self, folder, started, http, https):
        self.folder, self.started, self.http, self.https = folder, started, http, https

    def start(self, document=None):
        self.program = self.started.enter_context(programs.Gateway(self.folder, document, "--workers", "2"))
        self.call = self.program.call

    def certificate(self, name):
        return self.call("GET", f"/v1/certificates/{name}")[1]

    def issuance(self, name):
        return self.certificate(name).get("issuance", {})

    def shown(self, server_name, *arguments):
        return run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.https}", "-servername", server_name, *arguments], b"Q\n")[1]

    def serial(self, server_name):
        found = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", self.shown(server_name), re.S)
        return run(["openssl", "x509", "-noout", "-serial"], found[0].encode())[1] if found else ""

    def is_believed(self, server_name, authority):
        said = self.shown(server_name, "-CAfile", str(authority.root), "-verify_hostname", server_name)
        return "BEGIN CERTIFICATE" in said and "Verify return code: 0" in said

    def metric(self, line):
        with urllib.request.urlopen(f"{self.program.status}/metrics", timeout=5) as answer:
            found = re.search("^" + re.escape(line) + r" ([0-9.]+)", answer.read().decode(), re.M)
        return float(found[1]) if found else None


def written(gateway, authority):
    """The document as an operator writes it: nothing of what is issued stands in it."""
    def ordered(name, challenge, *names):
        return {"name": name, "acme": {"account": "pebble", "names": list(names), "challenge": challenge}}
    return {
        "apiVersion": "penstock/v1",
        "listeners": [
            {"name": "web", "address": f"127.0.0.1:{gateway.http}"},
            {"name": "secure", "address": f"127.0.0.1:{gateway.https}", "protocol": "https"},
        ],
        "caBundles": [{"name": "pebble", "certificates": {"file": str(authority.ca)}}],
        "acmeAccounts": [{"name": "pebble", "directory": f"https://127.0.0.1:{authority.directory}/dir", "contact": ["ops@shop.example"],
                          "termsAgreed": True, "caBundle": "pebble"}],
        "certificates": [ordered("shop", "http-01", "shop.example", "www.shop.example"), ordered("api", "tls-alpn-01", "api.example"),
                         ordered("moved", "http-01", "moved.example")],
        "routes": [{"name": "all", "matches": [{"path": {"type": "prefix", "value": "/"}}], "redirect": {"scheme": "https", "status": 308}}],
    }


def issue(gateway, authority, findings):
    print("issued")
    findings.check("before, a handshake is refused as the name is unknown", "unrecognized name" in gateway.shown("shop.example").lower()
                   or gateway.certificate("shop").get("certificate"), gateway.shown("shop.example"))
    for name, how, host in (("shop", "HTTP-01, ahead of a redirect of everything", "shop.example"), ("api", "TLS-ALPN-01", "api.example")):
        held = until(lambda: gateway.is_believed(host, authority))
        findings.check(f"{name} by {how}: {host} is believed", held, gateway.certificate(name))
    findings.check("and for its other name", gateway.is_believed("www.shop.example", authority))
    state = gateway.issuance("shop")
    findings.check("state says valid, and when it is renewed", state.get("state") == "valid" and "renewAt" in state, state)
    revisions = gateway.call("GET", "/v1/config/revisions")[1]["items"]
    findings.check("what was issued is revisions by acme", any(each.get("actor") == "acme" for each in revisions), revisions)
    said = json.dumps(gateway.call("GET", "/v1/config")[1]) + json.dumps(gateway.call("GET", "/v1/acme-accounts/pebble")[1])
    findings.check("no key is shown", "PRIVATE KEY" not in said and '"box"' not in said)
    findings.check("orders are counted", (gateway.metric('penstock_acme_orders_total{outcome="issued"}') or 0) >= 2)


def refused(gateway, authority, findings):
    print("not issued")
    held = until(lambda: gateway.issuance("moved").get("state") == "failing")
    state = gateway.issuance("moved")
    findings.check("a name that leads elsewhere: failing, in the authority's words", held and "moved.example" in state.get("lastError", ""), state)
    findings.check("and tried again after a while, not at once", "nextAttempt" in state and state["failures"] == 1, state)
    findings.check("others are served meanwhile", gateway.is_believed("shop.example", authority))
    until(lambda: gateway.call("POST", "/v1/certificates/moved:renew")[0] == 202)
    held = until(lambda: gateway.issuance("moved").get("failures") == 2)
    findings.check(":renew tries at once", held, gateway.issuance("moved"))
    code, said = gateway.call("POST", "/v1/certificates/moved:renew")
    findings.check(":renew again at once is too soon", code == 429, said)
    findings.check("failures are counted by certificate", gateway.metric('penstock_acme_failures{certificate="moved"}') == 2)
    return state


def restart(gateway, authority, findings):
    print("restarted in between")
    gateway.program.end(signal.SIGKILL)
    gateway.start()
    findings.check("what was issued is served at once", gateway.is_believed("api.example", authority) or until(
        lambda: gateway.is_believed("api.example", authority)), gateway.certificate("api"))
    authority.names_at("moved.example", "127.0.0.1")
    until(lambda: gateway.issuance("moved").get("state") != "ordering")
    until(lambda: gateway.call("POST", "/v1/certificates/moved:renew")[0] in (202, 409))
    held = until(lambda: gateway.is_believed("moved.example", authority))
    findings.check("what was failing is issued once the name leads here", held, gateway.certificate("moved"))


def again(gateway, authority, findings):
    print("applied again, rolled back")
    before = gateway.certificate("shop").get("fingerprint")
    code, said = run([str(machine.LAUNCHER), "apply", str(gateway.program.document), "--admin", gateway.program.admin,
                      "--token-file", str(gateway.program.token)])
    findings.check("the document as it was written takes nothing away", code == 0 and gateway.is_believed("shop.example", authority), said)
    code, said = gateway.call("POST", "/v1/config/revisions/2:rollback")
    findings.check("neither does the revision before it was issued", code == 200 and gateway.is_believed("shop.example", authority)
                   and gateway.certificate("shop").get("fingerprint"), said or before)


def renew(gateway, authority, findings, lives):
    print(f"renewed after two thirds of {LIFE_S} s")
    for life in range(lives):
        serials = {host: gateway.serial(host) for host in ("shop.example", "api.example", "moved.example")}
        is_served = True
        deadline = time.monotonic() + LIFE_S + STEP_S
        while time.monotonic() < deadline and any(gateway.serial(host) == serial for host, serial in serials.items()):
            is_served &= gateway.is_believed("shop.example", authority) and gateway.is_believed("api.example", authority)
            time.sleep(0.5)
        renewed = [host for host, serial in serials.items() if gateway.serial(host) != serial]
        findings.check(f"life {life + 1}: all three are others", len(renewed) == 3, renewed)
        findings.check("and were believed all the time", is_served)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one life of certificates in place of three")
    parser.add_argument("--list", action="store_true", help="say what would run, and stop")
    options = parser.parse_args()
    absent = programs.absent(TOOLS)
    if options.list:
        print("issued by HTTP-01 and TLS-ALPN-01, refused, restarted, applied again, rolled back, renewed")
        return
    if absent:
        programs.stop("nobody issues certificates here")
    findings = programs.Findings()
    with programs.folder_of_run("acme") as folder, contextlib.ExitStack() as started:
        http, https = programs.free_port(), programs.free_port()
        authority = Authority(folder, started, http, https)
        gateway = Gateway(folder, started, http, https)
        authority.names_at("moved.example", NOBODY)
        gateway.start(written(gateway, authority))
        issue(gateway, authority, findings)
        refused(gateway, authority, findings)
        restart(gateway, authority, findings)
        again(gateway, authority, findings)
        renew(gateway, authority, findings, 1 if options.quick else 3)
        if findings.failed:
            print(gateway.program.said()[-6000:])
    findings.end()


if __name__ == "__main__":
    main()
