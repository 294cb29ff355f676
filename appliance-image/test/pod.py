#!/usr/bin/env python3
"""Runs the container image by runc as the Helm chart's pod says: arguments, environment, user, mounts, memory, seccomp, and probes with
their times, with volumes as a kubelet lays them out. One start by the document, one by what was kept, one by no values. As root, without a cluster.

usage: pod.py IMAGE.oci.tar [--seccomp FILE]

  --seccomp FILE   a default profile in the form that Podman and Docker have (default: Podman's and CRI-O's, of Debian's package
                   golang-github-containers-common), or in runc's own
"""

import argparse
import ctypes
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import yaml

import kubernetes

KUBERNETES_GROUP = 10001
TOKEN = "a-token-of-a-test-with-32-letters"
CLONE_NEWNET = 0x40000000
VALUES = {
    "image": {"repository": "registry.example/penstock"},
    "persistence": {"enabled": True},
    "admin": {"tokenSecret": {"name": "edge-token"}, "tls": {"secretName": "edge-tls"}},
    "drain": {"delaySeconds": 3, "seconds": 20},
    "config": {
        "beside": [{"secret": {"name": "edge-tls", "items": [{"key": "tls.crt", "path": "web.pem"}, {"key": "tls.key", "path": "web.key"}]}}],
        "document": {
            "apiVersion": "penstock/v1",
            "accessLogs": [{"name": "access", "sink": {"file": "/dev/stdout"}}],
            "listeners": [
                {"name": "web", "address": "0.0.0.0:8080", "protocol": "http"},
                {"name": "secure", "address": "0.0.0.0:8444", "protocol": "https"},
            ],
            "certificates": [{"name": "web", "certificate": {"file": "web.pem"}, "key": {"file": "web.key"}}],
            "secrets": [{"name": "word", "value": {"env": "WORD"}}],
            "routes": [
                {
                    "name": "slow",
                    "matches": [{"path": {"type": "prefix", "value": "/slow"}}],
                    "filters": [{"type": "fault", "delay": {"for": "5s"}}],
                    "respond": {"body": "late"},
                },
                {"name": "plain", "matches": [{"path": {"type": "prefix", "value": "/"}}], "respond": {"body": "up"}},
            ],
        },
    },
    "env": [{"name": "WORD", "value": "a word that nobody knows"}],
    "service": {
        "ports": [
            {"name": "http", "port": 80, "targetPort": 8080},
            {"name": "https", "port": 443, "targetPort": 8444},
        ]
    },
}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("image", type=Path)
    options.add_argument("--seccomp", type=Path, default=Path("/usr/share/containers/seccomp.json"))
    given = options.parse_args()
    if os.geteuid() != 0:
        sys.exit("pod.py: this makes containers: run it as root")
    absent = [name for name in ("umoci", "runc", "openssl", "ip") if not shutil.which(name)]
    if absent or not given.seccomp.exists():
        sys.exit(f"pod.py: missing: {' '.join(absent)} {given.seccomp if not given.seccomp.exists() else ''}: see the head of {__file__}")
    # What listens here is seen here alone, by this process and by the containers that it puts into its network.
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit("pod.py: no network of its own: " + os.strerror(ctypes.get_errno()))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="penstock-pod.") as folder:
        work = Path(folder)
        # The gateway's user has to come through to what is in it.
        work.chmod(0o711)
        render = kubernetes.renderer(work)
        machine = Machine(work, given.image, given.seccomp)
        machine.secret("edge-token", {"token": TOKEN})
        machine.secret("edge-tls", certificate(work))
        first(machine, kubernetes.manifests(render(VALUES)))
        second(machine, kubernetes.manifests(render(kubernetes.merged(VALUES, {"config": {"apply": False}}))))
        opened(machine, kubernetes.manifests(render(VALUES)))
        plain(machine, kubernetes.manifests(render(kubernetes.IMAGE)))
    print("pod.py: passed")


