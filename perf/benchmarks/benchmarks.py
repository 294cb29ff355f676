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
import json
import math
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import harness  # noqa: E402
import machine  # noqa: E402
import pages  # noqa: E402

LIB, COMPILER = HERE / "target/lib", HERE / "target/compiler"
DECLARED = r"@Benchmark\b(?:\s+@\w+(?:\([^)]*\))?)*\s+public \S+ (\w+)\("
# Small tables, and each benchmark for a moment.
QUICK = ["-f", "1", "-wi", "1", "-w", "100ms", "-i", "2", "-r", "100ms", "-p", "routes=1,1000", "-p", "asked=8"]


def benchmarks(pattern):
    """The names of all benchmarks that a pattern finds, as JMH calls them."""
    return harness.names(HERE, "Benchmark", DECLARED, pattern)


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
    parser = harness.parser(__doc__, HERE, "minutes instead of an hour: shows that they run, measures nothing")
    parser.add_argument("--forks", type=int, default=pages.FORKS_MIN, metavar="N", help="JVMs for each (default 3)")
    options = parser.parse_args()
    is_built = COMPILER.is_dir() and any(LIB.glob("perf-benchmarks-*.jar"))
    this_run = harness.Run(options, benchmarks(options.pattern), harness.missing("the benchmarks", is_built))
    (options.out / "jmh.json").unlink(missing_ok=True)
    arguments, code = run(options.pattern, options)
    if code != 0:
        sys.exit(f"benchmarks.py: JMH ended with {code}")
    everything = this_run.write(arguments, benchmarks=results_of(json.loads((options.out / "jmh.json").read_text())))
    tell(everything["benchmarks"])
    print(f"\nothers used {everything['share']['foreign']:.0%} of the machine\n{options.out}/results.json")


if __name__ == "__main__":
    main()
