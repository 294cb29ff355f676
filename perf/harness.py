"""What benchmarks.py and stress.py share: the command line, what is there and what is missing, and what results.json says."""
import argparse
import json
import pathlib
import re
import sys

import machine
import programs


def parser(description, folder, quick):
    """The arguments that both know; quick tells what --quick does."""
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pattern", nargs="?", default=".", help="a regular expression (default: all)")
    arguments.add_argument("--quick", action="store_true", help=quick)
    arguments.add_argument("--out", type=pathlib.Path, default=folder / "target/results", metavar="DIR")
    arguments.add_argument("--list", action="store_true", help="tell what there is and what is missing, and stop")
    return arguments


def names(folder, kind, declared, pattern):
    """CLASS.NAME of all that a regular expression finds declared in the ...KIND.java of a folder, if a pattern finds it."""
    sources, found = folder / "src/main/java", []
    for file in sorted(sources.rglob(f"*{kind}.java")):
        outer = ".".join(file.relative_to(sources).with_suffix("").parts)
        found += [f"{outer}.{name}" for name in re.findall(declared, file.read_text(), re.S)]
    return [name for name in found if re.search(pattern, name)]


def missing(what, is_built):
    lacks = programs.missing_java()
    if not is_built:
        lacks.append(f"{what} are not built: mvn -DskipTests package")
    return lacks


class Run:
    """One run, from here on: of what, on which machine, and how busy that was. Ends the script if there is nothing to run."""

    def __init__(self, options, wanted, lacks):
        if options.list:
            print("\n".join(wanted))
        programs.tell_missing(lacks, options.list)
        if not wanted:
            sys.exit(f"nothing is found by {options.pattern}. See --list")
        options.out = options.out.resolve()
        options.out.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.machine = machine.facts(java=machine.java_version(machine.java()))
        self.share = machine.Share()

    def write(self, jvm_arguments, **results):
        """Writes results.json, and gives back what stands in it."""
        everything = {
            "machine": self.machine,
            "jvm_arguments": jvm_arguments,
            "quick": self.options.quick,
            "share": self.share.told(),
            **results,
        }
        (self.options.out / "results.json").write_text(json.dumps(everything, indent=1) + "\n")
        return everything
