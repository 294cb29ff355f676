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
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import harness  # noqa: E402
import machine  # noqa: E402
import pages  # noqa: E402

LIB = HERE / "target/lib"
DECLARED = r"@JCStressTest\b.*?\bpublic static class (\w+)"
# One kind of JVM, one fork of it, and a moment.
QUICK = ["-m", "quick", "-sc", "false", "-f", "1", "-iters", "1", "-time", "500"]


def tests(pattern):
    """The names of all tests that a pattern finds, as jcstress calls them."""
    return harness.names(HERE, "Stress", DECLARED, pattern)


def missing():
    lacks = harness.missing("the tests", any(LIB.glob("perf-stress-*.jar")))
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
    options = harness.parser(__doc__, HERE, "minutes instead of an hour: finds what is plainly wrong").parse_args()
    wanted = tests(options.pattern)
    this_run = harness.Run(options, wanted, missing())
    arguments, said, code = run(options.pattern, options)
    ran, not_run = verdicts(said, wanted)
    this_run.write(arguments, exit=code, tests=ran, not_run=not_run)
    for test in ran:
        few = "  too few tries: is the machine busy?" if test["samples"] < pages.TRIES_MIN else ""
        print(f"  {'held  ' if test['held'] else 'FAILED'} {test['samples']:12,}  {test['name']}{few}")
    for name in not_run:
        print(f"  NOT RUN               {name}: see {options.out}/jcstress.out")
    print(f"\n{options.out}/results.json, {options.out}/jcstress/index.html")
    sys.exit(0 if code == 0 and not not_run and all(test["held"] for test in ran) else 1)


if __name__ == "__main__":
    main()
