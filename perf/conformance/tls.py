#!/usr/bin/env python3
"""What clients of an https listener can and cannot do, asked by openssl and curl, and by sslscan and testssl.sh where they are installed.

    perf/conformance/tls.py            # all, some minutes with testssl.sh
    perf/conformance/tls.py --quick    # without testssl.sh and the 20 000 handshakes, half a minute
    perf/conformance/tls.py --list     # what would run, and what is missing

Starts a built Penstock ("mvn -DskipTests package") with certificates made for the run. All traffic stays on 127.0.0.1. Ends with 1 if
anything is not as it should be.
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import machine  # noqa: E402
import programs  # noqa: E402
from programs import openssl, run  # noqa: E402

BIG_BYTES = 20_000_000
HANDSHAKES = 20_000
# A process that keeps something of each handshake grows by more.
GROWTH_MIB = 24
TOOLS = {"openssl": "openssl", "curl": "curl", "sslscan": "sslscan", "testssl": "testssl.sh", "wrk": "wrk"}
NEEDED = ("openssl", "curl")


class Certificates:
    """An authority, and what it signed."""

    def __init__(self, folder):
        self.folder = folder
        self.ca, self.ca_key = programs.self_signed(folder, "ca")

    def make(self, name, *names, responder=None):
        key, request, chain = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        extensions = self.folder / f"{name}.ext"
        asked = f"authorityInfoAccess=OCSP;URI:http://127.0.0.1:{responder}\n" if responder else ""
        extensions.write_text("subjectAltName=" + ",".join(f"DNS:{each}" for each in names) + "\n" + asked)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key, "-CAcreateserial",
                "-days", "30", "-extfile", extensions, "-out", chain)
        return programs.certificate(name, chain, key)

    def index(self, name):
        """The authority's register, in which one is good."""
        chain, index = (self.folder / f"{name}.{kind}" for kind in ("pem", "index"))
        serial = run(["openssl", "x509", "-in", str(chain), "-noout", "-serial"])[1].strip().split("=")[1]
        index.write_text(f"V\t{time.strftime('%y%m%d%H%M%SZ', time.gmtime(time.time() + 86400 * 30))}\t\t{serial}\tunknown\t/CN={name}\n")
        return index

    def fetched(self, name, responder, *names):
        """One whose state its authority tells whom asks for it."""
        made = self.make(name, *names, responder=responder)
        chain = self.folder / f"{name}.pem"
        chain.write_text(chain.read_text() + self.ca.read_text())
        return {**made, "fetchOcsp": True}

    def responder(self, name, port):
        return programs.Program(self.folder, f"{name}-ocsp", [
            "openssl", "ocsp", "-index", str(self.index(name)), "-port", str(port), "-CA", str(self.ca), "-rsigner", str(self.ca),
            "-rkey", str(self.ca_key), "-nmin", "60", "-ignore_err"])

    def ocsp_response(self, name):
        """What the authority says of one, in base64: that it is good."""
        chain, asked, said = (self.folder / f"{name}.{kind}" for kind in ("pem", "ocsp-req", "ocsp"))
        index = self.index(name)
        openssl("ocsp", "-issuer", self.ca, "-cert", chain, "-reqout", asked)
        openssl("ocsp", "-index", index, "-CA", self.ca, "-rsigner", self.ca, "-rkey", self.ca_key, "-reqin", asked,
                "-respout", said, "-ndays", "7")
        return base64.b64encode(said.read_bytes()).decode()


