"""What results look like in HTML: a function for each kind, of what its results hold."""
import re

import plots
from plots import Bar, Html, page, text  # noqa: F401

# A result whose error is this part of it, or whose benchmark ran in fewer forks, is shown and counts for nothing.
ERROR_MAX, FORKS_MIN = 0.3, 3
# Fewer tries of a race say nothing: the actors never met, since other programs had the cores.
TRIES_MIN = 1000


def facts(machine):
    return f"<details><summary>Machine, commit and versions</summary>{plots.pairs(machine)}</details>"


# ---- side by side


def peer_bars(rows, figure, unit):
    """A bar for each peer: the median, with the lowest and highest round as a line."""
    found = []
    for row in rows:
        each = [sample[figure] for sample in row["samples"]]
        own = row["peer"].startswith("penstock")
        found.append(Bar(row["peer"], row[figure], f"{row[figure]:.2f} {unit}", own, min(each), max(each)))
    return plots.bars(found)


def peer_rows(rows):
    for row in rows:
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        yield (
            row["peer"],
            f"{row['cpu_us']:.2f}",
            ratio,
            row["base"] if ratio else "",
            f"{row['rps']:.0f}",
            f"{row['p50_ms']:.2f}",
            f"{row['p99_ms']:.2f}",
            f"{row['p999_ms']:.2f}" if "p999_ms" in row else "",
            f"{row['foreign']:.0%}",
        )


def peer_threads(rows):
    """Where the CPU of those went that tell it."""
    told = [row for row in rows if "threads_us" in row]
    if not told:
        return ""
    found = [(row["peer"], *(f"{us:.2f}" for us in row["threads_us"].values())) for row in told]
    return "<p>µs per request by thread</p>" + plots.table(("", *told[0]["threads_us"]), found)


def peer_p99(rows):
    how = "with an open loop" if "p999_ms" in rows[0] else "with the proxy's core saturated"
    return f"<p>p99 {how}</p>" + peer_bars(rows, "p99_ms", "ms")


def peers(everything):
    """Of one results.json of perf/peers."""
    head = ("", "CPU µs/request", "ratio", "to", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "foreign CPU")
    sections = [
        f"<h3>{text(result['suite'])}: {text(result['what'])}; {result['rounds']} rounds</h3>"
        + plots.table(head, peer_rows(result["rows"]))
        + peer_threads(result["rows"])
        + "<p>CPU per request of the whole process; the line spans the rounds</p>"
        + peer_bars(result["rows"], "cpu_us", "µs")
        + peer_p99(result["rows"])
        for result in everything["results"]
    ]
    return (
        f"<p>Medians of rounds of {everything['seconds']} s, in turns; each proxy alone on core 0, origin and"
        " client on core 1. Penstock writes its access log and metrics, the peers no log unless their names say so. Compare ratios, not times.</p>"
        + "".join(sections)
        + facts(everything["machine"])
    )


# ---- load


def ramp(requests):
    """p99 over the rate, of a ramp: a line each for the gateway and for the upstream alone."""
    lines = {"proxied": [], "direct": []}
    for each in requests:
        step = re.fullmatch(r"(proxied|direct) (\d+)/s", each["name"])
        if step:
            lines[step[1]].append((int(step[2]), each["p99_ms"]))
    if len(lines["proxied"]) < 2:
        return ""
    shown = {name: line for name, line in lines.items() if line}
    return "<p>p99 over the rate: blue through the gateway, grey the upstream alone</p>" + plots.curve(shown, "requests/s", "ms")


def request_bars(requests):
    return plots.bars(
        [
            Bar(
                each["name"],
                each["p50_ms"],
                f"{each['p50_ms']}, {each['p99_ms']} ms",
                each["name"].startswith("proxied"),
                light=each["p99_ms"],
            )
            for each in requests
            if not each["name"].startswith("warm-up")
        ]
    )


def load_suite(run):
    generator = run["generator"]
    figures = ("mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms")
    requests = [
        (each["name"], each["ok"] + each["failed"], each["failed"], *(each[figure] for figure in figures))
        for each in run["requests"]
    ]
    gates = [
        (gate["gate"], gate.get("found", ""), "held" if gate["held"] else Html('<b class="bad">failed</b>')) for gate in run["gates"]
    ]
    base = run.get("folder", "")
    links = f'<a href="{text(base + run["gatling_report"])}">Gatling\'s report</a>, ' if "gatling_report" in run else ""
    return (
        f"<h3>{text(run['suite'])}: {text(run['what'])}</h3>"
        f"<p>{'All gates held' if run['held'] else '<b class=bad>A gate failed</b>'}. {links}"
        f'<a href="{text(base + run["suite"])}/run.json">run.json</a>. The generator took {generator["machine_share"]:.0%} of its machine,'
        f" of which {generator['machine_busy']:.0%} was busy.</p>"
        + ramp(run["requests"])
        + "<p>p50 (full) and p99 (light)</p>"
        + request_bars(run["requests"])
        + plots.table(("", "requests", "failed", "mean", "p50", "p95", "p99", "max, ms"), requests)
        + (plots.pairs(run["values"]) if run["values"] else "")
        + plots.table(("gate", "found", ""), gates)
    )


