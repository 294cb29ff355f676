#!/usr/bin/env python3
"""Writes what an artifact is made of as a CycloneDX 1.5 document: the same text for the same files.

usage: sbom.py --name NAME --version VERSION [--tree FOLDER] [--dpkg STATUS] --out FILE

  --tree FOLDER   a distribution: its jars (with coordinates and licences by their poms), and the Java runtime
  --dpkg STATUS   a dpkg status file: the Debian packages of an image
The time in it is SOURCE_DATE_EPOCH. Poms that a jar does not bring are looked for in ~/.m2/repository.
"""

import argparse
import datetime
import hashlib
import json
import os
import re
import sys
import uuid
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path

REPOSITORY = Path(os.environ.get("MAVEN_REPOSITORY", Path.home() / ".m2" / "repository"))
PARENTS_MAX = 10


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--name", required=True)
    options.add_argument("--version", required=True)
    options.add_argument("--tree", type=Path)
    options.add_argument("--dpkg", type=Path)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    components = []
    if given.tree:
        components += [jar(path) for path in sorted(given.tree.glob("lib/*.jar")) + sorted(given.tree.glob("compiler/*.jar"))]
        components.append(runtime(given.tree / "runtime" / "release"))
    if given.dpkg:
        components += packages(given.dpkg.read_text(encoding="utf-8"))
    components.sort(key=lambda component: (component["purl"], component["bom-ref"]))
    text = document(given.name, given.version, components)
    given.out.write_text(text, encoding="utf-8")
    unknown = [c["name"] for c in components if c["type"] == "library" and not c.get("licenses")]
    print(f"{given.out}: {len(components)} components" + (f", no licence told by {', '.join(unknown)}" if unknown else ""))


def document(name, version, components):
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    body = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "name": name, "version": version, "bom-ref": f"{name}@{version}"},
        },
        "components": components,
    }
    # A name by content: the same parts have the same number.
    body["serialNumber"] = "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True)))
    return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def jar(path):
    stem = path.name.removesuffix(".jar")
    with zipfile.ZipFile(path) as archive:
        group, artifact, version, pom = coordinates(stem, archive)
    if pom is None and group:
        pom = repository_pom(group, artifact, version)
    component = {
        "type": "library",
        "name": artifact,
        "version": version,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        "purl": f"pkg:maven/{group}/{artifact}@{version}" if group else f"pkg:generic/{artifact}@{version}",
    }
    if group:
        component["group"] = group
    component["bom-ref"] = component["purl"] + "#" + path.name
    licences = licences_of(pom, 0)
    if group == "io.penstock":
        licences = ["Penstock's own"]
    if licences:
        component["licenses"] = [{"license": {"name": licence}} for licence in licences]
    return component


def coordinates(stem, archive):
    """Group, artifact, version and, where the jar brings it, its pom."""
    for name in archive.namelist():
        if re.fullmatch(r"META-INF/maven/[^/]+/[^/]+/pom\.properties", name):
            told = dict(
                line.split("=", 1) for line in archive.read(name).decode().splitlines() if "=" in line and line[0] != "#"
            )
            # A shaded jar tells of all that it swallowed; its own is the one it is called by.
            if stem.startswith(f"{told.get('artifactId')}-{told.get('version')}"):
                try:
                    pom = archive.read(name.replace("pom.properties", "pom.xml"))
                except KeyError:
                    pom = None
                return told["groupId"], told["artifactId"], told["version"], pom
    for found in sorted(REPOSITORY.glob(f"**/{stem}.jar")):
        folder = found.parent
        group = ".".join(folder.parent.parent.relative_to(REPOSITORY).parts)
        return group, folder.parent.name, folder.name, None
    cut = re.match(r"(.+?)-(\d.*)$", stem)
    if not cut:
        sys.exit(f"sbom.py: {stem}.jar tells neither name nor version")
    return "", cut.group(1), cut.group(2), None


def repository_pom(group, artifact, version):
    path = REPOSITORY / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.pom"
    return path.read_bytes() if path.exists() else None


def licences_of(pom, depth):
    """The licences of a pom, or else of its nearest parent that tells any."""
    if pom is None or depth > PARENTS_MAX:
        return []
    root = xml.fromstring(pom)
    space = root.tag.removesuffix("project")
    names = [e.text.strip() for e in root.findall(f"{space}licenses/{space}license/{space}name") if e.text]
    parent = root.find(f"{space}parent")
    if names or parent is None:
        return names
    at = [(parent.findtext(space + part) or "").strip() for part in ("groupId", "artifactId", "version")]
    return licences_of(repository_pom(*at), depth + 1)


def runtime(release):
    told = dict(re.findall(r'^(\w+)="?(.*?)"?$', release.read_text(), re.MULTILINE))
    version = told.get("JAVA_RUNTIME_VERSION", told["JAVA_VERSION"])
    return {
        "type": "platform",
        "name": "java-runtime",
        "supplier": {"name": told.get("IMPLEMENTOR", "unknown")},
        "version": version,
        "purl": f"pkg:generic/openjdk@{version}",
        "bom-ref": f"pkg:generic/openjdk@{version}",
        "description": "Linked with modules " + told.get("MODULES", ""),
        "licenses": [{"license": {"name": "GPL-2.0-only WITH Classpath-exception-2.0"}}],
    }


def packages(status):
    found = []
    for stanza in status.split("\n\n"):
        told = dict(re.findall(r"^([A-Z][\w-]*): (.*)$", stanza, re.MULTILINE))
        if told.get("Status") == "install ok installed":
            purl = f"pkg:deb/debian/{told['Package']}@{told['Version']}?arch={told['Architecture']}"
            found.append({
                "type": "operating-system" if told["Package"] == "base-files" else "library",
                "name": told["Package"],
                "version": told["Version"],
                "supplier": {"name": "Debian"},
                "purl": purl,
                "bom-ref": purl,
                # Debian tells licences in a file of each package, not by name.
                "licenses": [{"license": {"name": f"see /usr/share/doc/{told['Package']}/copyright"}}],
            })
    return found


if __name__ == "__main__":
    main()
