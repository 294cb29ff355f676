#!/usr/bin/env python3
"""Renders the Helm chart by several values, and checks what comes out: by Kubernetes' own Java client, whose classes are made of its
OpenAPI description, and by what is promised. No cluster is needed, and none has seen it.

usage: kubernetes.py [--lib FOLDER]

  --lib FOLDER   the client's jars (default: manifests/target/lib in this folder; mvn -f appliance-image/test/manifests package)
It renders by Helm, if $HELM or a helm on the PATH is one, else by render/main.go, which wants Debian's packages golang-go and
golang-github-masterminds-sprig-dev. Needs python3-yaml, and a Java 25 in JAVA_HOME.
"""

import argparse
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
CHART = TOP / "helm" / "penstock"
GOPATH = Path("/usr/share/gocode")
IMAGE = {"image": {"repository": "registry.example/penstock"}}
DIGEST = "sha256:" + "0a" * 32

CASES = {
    "plain": {},
    "everything": {
        "image": {"digest": DIGEST},
        "imagePullSecrets": [{"name": "pull"}],
        "commonLabels": {"team": "edge"},
        "config": {"beside": [{"secret": {"name": "shop-tls", "items": [{"key": "tls.crt", "path": "shop.pem"}]}}]},
        "service": {
            "type": "NodePort",
            "annotations": {"a/b": "c"},
            "ipFamilyPolicy": "PreferDualStack",
            "ports": [
                {"name": "https", "port": 443, "targetPort": 8444, "appProtocol": "https", "nodePort": 30443},
                {"name": "http3", "port": 443, "targetPort": 8444, "protocol": "UDP"},
            ],
        },
        "admin": {"tokenSecret": {"name": "edge-token"}, "tls": {"secretName": "edge-tls"}, "service": {"annotations": {"a/b": "c"}}},
        "gateway": {"workers": 2, "region": "eu", "zone": "a", "jvmOptions": "-XX:+UseG1GC", "extraArgs": ["--syslog=tls:log:6514"]},
        "env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        "envFrom": [{"secretRef": {"name": "s"}}],
        "podAnnotations": {"a/b": "c"},
        "podLabels": {"c": "d"},
        "networkPolicy": {
            "adminFrom": [{"podSelector": {"matchLabels": {"role": "admin"}}}],
            "statusFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
        },
        "podDisruptionBudget": {"minAvailable": "50%"},
        "autoscaling": {"enabled": True, "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}}},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
        ],
        "affinity": {"nodeAffinity": {}},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "edge", "operator": "Exists"}],
        "priorityClassName": "system-cluster-critical",
        "extraVolumes": [{"name": "more", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
        "extraContainers": [{"name": "beside", "image": "beside:1"}],
        "initContainers": [{"name": "before", "image": "before:1"}],
        "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}}],
    },
    "kept": {
        "persistence": {"enabled": True, "storageClass": "fast", "annotations": {"a/b": "c"}},
        "config": {"apply": False},
        "replicas": 1,
        "admin": {"service": {"enabled": False}},
        "serviceAccount": {"create": False},
        "resources": {},
    },
    "secret": {
        "config": {"existingSecret": "document"},
        "service": {"enabled": False, "ports": []},
        "networkPolicy": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
        "status": {"service": {"enabled": True}},
        "fullnameOverride": "edge",
    },
    "balancer": {
        "config": {"existingConfigMap": "document"},
        "service": {"ports": [], "loadBalancerClass": "example/one", "loadBalancerSourceRanges": ["192.0.2.0/24"]},
        "updateStrategy": {"type": "Recreate"},
    },
    "text": {"config": {"document": "apiVersion: penstock/v1\n# to the letter\nlimits: 10000000\n"}},
}
REFUSED = {
    "image.repository is missing": {"image": {"repository": ""}},
    "the document lies in one of them": {"config": {"existingConfigMap": "a", "existingSecret": "b"}},
    "each needs its own": {"status": {"port": 8443}},
    "targetPort 8443 is the admin API's": {"service": {"ports": [{"name": "https", "port": 443, "targetPort": 8443}]}},
}
# Where a manifest is spoilt, and by what.
SPOILT = (
    (("Deployment", "spec", "template", "spec", "containers", 0, "livenessProbe"), "failuresThreshold", 3),
    (("Deployment", "spec", "template", "spec", "securityContext"), "runAsUser", "nobody"),
    (("Deployment", "spec", "strategy", "rollingUpdate"), "maxSurges", 1),
    (("Service", "spec", "ports", 0), "port", None),
    (("NetworkPolicy", "spec", "ingress", 0, "ports"), 0, "8080"),
)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lib", type=Path, default=HERE / "manifests" / "target" / "lib")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        render = renderer(Path(work))
        rendered = {name: manifests(render(merged(IMAGE, values))) for name, values in CASES.items()}
        for why, values in REFUSED.items():
            refused(render, why, values)
        check_plain(rendered["plain"])
        check_everything(rendered["everything"])
        check_kept(rendered["kept"])
        check_text(rendered["text"])
        for name, found in rendered.items():
            check_safe(name, found)
        check_memory(render)
        check_by_client(Path(work), rendered, given.lib)
    print(f"kubernetes.py: passed: {len(CASES)} sets of values, {sum(map(len, rendered.values()))} manifests")