class Origin(programs.Origin):
    big = os.urandom(1000) * (BIG_BYTES // 1000)

    def do_GET(self):
        body = self.big if self.path == "/big" else json.dumps(dict(self.headers)).encode()
        self.answer(body)

    def do_POST(self):
        digest, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while left > 0:
            part = self.rfile.read(min(left, 1 << 16))
            digest.update(part)
            left -= len(part)
        self.answer(digest.hexdigest().encode())


def document(certificates, origin, responder):
    shop, other = certificates.make("shop", "shop.example", "*.shop.example"), certificates.make("other", "other.example")
    shop["ocspResponse"] = certificates.ocsp_response("shop")
    https = {"address": "127.0.0.1:0", "protocol": "https"}
    return {
        "apiVersion": "penstock/v1",
        "listeners": [
            {"name": "usual", **https, "http2": True, "certificates": ["shop", "other", "fetched"]},
            {"name": "modern", **https, "tlsPolicy": "modern"},
            {"name": "mutual", **https, "clientCertificate": {"mode": "required", "ca": ["clients"]}},
        ],
        "caBundles": [{"name": "clients", "certificates": {"file": str(certificates.ca)}}],
        "certificates": [shop, other, certificates.fetched("fetched", responder, "fetched.example")],
        "upstreams": [{"name": "origin", "targets": [{"address": f"127.0.0.1:{origin}"}]}],
        "services": [{"name": "origin", "upstream": "origin"}],
        "routes": [{"name": "all", "service": "origin", "matches": [{"path": {"type": "prefix", "value": "/"}}]}],
    }


class Gateway(programs.Gateway):
    port, modern, mutual = (property(lambda self, name=name: self.ports[name]) for name in ("usual", "modern", "mutual"))


def client(port, *arguments, name="shop.example", ca=None, stdin=b"Q\n"):
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", name, *arguments]
    return run(command + (["-CAfile", str(ca), "-verify_return_error", "-verify_hostname", name] if ca else []), stdin)[1]


def is_agreed(said):
    return re.search(r"Cipher is (?!\(NONE\))", said) is not None


def versions_and_suites(gateway, certificates, findings):
    print("versions, suites, groups")
    for version in ("-tls1_2", "-tls1_3"):
        said = client(gateway.port, version, ca=certificates.ca)
        findings.check(f"{version} is spoken and the chain is believed", is_agreed(said) and "Verify return code: 0" in said, said)
    # The client has to be willing: its own level of security forbids them, too.
    for version in ("-tls1", "-tls1_1"):
        said = client(gateway.port, version, "-cipher", "ALL:@SECLEVEL=0")
        findings.check(f"{version} is refused", not is_agreed(said), said)
    findings.check("modern refuses TLS 1.2", not is_agreed(client(gateway.modern, "-tls1_2")))
    findings.check("modern speaks TLS 1.3", is_agreed(client(gateway.modern, "-tls1_3")))
    for suite in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"):
        findings.check(f"{suite} is spoken", is_agreed(client(gateway.port, "-tls1_2", "-cipher", suite)))
    for suite in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "NULL:eNULL:aNULL"):
        said = client(gateway.port, "-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0")
        findings.check(f"{suite} is refused", not is_agreed(said), said)
    for group in ("X25519", "P-256", "P-384"):
        findings.check(f"group {group} is spoken", is_agreed(client(gateway.port, "-tls1_3", "-groups", group)))
    findings.check("group P-521 is refused", not is_agreed(client(gateway.port, "-tls1_3", "-groups", "P-521")))
    said = client(gateway.port, "-tls1_2", "-alpn", "http/1.1")
    findings.check("ALPN chooses http/1.1", "ALPN protocol: http/1.1" in said, said)
    findings.check("ALPN chooses h2 where it is offered", "ALPN protocol: h2" in client(gateway.port, "-alpn", "h2,http/1.1"))
    findings.check("and not where the listener does not have it", "ALPN protocol: h2" not in client(gateway.modern, "-alpn", "h2"))
    findings.check("nothing is compressed", "Compression: NONE" in said, said)
    said = client(gateway.port, "-tls1_2", stdin=b"R\n")
    findings.check("renegotiation by the client is refused", "RENEGOTIATING" in said and re.search(r"no renegotiation|handshake failure|error", said) is not None, said)


