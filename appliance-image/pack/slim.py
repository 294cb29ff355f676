#!/usr/bin/env python3
"""Takes out of a distribution what a Linux on x86_64 never reads, and keeps its jars unpacked.

usage: slim.py FOLDER      FOLDER has lib/, compiler/, native/ and runtime/

Native libraries leave the jars: its own lie in native/, and nothing is unpacked when it runs. What packs the whole (a package, a
squashfs, gzip) does better with jars that are not packed themselves, by a third. The same jars give the same jars.
"""

import re
import sys
import zipfile
from pathlib import Path

NATIVE = re.compile(r".*\.(so|dll|dylib|jnilib|a|lib|o|sl)(\.[0-9]+)*")
SIGNATURE = re.compile(r"META-INF/[^/]*\.(SF|RSA|DSA|EC)", re.IGNORECASE)
# Jars that hold nothing but one library, of another system.
OTHERS = re.compile(r".*-(linux-aarch_64|linux-riscv64|osx-[a-z0-9_]+|windows-[a-z0-9_]+)\.jar")


def main(folder):
    own = {path.name for path in (folder / "native").iterdir()}
    for path in [*sorted((folder / "lib").glob("*.jar")), *sorted((folder / "compiler").glob("*.jar"))]:
        if OTHERS.fullmatch(path.name):
            with zipfile.ZipFile(path) as jar:
                classes = [name for name in jar.namelist() if name.endswith(".class") and not name.endswith("module-info.class")]
            if classes:
                sys.exit(f"slim.py: {path.name} looks like another system's, and holds {classes[0]}")
            path.unlink()
        else:
            slim(path, own)
    # What javac knows of earlier versions of Java (--release), which nobody here compiles for.
    (folder / "runtime/lib/ct.sym").unlink()


def slim(path, own):
    with zipfile.ZipFile(path) as jar:
        entries = jar.infolist()
        native = [entry for entry in entries if NATIVE.fullmatch(entry.filename)]
        signed = [entry for entry in entries if SIGNATURE.fullmatch(entry.filename)]
        if native and signed:
            sys.exit(f"slim.py: {path.name} is signed, and {native[0].filename} would be missing in it")
        missing = [entry.filename for entry in native if is_ours(entry.filename) and Path(entry.filename).name not in own]
        if missing:
            sys.exit(f"slim.py: {path.name} has {missing[0]}, which is not in native/: name it in pack/dist.sh, or it cannot be loaded")
        contents = [(entry, jar.read(entry)) for entry in entries if entry not in native]
    part = path.with_name(path.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
        for entry, content in contents:
            out.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), content)
    part.rename(path)


def is_ours(name):
    """For Linux on x86_64 with glibc."""
    if re.search(r"windows|(^|/)win/|darwin|mac|osx|bsd|dragonfly|sunos|aix|android|musl|\.(dll|dylib|jnilib)$", name, re.IGNORECASE):
        return False
    return bool(re.search(r"x86[_-]64|amd64", name, re.IGNORECASE))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