def renderer(work):
    """A function from values to text; it raises CalledProcessError where the chart refuses them."""
    helm = os.environ.get("HELM") or shutil.which("helm")
    if helm:
        print(f"rendered by {helm}")
        command = lambda file: [helm, "template", "gw", str(CHART), "--namespace", "edge", "--kube-version", "1.30.0", "-f", file]
    elif shutil.which("go") and (GOPATH / "src/github.com/Masterminds/sprig").exists():
        print("rendered by Go's text/template and sprig")
        program = str(work / "render")
        subprocess.run(
            ["go", "build", "-o", program, "main.go"],
            cwd=HERE / "render",
            env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(work / "go"), "CGO_ENABLED": "0"},
            check=True,
        )
        command = lambda file: [program, str(CHART), "gw", "edge", file]
    else:
        sys.exit("kubernetes.py: neither Helm nor Go: apt-get install golang-go golang-github-masterminds-sprig-dev")

    def render(values):
        file = work / "values.yaml"
        file.write_text(yaml.safe_dump(values))
        return subprocess.run(command(str(file)), check=True, capture_output=True, text=True).stdout

    return render


def merged(under, over):
    found = copy.deepcopy(under)
    for name, value in over.items():
        found[name] = merged(found[name], value) if isinstance(value, dict) and isinstance(found.get(name), dict) else value
    return found


def manifests(text):
    found = {}
    for each in yaml.safe_load_all(text):
        if each:
            name = (each["kind"], each["metadata"]["name"])
            wanted(name not in found, f"{name} is made twice")
            found[name] = each
    return found


def refused(render, why, values):
    try:
        render(merged(IMAGE, values))
    except subprocess.CalledProcessError as failure:
        wanted(why in failure.stderr, f"wanted a refusal with {why!r}, found {failure.stderr}")
    else:
        wanted(False, f"not refused: {why}")


def workload(found):
    return next(each for (kind, _), each in found.items() if kind in ("Deployment", "StatefulSet"))


def pod(found):
    return workload(found)["spec"]["template"]["spec"]


def check_plain(found):
    wanted(
        sorted(found)
        == [
            ("ConfigMap", "gw-penstock"),
            ("Deployment", "gw-penstock"),
            ("NetworkPolicy", "gw-penstock"),
            ("PodDisruptionBudget", "gw-penstock"),
            ("Service", "gw-penstock"),
            ("Service", "gw-penstock-admin"),
            ("ServiceAccount", "gw-penstock"),
        ],
        f"made: {sorted(found)}",
    )
    deployment = found["Deployment", "gw-penstock"]["spec"]
    wanted(deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}, "a rollover takes gateways away")
    document = yaml.safe_load(found["ConfigMap", "gw-penstock"]["data"]["gateway.yaml"])
    wanted(document["listeners"][0]["address"] == "0.0.0.0:8080", f"document: {document}")
    service = found["Service", "gw-penstock"]["spec"]
    wanted(service["externalTrafficPolicy"] == "Local" and service["ports"][0]["port"] == 80, f"service: {service}")
    ingress = found["NetworkPolicy", "gw-penstock"]["spec"]["ingress"]
    wanted(ingress == [{"ports": [{"port": 8080, "protocol": "TCP"}]}], f"others than the listener are open: {ingress}")


def check_everything(found):
    container = pod(found)["containers"][0]
    wanted(container["image"] == f"registry.example/penstock@{DIGEST}", container["image"])
    asked = {"--admin-token-file=/etc/penstock/admin-token/token", "--workers=2", "--zone=a", "--syslog=tls:log:6514"}
    wanted(asked <= set(container["args"]), f"{container['args']}")
    wanted("replicas" not in found["Deployment", "gw-penstock"]["spec"], "a number of replicas fights the autoscaler")
    wanted(("ConfigMap", "gw-more") in found and ("ServiceMonitor", "gw-penstock") in found, f"{sorted(found)}")
    wanted(len(found["NetworkPolicy", "gw-penstock"]["spec"]["ingress"]) == 3, "admin and status are not let in")
    monitor = found["ServiceMonitor", "gw-penstock"]["spec"]["selector"]["matchLabels"]
    chosen = [name for (kind, name), each in found.items() if kind == "Service" and monitor.items() <= each["metadata"]["labels"].items()]
    wanted(chosen == ["gw-penstock-status"], f"the monitor chooses {chosen}")


def check_kept(found):
    kept = found["StatefulSet", "gw-penstock"]["spec"]
    wanted(not any(argument.startswith("--apply") for argument in pod(found)["containers"][0]["args"]), "a document is applied")
    wanted(kept["volumeClaimTemplates"][0]["metadata"]["name"] == "data", "no volume of its own")
    wanted(("Service", kept["serviceName"]) in found, f"no Service {kept['serviceName']}")
    wanted(pod(found)["serviceAccountName"] == "default" and ("ConfigMap", "gw-penstock") not in found, f"{sorted(found)}")


