#!/usr/bin/env python3
"""What single rooms of the path cost (JMH): time and bytes allocated for each operation.

    perf/benchmarks/benchmarks.py                  # all of them, in three forks each: an hour and more
    perf/benchmarks/benchmarks.py RouteLookup      # those whose name this regular expression finds
    perf/benchmarks/benchmarks.py --quick          # all of them in minutes: do they run? Measures nothing
    perf/benchmarks/benchmarks.py --list           # the benchmarks, and what is missing to run them

Run it on a quiet machine: the report says what share of it others took. A figure whose error is above a third of it is none.
Needs a JDK 25, Python 3.9 and a build ("mvn -DskipTests package"); installs nothing.

Results: a table, DIR/results.json with the machine, the JVM's arguments and the commit, and JMH's own DIR/jmh.json.
"""
import argparse
import json
import math
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import machine  # noqa: E402
import pages  # noqa: E402

LIB, COMPILER = HERE / "target/lib", HERE / "target/compiler"
JAVA_SOURCES = HERE / "src/main/java"
# Small tables, and each benchmark for a moment.
QUICK = ["-f", "1", "-wi", "1", "-w", "100ms", "-i", "2", "-r", "100ms", "-p", "routes=1,1000", "-p", "asked=8"]


def benchmarks(pattern):
    """The names of all benchmarks that a pattern finds, as JMH calls them."""
    names = []
    for file in sorted(JAVA_SOURCES.rglob("*Benchmark.java")):
        outer = ".".join(file.relative_to(JAVA_SOURCES).with_suffix("").parts)
        for name in re.findall(r"@Benchmark\b(?:\s+@\w+(?:\([^)]*\))?)*\s+public \S+ (\w+)\(", file.read_text()):
            names.append(f"{outer}.{name}")
    return [name for name in names if re.search(pattern, name)]


def missing():
    lacks = []
    if not machine.java():
        lacks.append("no JDK 25: set JAVA_HOME to one")
    if not list(LIB.glob("perf-benchmarks-*.jar")) or not COMPILER.is_dir():
        lacks.append("the benchmarks are not built: mvn -DskipTests package")
    return lacks


def number(value):
    """A figure of JMH's JSON, where NaN is a text."""
    figure = float(value)
    return figure if math.isfinite(figure) else None


def results_of(runs):
    """What counts of JMH's own results."""
    results = []
    for run in runs:
        outer, method = run["benchmark"].rsplit(".", 1)
        metric = run["primaryMetric"]
        allocated = run.get("secondaryMetrics", {}).get("gc.alloc.rate.norm") or run.get("secondaryMetrics", {}).get(
            "·gc.alloc.rate.norm"
        )
        results.append(
            {
                "class": outer.rsplit(".", 1)[1],
                "method": method,
                "params": run.get("params", {}),
                "threads": run["threads"],
                "forks": run["forks"],
                "score": float(metric["score"]),
                "error": number(metric["scoreError"]),
                "unit": metric["scoreUnit"],
                "bytes_per_op": number(allocated["score"]) if allocated else None,
                "samples": metric["rawData"],
            }
        )
    return results


def run(pattern, options):
    # The script compiler replaces a module of the JDK, so its jars are named here and not on the class path.
    arguments = machine.jvm_arguments("jvm.options")
    arguments += [f"--upgrade-module-path={COMPILER}", *machine.jvm_arguments("compiler.options")]
    # What measures nothing need not wait for a run that does.
    lock = ["-Djmh.ignoreLock=true"] if options.quick else []
    command = [machine.java(), *arguments, *lock, "-cp", f"{LIB}/*", "org.openjdk.jmh.Main", pattern]
    command += ["-prof", "gc", "-foe", "true", "-rf", "json", "-rff", str(options.out / "jmh.json")]
    command += QUICK if options.quick else ["-f", str(options.forks)]
    return arguments, subprocess.run(command, cwd=options.out).returncode


def tell(results):
    print(f"\n{'':64}{'score':>12}{'error':>10}  {'unit':8}{'B/op':>10}")
    for result in results:
        name = " ".join(filter(None, (f"{result['class']}.{result['method']}", pages.parameters(result))))
        error = "" if result["error"] is None else f"{result['error']:.1f}"
        allocated = "" if result["bytes_per_op"] is None else f"{result['bytes_per_op']:.1f}"
        verdict = pages.verdict(result)
        print(
            f"{name:64}{result['score']:12.1f}{error:>10}  {result['unit']:8}{allocated:>10}"
            + (f"  no result: {verdict}" if verdict else "")
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pattern", nargs="?", default=".", help="a regular expression (default: all)")
    parser.add_argument("--quick", action="store_true", help="minutes instead of an hour: shows that they run, measures nothing")
    parser.add_argument("--forks", type=int, default=pages.FORKS_MIN, metavar="N", help="JVMs for each (default 3)")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "target/results", metavar="DIR")
    parser.add_argument("--list", action="store_true", help="tell the benchmarks and what is missing, and stop")
    options = parser.parse_args()
    options.out = options.out.resolve()
    wanted, lacks = benchmarks(options.pattern), missing()
    if options.list:
        print("\n".join(wanted))
    if lacks:
        print("\n".join("missing: " + each for each in lacks), file=sys.stderr)
    if options.list or lacks:
        sys.exit(1 if lacks else 0)
    if not wanted:
        sys.exit(f"benchmarks.py: no benchmark is found by {options.pattern}. See --list")

    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "jmh.json").unlink(missing_ok=True)
    facts, share = machine.facts(java=machine.java_version(machine.java())), machine.Share()
    arguments, code = run(options.pattern, options)
    if code != 0:
        sys.exit(f"benchmarks.py: JMH ended with {code}")
    everything = {
        "machine": facts,
        "jvm_arguments": arguments,
        "quick": options.quick,
        "share": share.told(),
        "benchmarks": results_of(json.loads((options.out / "jmh.json").read_text())),
    }
    (options.out / "results.json").write_text(json.dumps(everything, indent=1) + "\n")
    tell(everything["benchmarks"])
    print(f"\nothers used {everything['share']['foreign']:.0%} of the machine\n{options.out}/results.json")


if __name__ == "__main__":
    main()