def first(machine, found):
    machine.config_map("gw-penstock", found["ConfigMap", "gw-penstock"]["data"])
    with machine.pod(found) as pod:
        check("the listener serves", ask(8080, "/")[1], b"up")
        check("so does the one with a certificate from a Secret", ask(8444, "/", tls=True)[1], b"up")
        check("the process is user 10001", pod.status("Uid"), "10001")
        check("it has no capability", int(pod.status("CapEff"), 16) + int(pod.status("CapBnd"), 16), 0)
        check("system calls are filtered", pod.status("Seccomp"), "2")
        node = admin("GET", "/v1/node")
        check("io_uring is forbidden, and epoll taken", node["engine"]["transport"], "epoll")
        check("the limit of memory is seen", node["size"]["memoryBytes"], 1 << 30)
        check("the row of sizes is in force", [node["size"]["profile"], node["size"]["directBytesMax"]], ["small", 256 << 20])
        check("the folder is the gateway's alone", machine.data_modes(), {"data": "0700", "data/secrets.key": "0600"})
        admin("PUT", "/v1/routes/told", {"matches": [{"path": {"type": "exact", "value": "/told"}}], "respond": {"body": "kept"}, "priority": 10})
        check("a route of the admin API serves", ask(8080, "/told")[1], b"kept")
        pod.drained()
        logged = [json.loads(line) for line in pod.said().splitlines() if line.startswith("{")]
        check("its output has a line of each request", sorted(one["path"] for one in logged), ["/", "/", "/", "/slow", "/told"])


def second(machine, found):
    with machine.pod(found) as pod:
        check("what the admin API was told is kept", ask(8080, "/told")[1], b"kept")
        check("the key of the secrets still counts", ask(8444, "/", tls=True)[1], b"up")
        pod.drained()


def opened(machine, found):
    """What fsGroupChangePolicy: Always does to a volume, and why the chart has the other one."""
    for path in machine.data.rglob("*"):
        path.chmod(path.stat().st_mode | (0o770 if path.is_dir() else 0o660))
    pod = machine.pod(found)
    pod.begin()
    check("a key that the group may read is refused", pod.process.wait(60), 1)
    wanted("others than its owner may use it" in pod.said(), pod.said())


def plain(machine, found):
    """Nothing but the image's name: a new folder, no route, no token."""
    machine.config_map("gw-penstock", found["ConfigMap", "gw-penstock"]["data"])
    with machine.pod(found) as pod:
        check("without a route all is 404", ask(8080, "/")[0], 404)
        check("the admin API is HTTPS and wants a token", ask(8443, "/v1/node", tls=True)[0], 401)
        wanted("setup token (once" in pod.said(), pod.said())
        for _ in range(100):
            if '"path":"/"' in pod.said():
                break
            time.sleep(0.1)
        check("its request is in the output", '"path":"/"' in pod.said(), True)


class Machine:
    """The node: an unpacked image, and volumes."""

    def __init__(self, work, image, seccomp):
        self.work = work
        self.volumes = {}
        layout = work / "layout"
        layout.mkdir()
        subprocess.run(["tar", "-C", str(layout), "-xf", str(image)], check=True)
        index = json.loads((layout / "index.json").read_text())
        tag = index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
        self.bundle = work / "bundle"
        subprocess.run(["umoci", "unpack", "--image", f"{layout}:{tag}", str(self.bundle)], check=True, stdout=subprocess.DEVNULL)
        self.plain = json.loads((self.bundle / "config.json").read_text())
        manifest = json.loads(self.blob(layout, index["manifests"][0]["digest"]))
        self.image = json.loads(self.blob(layout, manifest["config"]["digest"]))["config"]
        self.seccomp = profile(json.loads(seccomp.read_text()))
        # As a volume of a claim is after its first mount: open to the group, whose own new files are.
        self.data = work / "volume"
        self.data.mkdir()
        os.chown(self.data, 0, KUBERNETES_GROUP)
        self.data.chmod(0o2770)

    @staticmethod
    def blob(layout, digest):
        return (layout / "blobs" / digest.replace(":", "/")).read_bytes()

    def secret(self, name, files):
        self.volumes["secret", name] = files

    def config_map(self, name, files):
        self.volumes["configMap", name] = files

    def pod(self, found):
        return Pod(self, kubernetes.workload(found)["spec"]["template"]["spec"])

    def data_modes(self):
        # Who may do what; that new files belong to the volume's group is no right.
        return {name: f"{(self.data / name).stat().st_mode & 0o777:04o}" for name in ("data", "data/secrets.key")}

    def projected(self, sources, mode):
        """A folder of files behind two links each, so that all of them change at once."""
        folder = Path(tempfile.mkdtemp(dir=self.work, prefix="projected."))
        inside = folder / "..2026_11_22"
        inside.mkdir()
        for source in sources:
            (kind, told) = next(iter(source.items()))
            files = self.volumes[kind, told.get("name", told.get("secretName"))]
            items = {item["key"]: item["path"] for item in told["items"]} if "items" in told else {name: name for name in files}
            for key, path in items.items():
                (inside / path).write_text(files[key])
                (inside / path).chmod(mode)
                os.chown(inside / path, 0, KUBERNETES_GROUP)
                (folder / path).symlink_to(f"..data/{path}")
        (folder / "..data").symlink_to(inside.name)
        for each in (folder, inside):
            os.chown(each, 0, KUBERNETES_GROUP)
            each.chmod(0o2755)
        return folder

    def volume(self, volume):
        if "emptyDir" in volume:
            folder = Path(tempfile.mkdtemp(dir=self.work, prefix="empty."))
            os.chown(folder, 0, KUBERNETES_GROUP)
            folder.chmod(0o2777)
            return folder
        if "secret" in volume:
            return self.projected([{"secret": volume["secret"]}], volume["secret"]["defaultMode"])
        return self.projected(volume["projected"]["sources"], volume["projected"]["defaultMode"])


