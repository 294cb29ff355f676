#!/usr/bin/env python3
"""Writes an image in the OCI layout, as one tar: the same bytes for the same files.

usage: oci.py --base TAR --tree FOLDER --launch FILE --version V --out FILE

  --base TAR      the first layer: libraries of the system
  --tree FOLDER   the second: the program, put at /usr/lib/penstock
  --launch FILE   the arguments of java, one in a line, up to the main class
Times are SOURCE_DATE_EPOCH. The user is 10001, who owns nothing but /var/lib/penstock.
"""

import argparse
import datetime
import gzip
import hashlib
import io
import json
import os
import re
import tarfile
from pathlib import Path

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
USER = 10001
PLACE = "usr/lib/penstock"
# Nothing that starts other programs, and nothing that only a package manager reads.
LEFT_OUT = re.compile(
    "(usr/s?bin|var/cache|var/lib/apt|usr/share/(doc|man|info|lintian|bug|perl5|debconf|pixmaps|bash-completion)|usr/lib/x86_64-linux-gnu/perl.*"
    "|usr/lib/(apt|dpkg|systemd|tmpfiles.d|ssl)|var/(lock|tmp)|dev|proc|sys|run)/."
)
AUTHORITIES = re.compile(r"usr/share/ca-certificates/.*\.crt")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--base", "--tree", "--launch", "--out"):
        options.add_argument(name, type=Path, required=True)
    options.add_argument("--version", required=True)
    given = options.parse_args()
    blobs = {}
    layers, parts = [], []
    for layer, said in ((base_layer(given.base), "Debian's libraries"), (program_layer(given.tree), "Penstock")):
        packed = gzip.compress(layer, compresslevel=6, mtime=0)
        parts.append("sha256:" + hashlib.sha256(layer).hexdigest())
        layers.append({**blob(blobs, packed), "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "annotations": {"title": said}})
    config = blob(blobs, encoded(configuration(given.version, given.launch.read_text().splitlines(), parts)))
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {**config, "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": layers,
    }
    entry = {
        **blob(blobs, encoded(manifest)),
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "annotations": {"org.opencontainers.image.ref.name": given.version},
        "platform": {"architecture": "amd64", "os": "linux"},
    }
    with open(given.out, "wb") as raw, tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as out:
        add(out, "oci-layout", encoded({"imageLayoutVersion": "1.0.0"}))
        add(out, "index.json", encoded({"schemaVersion": 2, "manifests": [entry]}))
        for digest in sorted(blobs):
            add(out, f"blobs/sha256/{digest}", blobs[digest])


def configuration(version, launch, parts):
    created = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "created": created,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": f"{USER}:{USER}",
            "Entrypoint": [f"/{PLACE}/runtime/bin/java", *launch],
            "Cmd": ["run", "--data", "/var/lib/penstock", "--admin", "0.0.0.0:8443", "--status", "0.0.0.0:8082"],
            "WorkingDir": f"/{PLACE}",
            "Env": ["PATH=/usr/bin", "LANG=C.UTF-8"],
            "Volumes": {"/var/lib/penstock": {}},
            "ExposedPorts": {"8443/tcp": {}, "8082/tcp": {}},
            "StopSignal": "SIGTERM",
            "Labels": {"org.opencontainers.image.title": "Penstock", "org.opencontainers.image.version": version},
        },
        "rootfs": {"type": "layers", "diff_ids": parts},
        "history": [{"created": created, "created_by": "build.sh oci", "comment": part} for part in ("base", "program")],
    }


def base_layer(path):
    layer = io.BytesIO()
    with tarfile.open(path) as base, tarfile.open(fileobj=layer, mode="w", format=tarfile.GNU_FORMAT) as out:
        members = {member.name.removeprefix("./"): member for member in base.getmembers()}
        authorities = b""
        for name in sorted(members):
            member = members[name]
            if not name or name == "." or LEFT_OUT.match(name) or member.isdev() or member.isfifo():
                continue
            member.name, member.mtime, member.uname, member.gname, member.pax_headers = name, EPOCH, "", "", {}
            if AUTHORITIES.fullmatch(name):
                # The one file that programs read is otherwise made by a script of the package.
                authorities += base.extractfile(member).read()
                continue
            if member.islnk():
                member.linkname = member.linkname.removeprefix("./")
            out.addfile(member, base.extractfile(member) if member.isfile() else None)
        add(out, "etc/ssl/certs/ca-certificates.crt", authorities)
        accounts = f"root:x:0:0:root:/:/nologin\npenstock:x:{USER}:{USER}::/var/lib/penstock:/nologin\n"
        add(out, "etc/passwd", accounts.encode())
        add(out, "etc/group", f"root:x:0:\npenstock:x:{USER}:\n".encode())
        add(out, "etc/nsswitch.conf", b"hosts: files dns\n")
    return layer.getvalue()


def program_layer(tree):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w", format=tarfile.GNU_FORMAT) as out:
        for path in sorted(tree.rglob("*"), key=lambda each: each.relative_to(tree).as_posix()):
            info = out.gettarinfo(path, f"{PLACE}/{path.relative_to(tree).as_posix()}")
            info.mtime, info.uid, info.gid, info.uname, info.gname = EPOCH, 0, 0, "", ""
            if info.islnk():
                # Two names of one file here: each is a file there.
                info.type, info.size = tarfile.REGTYPE, path.stat().st_size
            if info.isfile():
                with open(path, "rb") as content:
                    out.addfile(info, content)
            else:
                out.addfile(info)
        for name, mode, owner in (("tmp", 0o1777, 0), ("var/lib/penstock", 0o700, USER)):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.uid, info.gid, info.mtime = tarfile.DIRTYPE, mode, owner, owner, EPOCH
            out.addfile(info)
    return layer.getvalue()


def add(out, name, content):
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), 0o644, EPOCH
    out.addfile(info, io.BytesIO(content))


def encoded(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def blob(blobs, content):
    digest = hashlib.sha256(content).hexdigest()
    blobs[digest] = content
    return {"digest": "sha256:" + digest, "size": len(content)}


if __name__ == "__main__":
    main()