def load(runs):
    """Of the run.json of each suite of perf/load."""
    short = any(run.get("short", run.get("settings", {}).get("short") == "true") for run in runs)
    note = (
        "<p><b>Short forms: they show that the suites work, and measure nothing.</b></p>"
        if short
        else "<p>Whole milliseconds; arrivals do not wait for answers. Compare proxied with direct in one run; times of two machines say nothing.</p>"
    )
    arguments = runs[0]["gateway"].get("arguments") if runs else None
    more = {"gateway's command": " ".join(arguments)} if arguments else {}
    return note + "".join(map(load_suite, runs)) + (facts({**runs[0]["machine"], **more}) if runs else "")


# ---- single rooms


def verdict(result):
    """Why a figure counts for nothing; an empty text if it counts."""
    if result["forks"] < FORKS_MIN:
        return f"{result['forks']} fork{'s' if result['forks'] > 1 else ''}"
    if result["error"] is None or result["error"] > ERROR_MAX * result["score"]:
        return "error too large"
    return ""


def parameters(result):
    return ", ".join(f"{name} {value}" for name, value in result["params"].items())


def benchmarks(everything):
    """Of one results.json of perf/benchmarks."""
    groups = {}
    for result in everything["benchmarks"]:
        groups.setdefault(result["class"], []).append(result)
    sections = []
    for name, results in groups.items():
        rows, strokes = [], {}
        for result in results:
            label = " ".join(filter(None, (result["method"], parameters(result))))
            error = result["error"]
            allocated = result["bytes_per_op"]
            rows.append(
                (
                    label,
                    f"{result['score']:.1f}",
                    "" if error is None else f"± {error:.1f}",
                    result["unit"],
                    "" if allocated is None else f"{allocated:.1f}",
                    verdict(result),
                )
            )
            spread = {} if error is None else {"low": result["score"] - error, "high": result["score"] + error}
            if error is not None and error > result["score"]:
                # A line that would dwarf all the others.
                spread = {}
            strokes.setdefault(result["unit"], []).append(
                Bar(label, result["score"], f"{result['score']:.1f} {result['unit']}", not verdict(result), **spread)
            )
        sections.append(
            f"<h3>{text(name)}</h3>"
            + plots.table(("", "score", "error", "unit", "B/op", "no result:"), rows)
            + "".join(map(plots.bars, strokes.values()))
        )
    share = everything.get("share", {})
    note = f"While they ran, others used {share['foreign']:.0%} of the machine. " if share else ""
    quick = "<p><b>Quick form: it shows that the benchmarks run, and measures nothing.</b></p>" if everything["quick"] else ""
    return (
        quick
        + f"<p>{note}Grey bars are no results: fewer than {FORKS_MIN} forks, or an error above {ERROR_MAX:.0%}; the line is the error of 99.9 %.</p>"
        + "".join(sections)
        + facts({**everything["machine"], "JVM arguments": " ".join(everything["jvm_arguments"])})
    )


# ---- races


def stress(everything):
    """Of one results.json of perf/stress."""
    sections = []
    for test in everything["tests"]:
        rows = [
            (
                each["id"],
                f"{each['samples']:,}",
                Html('<b class="bad">forbidden</b>') if each["expect"] == "FORBIDDEN" else each["expect"].lower(),
                each["what"],
            )
            for each in test["outcomes"]
        ]
        held = "held" if test["samples"] >= TRIES_MIN else "held, but too few tries to say anything"
        state = held if test["held"] else '<b class="bad">failed</b>'
        sections.append(f"<h3>{text(test['name'])}: {state}</h3>" + plots.table(("outcome", "seen", "", ""), rows))
    failed = [test["name"] for test in everything["tests"] if not test["held"]]
    lost = everything["not_run"]
    return (
        f"<p>{len(everything['tests'])} tests, {sum(test['samples'] for test in everything['tests']):,} tries. "
        + (f'<b class="bad">Failed: {text(", ".join(failed))}.</b>' if failed else "No forbidden outcome was seen.")
        + (f' <b class="bad">Not run: {text(", ".join(lost))}.</b>' if lost else "")
        + "</p>"
        + "".join(sections)
        + facts({**everything["machine"], "JVM arguments": " ".join(everything["jvm_arguments"])})
    )