class Pod:
    def __init__(self, machine, spec):
        self.machine, self.spec = machine, spec
        self.container = spec["containers"][0]
        self.name = f"penstock-pod-{os.getpid()}-{time.monotonic_ns()}"
        self.log = machine.work / f"{self.name}.log"

    def __enter__(self):
        self.begin()
        probe = self.container["startupProbe"]
        begun = time.monotonic()
        for _ in range(probe["failureThreshold"]):
            if self.process.poll() is not None or self.probe("startupProbe"):
                break
            time.sleep(probe["periodSeconds"])
        else:
            wanted(False, f"it does not start: {self.said()}")
        wanted(self.process.poll() is None, f"it ended with {self.process.returncode}: {self.said()}")
        print(f"  started after {time.monotonic() - begun:.1f} s of {probe['failureThreshold'] * probe['periodSeconds']}")
        wanted(self.probe("livenessProbe") and self.probe("readinessProbe"), "it is not ready")
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.said(), file=sys.stderr)
        subprocess.run(["runc", "delete", "--force", self.name], stderr=subprocess.DEVNULL, check=False)
        self.process.wait(30)

    def begin(self):
        pod, own = self.spec["securityContext"], self.container["securityContext"]
        wanted(own["capabilities"] == {"drop": ["ALL"]}, "capabilities are left")
        config = json.loads(json.dumps(self.machine.plain))
        process = config["process"]
        process["terminal"] = False
        process["user"] = {"uid": pod["runAsUser"], "gid": pod["runAsGroup"], "additionalGids": [pod["fsGroup"]]}
        process["args"] = [*self.machine.image["Entrypoint"], *self.container["args"]]
        process["env"] = [*self.machine.image["Env"], *(f"{each['name']}={each['value']}" for each in self.container["env"])]
        process["capabilities"] = {}
        process["noNewPrivileges"] = not own["allowPrivilegeEscalation"]
        config["root"] = {"path": "rootfs", "readonly": own["readOnlyRootFilesystem"]}
        volumes = {volume["name"]: self.machine.volume(volume) for volume in self.spec["volumes"]}
        volumes.setdefault("data", self.machine.data)
        config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/var/lib/penstock"]
        for mount in self.container["volumeMounts"]:
            access = "ro" if mount.get("readOnly") else "rw"
            place = {"destination": mount["mountPath"], "type": "bind", "source": str(volumes[mount["name"]]), "options": ["rbind", access]}
            config["mounts"].append(place)
        linux = config["linux"]
        wanted(pod["seccompProfile"] == {"type": "RuntimeDefault"}, "another profile")
        linux["seccomp"] = self.machine.seccomp
        wanted(self.container["resources"]["limits"] == {"memory": "1Gi"}, "another limit")
        linux["resources"]["memory"] = {"limit": 1 << 30}
        linux["cgroupsPath"] = f"/{self.name}"
        for namespace in linux["namespaces"]:
            if namespace["type"] == "network":
                namespace["path"] = f"/proc/{os.getpid()}/ns/net"
        (self.machine.bundle / "config.json").write_text(json.dumps(config))
        # By a pipe, as an engine has it, for the gateway opens its output by name.
        self.process = subprocess.Popen(
            ["runc", "run", "--bundle", str(self.machine.bundle), self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.collector = threading.Thread(target=self.collect)
        self.collector.start()

    def collect(self):
        with open(self.log, "ab", buffering=0) as log:
            for line in self.process.stdout:
                log.write(line)

    def said(self):
        """What it has put out; all of it once it has ended."""
        if self.process.poll() is not None:
            self.collector.join(30)
        return self.log.read_text()

    def probe(self, name):
        probe = self.container[name]
        port = next(each["containerPort"] for each in self.container["ports"] if each["name"] == probe["httpGet"]["port"])
        try:
            return 200 <= ask(port, probe["httpGet"]["path"], timeout=probe["timeoutSeconds"])[0] < 400
        except OSError:
            return False

    def status(self, name):
        pid = json.loads(subprocess.run(["runc", "state", self.name], check=True, capture_output=True).stdout)["pid"]
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))

    def drained(self):
        """What a kubelet does at the end: SIGTERM, and a grace period."""
        late = []
        slow = threading.Thread(target=lambda: late.append(ask(8080, "/slow", timeout=30)))
        slow.start()
        while not int(metric("penstock_requests_active")):
            time.sleep(0.05)
        begun = time.monotonic()
        subprocess.run(["runc", "kill", self.name, "TERM"], check=True)
        while self.probe("readinessProbe"):
            time.sleep(0.05)
        check("it serves on while endpoints are taken away", ask(8080, "/")[1], b"up")
        slow.join()
        check("what was under way is finished", late, [(200, b"late")])
        check("it ends by itself", self.process.wait(self.spec["terminationGracePeriodSeconds"]), 0)
        print(f"  ended after {time.monotonic() - begun:.1f} s of {self.spec['terminationGracePeriodSeconds']}")