def check_text(found):
    text = found["ConfigMap", "gw-penstock"]["data"]["gateway.yaml"]
    wanted("# to the letter\nlimits: 10000000\n" in text, text)


# The "restricted" Pod Security Standard, and what else holds whatever the values.
def check_safe(name, found):
    spec = pod(found)
    container = spec["containers"][0]
    wanted(spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name)
    wanted(
        container["securityContext"]
        == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        name,
    )
    wanted(spec["automountServiceAccountToken"] is False, name)
    arguments = dict(each.removeprefix("--").split("=", 1) for each in container["args"] if "=" in each)
    drain = int(arguments["drain"]) + int(arguments["drain-delay"])
    wanted(spec["terminationGracePeriodSeconds"] >= drain + 10, f"{name}: the grace period ends before the drain of {drain} s")
    ports = [port["name"] for port in container["ports"]]
    wanted(len(set(ports)) == len(ports), f"{name}: {ports}")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        wanted(container[probe]["httpGet"]["port"] == "status", name)
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in workload(found)["spec"].get("volumeClaimTemplates", [])}
    wanted(mounted <= volumes, f"{name}: {mounted - volumes} is mounted and no volume")
    labels = workload(found)["spec"]["template"]["metadata"]["labels"]
    for (kind, which), each in found.items():
        if kind == "Service":
            wanted(each["spec"]["selector"].items() <= labels.items(), f"{name}: Service {which} chooses no pod")
            for port in each["spec"]["ports"]:
                wanted(port["targetPort"] in ports, f"{name}: Service {which} leads to {port['targetPort']}")


# The rows of docs/PERFORMANCE.md, which are the launcher's.
def check_memory(render):
    text = (TOP.parent / "docs" / "PERFORMANCE.md").read_text()
    rows = [tuple(map(int, row)) for row in re.findall(r"^\| \w+ \| (\d+) GiB \| (\d+) % \| (\d+) % \|", text, re.MULTILINE)]
    wanted(len(rows) == 5, f"rows of sizes: {rows}")
    memories = {"512Mi": 512, "800M": 762, "1Gi": 1024, "1.5Gi": 1536, "3Gi": 3072, 8 << 30: 8192, "24Gi": 24576, "1Ti": 1 << 20}
    for memory, mebibytes in memories.items():
        _, heap, direct = max(row for row in rows if row[0] <= mebibytes / 1024)
        options = jvm_options(render, {"resources": {"limits": {"memory": memory}}})
        asked = f"-Xmx{mebibytes * heap // 100}m -XX:MaxDirectMemorySize={mebibytes * direct // 100}m"
        asked += " -XX:MaxNewSize=256m" if mebibytes >= 1024 else ""
        wanted(options == asked, f"{memory}: wanted {asked}, found {options}")
    wanted(jvm_options(render, {"gateway": {"jvmOptions": "-Xmx2g"}}) == "-Xmx2g", "a heap of one's own is not left alone")
    wanted(jvm_options(render, {"resources": {"limits": None}}) is None, "sizes of an unknown memory")


def jvm_options(render, values):
    environment = pod(manifests(render(merged(IMAGE, values))))["containers"][0]["env"]
    return next((each["value"] for each in environment if each["name"] == "JDK_JAVA_OPTIONS"), None)


def check_by_client(work, rendered, lib):
    if not lib.is_dir():
        sys.exit(f"kubernetes.py: {lib} is not there: mvn -f appliance-image/test/manifests package")
    files = []
    for name, found in rendered.items():
        files.append(work / f"{name}.yaml")
        files[-1].write_text(yaml.safe_dump_all(found.values()))
    checked = client(lib, files)
    wanted(checked.returncode == 0, checked.stderr)
    # That it would see a fault.
    spoilt = []
    for count, (place, member, value) in enumerate(SPOILT):
        manifest = copy.deepcopy(rendered["plain"][place[0], "gw-penstock"])
        at = manifest
        for step in place[1:]:
            at = at[step]
        if value is None:
            del at[member]
        else:
            at[member] = value
        spoilt.append(work / f"spoilt-{count}.yaml")
        spoilt[-1].write_text(yaml.safe_dump(manifest))
    told = client(lib, spoilt).stderr
    for file in spoilt:
        wanted(str(file) in told, f"a spoilt manifest is taken: {file.read_text()}")


def client(lib, files):
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    return subprocess.run(
        [java, "-Xmx256m", "-cp", f"{lib}/*", str(HERE / "manifests" / "Manifests.java"), *map(str, files)], capture_output=True, text=True
    )


def wanted(holds, otherwise):
    if not holds:
        sys.exit(f"kubernetes.py: FAILED: {otherwise}")


if __name__ == "__main__":
    main()
