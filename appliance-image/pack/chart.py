#!/usr/bin/env python3
"""Packs the Helm chart as "helm package" lays it out: the same bytes for the same files.

usage: chart.py --chart FOLDER --version V --out FILE.tgz

V takes the place of both versions in Chart.yaml. Times are SOURCE_DATE_EPOCH, files belong to root and are readable by all.
"""

import argparse
import gzip
import io
import os
import re
import sys
import tarfile
from pathlib import Path

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
# https://semver.org, 2.0.0: Helm takes no other.
SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--chart", type=Path, required=True)
    options.add_argument("--version", required=True)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    given.out.write_bytes(packed(given.chart, given.version))


def packed(chart, version):
    if not SEMVER.fullmatch(version):
        sys.exit(f'chart.py: the version "{version}" is none that Helm takes: wanted 1.2.3, 1.2.3-rc.1 or 1.2.3+build')
    names = sorted(path.relative_to(chart).as_posix() for path in chart.rglob("*") if path.is_file())
    # Readers that stop at what they look for look for these.
    names.sort(key=lambda name: (name != "Chart.yaml", not name.startswith("values"), name))
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as out:
        for name in names:
            text = (chart / name).read_bytes()
            if name == "Chart.yaml":
                text = told(text.decode(), version).encode()
            info = tarfile.TarInfo(f"{chart.name}/{name}")
            info.size, info.mode, info.mtime = len(text), 0o644, EPOCH
            out.addfile(info, io.BytesIO(text))
    return gzip.compress(content.getvalue(), compresslevel=9, mtime=0)


def told(text, version):
    """Chart.yaml of this version."""
    text, plain = re.subn(r"(?m)^version: .*$", f"version: {version}", text)
    text, quoted = re.subn(r"(?m)^appVersion: .*$", f'appVersion: "{version}"', text)
    if (plain, quoted) != (1, 1):
        sys.exit("chart.py: Chart.yaml wants one line with version and one with appVersion")
    return text


if __name__ == "__main__":
    main()
