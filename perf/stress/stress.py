#!/usr/bin/env python3
"""Races on everything that threads share without locks (jcstress): was a forbidden outcome seen?

    perf/stress/stress.py                    # all tests, as long as it takes: half an hour and more
    perf/stress/stress.py RateTable          # those whose name this regular expression finds
    perf/stress/stress.py --quick            # all of them in minutes, each for a moment and in one kind of JVM
    perf/stress/stress.py --list             # the tests, and what is missing to run them

A test that fails is a defect, whatever the machine. One that holds says more the longer it ran, the more cores there were
and the less their memory model orders by itself: x86 hides what ARM shows, except for what the compiler reorders. Needs two
cores, a JDK 25, Python 3.9 and a build ("mvn -DskipTests package"); installs nothing.

Results: DIR/results.json with the outcomes, the machine, the JVM's arguments and the commit; jcstress's own report in
DIR/jcstress. Ends with 1 if a forbidden outcome was seen or a test could not run.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import machine  # noqa: E402
import pages  # noqa: E402

LIB = HERE / "target/lib"
JAVA_SOURCES = HERE / "src/main/java"
# One kind of JVM, one fork of it, and a moment.
QUICK = ["-m", "quick", "-sc", "false", "-f", "1", "-iters", "1", "-time", "500"]


def tests(pattern):
    """The names of all tests that a pattern finds, as jcstress calls them."""
    names = []
    for file in sorted(JAVA_SOURCES.rglob("*Stress.java")):
        outer = ".".join(file.relative_to(JAVA_SOURCES).with_suffix("").parts)
        for name in re.findall(r"@JCStressTest\b.*?\bpublic static class (\w+)", file.read_text(), re.S):
            names.append(f"{outer}.{name}")
    return [name for name in names if re.search(pattern, name)]


def missing():
    lacks = []
    if not machine.java():
        lacks.append("no JDK 25: set JAVA_HOME to one")
    if not list(LIB.glob("perf-stress-*.jar")):
        lacks.append("the tests are not built: mvn -DskipTests package")
    if (os.cpu_count() or 1) < 2:
        lacks.append("two cores: actors that take turns do not race")
    return lacks


OUTCOME = re.compile(r"^\s*(.*?)\s+([\d,]+)\s+<?[\d.]+%\s+(Acceptable|Forbidden|Interesting|Unknown)\s*(.*)$", re.I)


def outcomes_of(said):
    """What was seen in each test, summed over its JVMs, of jcstress's output at -v."""
    found = {}
    # Every JVM's run is told as it ends; the summary at the end tells of some of them again.
    running = said.split("RUN RESULTS:")[0]
    for name, body in re.findall(r"^\.+ \[\w+\] (\S+)$(.*?)(?=^\.+ \[|\Z)", running, re.M | re.S):
        test = found.setdefault(name, {"name": name, "jvms": 0, "samples": 0, "outcomes": {}})
        test["jvms"] += 1
        for line in body.splitlines():
            seen = OUTCOME.match(line)
            if seen:
                count = int(seen[2].replace(",", ""))
                each = test["outcomes"].setdefault(
                    seen[1], {"id": seen[1], "samples": 0, "expect": seen[3].upper(), "what": seen[4]}
                )
                each["samples"] += count
                test["samples"] += count
    for test in found.values():
        test["outcomes"] = sorted(test["outcomes"].values(), key=lambda each: -each["samples"])
    return found


def broken_of(said):
    """The tests of which jcstress says that they failed or could not be run."""
    return set(re.findall(r"^\.+ \[(?!OK\b)\w+\] (\S+)$", said, re.M))


def verdicts(said, wanted):
    """The tests that ran, and the names of those that did not: jcstress leaves those out that need more cores."""
    found, broken = outcomes_of(said), broken_of(said)
    for test in found.values():
        forbidden = any(each["expect"] == "FORBIDDEN" and each["samples"] for each in test["outcomes"])
        test["held"] = not forbidden and test["name"] not in broken and test["samples"] > 0
    ran = [found[name] for name in sorted(found)]
    return ran, [name for name in wanted if name not in found]


def run(pattern, options):
    arguments = machine.jvm_arguments("jvm.options")
    command = [machine.java(), *arguments, "-cp", f"{LIB}/*", "org.openjdk.jcstress.Main"]
    command += ["-v", "-t", pattern, "-r", str(options.out / "jcstress")]
    command += [*QUICK, "-jvmArgs", " ".join(arguments)] if options.quick else ["-m", "default"]
    said = []
    # jcstress leaves its raw results where it runs.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", cwd=options.out
    ) as process, open(options.out / "jcstress.out", "w") as log:
        try:
            for line in process.stdout:
                log.write(line)
                said.append(line)
                # Progress, and whatever did not go well, at once.
                if line.startswith(("(Results:", "(ETA:")) or re.match(r"^\.+ \[(?!OK\b)", line):
                    print("  " + line.strip(), flush=True)
        except BaseException:
            process.terminate()
            raise
    return arguments, "".join(said), process.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", nargs="?", default=".", help="a regular expression (default: all)")
    parser.add_argument("--quick", action="store_true", help="minutes instead of an hour: finds what is plainly wrong")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "target/results", metavar="DIR")
    parser.add_argument("--list", action="store_true", help="tell the tests and what is missing, and stop")
    options = parser.parse_args()
    options.out = options.out.resolve()
    wanted, lacks = tests(options.pattern), missing()
    if options.list:
        print("\n".join(wanted))
    if lacks:
        print("\n".join("missing: " + each for each in lacks), file=sys.stderr)
    if options.list or lacks:
        sys.exit(1 if lacks else 0)
    if not wanted:
        sys.exit(f"stress.py: no test is found by {options.pattern}. See --list")

    options.out.mkdir(parents=True, exist_ok=True)
    facts, share = machine.facts(java=machine.java_version(machine.java())), machine.Share()
    arguments, said, code = run(options.pattern, options)
    ran, not_run = verdicts(said, wanted)
    everything = {
        "machine": facts,
        "jvm_arguments": arguments,
        "quick": options.quick,
        "share": share.told(),
        "exit": code,
        "tests": ran,
        "not_run": not_run,
    }
    (options.out / "results.json").write_text(json.dumps(everything, indent=1) + "\n")
    for test in ran:
        few = "  too few tries: is the machine busy?" if test["samples"] < pages.TRIES_MIN else ""
        print(f"  {'held  ' if test['held'] else 'FAILED'} {test['samples']:12,}  {test['name']}{few}")
    for name in not_run:
        print(f"  NOT RUN               {name}: see {options.out}/jcstress.out")
    print(f"\n{options.out}/results.json, {options.out}/jcstress/index.html")
    sys.exit(0 if code == 0 and not not_run and all(test["held"] for test in ran) else 1)


if __name__ == "__main__":
    main()