def profile(told):
    """runc's form of a default profile, for who has no capability."""
    if "archMap" not in told:
        return told
    rules = []
    for rule in told["syscalls"]:
        needs, without = rule.get("includes") or {}, rule.get("excludes") or {}
        if needs.get("caps") or ("arches" in needs and "amd64" not in needs["arches"]) or "amd64" in (without.get("arches") or []):
            continue
        kept = {name: rule[name] for name in ("names", "action", "errnoRet") if rule.get(name) is not None}
        if rule.get("args"):
            kept["args"] = rule["args"]
        rules.append(kept)
    found = {"defaultAction": told["defaultAction"], "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": rules}
    if told.get("defaultErrnoRet") is not None:
        found["defaultErrnoRet"] = told["defaultErrnoRet"]
    wanted(not any(name.startswith("io_uring") for rule in rules for name in rule["names"]), "this profile lets io_uring through")
    return found


def certificate(work):
    key, chain = work / "tls.key", work / "tls.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=edge"]
        + ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(chain)],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return {"tls.key": key.read_text(), "tls.crt": chain.read_text()}


def ask(port, path, tls=False, timeout=10, method="GET", body=None, headers=None):
    if tls:
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=trust)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def admin(method, path, body=None):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    status, answer = ask(8443, path, tls=True, method=method, body=json.dumps(body) if body else None, headers=headers)
    wanted(200 <= status < 300, f"{method} {path}: {status} {answer.decode()}")
    return json.loads(answer)


def metric(name):
    """The sum over all labels."""
    lines = ask(8082, "/metrics")[1].decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + "{", name + " ")))


def check(what, found, expected):
    wanted(found == expected, f"{what}: wanted {expected}, found {found}")
    print(f"  {what}")


def wanted(holds, otherwise):
    if not holds:
        sys.exit(f"pod.py: FAILED: {otherwise}")


if __name__ == "__main__":
    main()