def names(gateway, certificates, findings):
    print("certificates by name")
    for asked, shown in (("shop.example", "shop.example"), ("a.shop.example", "shop.example"), ("other.example", "other.example"), ("strange.example", "shop.example")):
        said = client(gateway.port, name=asked)
        findings.check(f"{asked} is shown {shown}", f"subject=CN = {shown}" in said, said)
    for version in ("-tls1_2", "-tls1_3"):
        said = client(gateway.port, version, "-status", ca=certificates.ca)
        findings.check(f"{version} the authority's word is stapled", "OCSP Response Status: successful" in said and "Cert Status: good" in said, said)
    said = run(["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-noservername"], b"Q\n")[1]
    findings.check("without a name the first is shown", "subject=CN = shop.example" in said, said)


def fetched(gateway, certificates, findings, responder):
    print("the authority's word, fetched")
    findings.check("nothing is stapled while nobody answers", "no response sent" in client(gateway.port, "-status", name="fetched.example"))
    state = gateway.call("GET", "/v1/certificates/fetched")[1]
    findings.check("and the API says why", "cannot be asked" in state.get("stapling", {}).get("lastError", ""), json.dumps(state))
    with certificates.responder("fetched", responder):
        deadline = time.monotonic() + 100
        said = ""
        while time.monotonic() < deadline and "Cert Status: good" not in said:
            time.sleep(1)
            said = client(gateway.port, "-status", name="fetched.example", ca=certificates.ca)
        findings.check("once someone does, it is, and is believed", "Cert Status: good" in said and "Verify return code: 0" in said, said)
    said = client(gateway.port, "-status", name="fetched.example", ca=certificates.ca)
    findings.check("and stays when nobody does any more", "Cert Status: good" in said, said)


def resumption(gateway, certificates, findings, folder):
    print("resumption, client certificates, clear text")
    for version in ("-tls1_2", "-tls1_3"):
        kept = folder / f"session{version}"
        client(gateway.port, version, "-ign_eof", "-sess_out", str(kept), stdin=b"GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
        said = client(gateway.port, version, "-sess_in", str(kept)) if kept.exists() else "no ticket came"
        findings.check(f"{version} resumes by a ticket", "Reused, TLSv1" in said, said)
        said = client(gateway.mutual, version, "-sess_in", str(kept)) if kept.exists() else ""
        findings.check(f"{version} such a ticket is no way around a client's certificate", "Reused" not in said, said)
    ask = ["curl", "-s", "--cacert", str(certificates.ca), "--max-time", "10", "-o", "/dev/null", "-w", "%{http_code}"]
    ask += ["--resolve", f"shop.example:{gateway.mutual}:127.0.0.1", f"https://shop.example:{gateway.mutual}/"]
    own = certificates.make("client", "client.example")
    findings.check("without a certificate of the client: refused", run(ask)[1] != "200")
    shown = ["--cert", own["certificate"]["file"], "--key", own["key"]["file"]]
    findings.check("with one: served", run(ask + shown)[1] == "200")
    said = run(["curl", "-s", "-D-", "--max-time", "10", f"http://127.0.0.1:{gateway.port}/"])[1]
    findings.check("a request in clear text is told so", said.startswith("HTTP/1.1 400") and "X-Penstock-Reason: clear-text" in said, said)


def bodies(gateway, certificates, findings, folder):
    print("requests")
    at = ["--cacert", str(certificates.ca), "--resolve", f"shop.example:{gateway.port}:127.0.0.1", "--max-time", "60"]
    url = f"https://shop.example:{gateway.port}"
    said = run(["curl", "-s", *at, url + "/"])[1]
    findings.check("the upstream is told of https", '"X-Forwarded-Proto": "https"' in said, said)
    down = folder / "down"
    run(["curl", "-s", *at, "-o", str(down), url + "/big"], seconds=90)
    wanted = hashlib.sha256(Origin.big).hexdigest()
    findings.check(f"{BIG_BYTES} bytes come down equal by sum", down.exists() and hashlib.sha256(down.read_bytes()).hexdigest() == wanted)
    said = run(["curl", "-s", *at, "--data-binary", f"@{down}", "-H", "Expect:", url + "/up"], seconds=90)[1]
    findings.check("and go up equal by sum", said == wanted, said)


def memory(gateway, findings):
    print("memory")

    def handshakes(count):
        # Each request on a connection of its own; wrk never resumes.
        done = 0
        while done < count:
            said = run(["wrk", "-t1", "-c16", "-d5s", "-H", "Connection: close", f"https://127.0.0.1:{gateway.port}/"], seconds=60)[1]
            made = int(re.search(r"(\d+) requests in", said)[1])
            if made == 0:
                programs.stop(f"no handshake was done:\n{said}")
            done += made
        return done

    handshakes(HANDSHAKES)
    before = machine.resident_kib(gateway.process.pid) / 1024
    done = handshakes(HANDSHAKES)
    after = machine.resident_kib(gateway.process.pid) / 1024
    findings.check(f"{done} more handshakes: {before:.0f} MiB before, {after:.0f} MiB after", after - before < GROWTH_MIB)


def scanners(gateway, findings, quick, folder):
    if shutil.which("sslscan"):
        print("sslscan")
        said = re.sub(r"\x1b\[[0-9;]*m", "", run(["sslscan", "--no-colour", "--sni-name=shop.example", f"127.0.0.1:{gateway.port}"], seconds=120)[1])
        print(said)
        findings.check("no old version", not re.search(r"(SSLv2|SSLv3|TLSv1\.0|TLSv1\.1)\s+enabled", said))
        findings.check("no weak suite", not re.search(r"^(Accepted|Preferred).*(CBC|RC4|3DES|NULL|EXP|-SHA\s|anon)", said, re.M))
        findings.check("not vulnerable to Heartbleed", "vulnerable to heartbleed" not in said.replace("not vulnerable to heartbleed", ""))
    if shutil.which("testssl") and not quick:
        print("testssl.sh")
        found = folder / "testssl.json"
        run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--jsonfile", str(found), f"127.0.0.1:{gateway.port}"], seconds=1200)
        # The certificate is the run's own: nobody else trusts it, and it stands in no register.
        own = re.compile(r"^(cert_|OCSP|DNS_CAArecord|overall_grade|grade_cap|HSTS|security_headers|trust|certificate_transparency)", re.I)
        bad = [each for each in json.loads(found.read_text()) if each["severity"] in ("MEDIUM", "HIGH", "CRITICAL") and not own.match(each["id"])]
        findings.check("nothing from MEDIUM on", not bad, "\n".join(f"{each['severity']} {each['id']}: {each['finding']}" for each in bad))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without testssl.sh and the 20 000 handshakes")
    parser.add_argument("--list", action="store_true", help="say what would run, and stop")
    options = parser.parse_args()
    absent = programs.absent(TOOLS)
    if options.list:
        print("versions, suites, groups, certificates by name, resumption, client certificates, clear text, bodies, memory (wrk), sslscan, testssl.sh")
        return
    if any(tool in absent for tool in NEEDED):
        programs.stop("nothing can be asked without " + " and ".join(NEEDED))
    findings = programs.Findings()
    with programs.folder_of_run("tls") as folder, programs.serving(Origin) as origin:
        certificates = Certificates(folder)
        responder = programs.free_port()
        with Gateway(folder, document(certificates, origin, responder), "--workers", "1") as gateway:
            versions_and_suites(gateway, certificates, findings)
            names(gateway, certificates, findings)
            resumption(gateway, certificates, findings, folder)
            bodies(gateway, certificates, findings, folder)
            fetched(gateway, certificates, findings, responder)
            if "wrk" not in absent and not options.quick:
                memory(gateway, findings)
            scanners(gateway, findings, options.quick, folder)
    findings.end()


if __name__ == "__main__":
    main()
