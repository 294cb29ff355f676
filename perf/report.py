#!/usr/bin/env python3
"""One page of all that was measured: the newest results of the side-by-side runs, the load suites, JMH and jcstress.

    perf/report.py                                             # writes perf/target/report.html
    perf/report.py --peers DIR --load DIR --benchmarks DIR --stress DIR --out FILE

Each folder is the one that a run has printed at its end; those not named are the newest below perf/*/target. A section
whose results are missing says which command makes them. The page loads nothing from anywhere.
"""
import argparse
import json
import os
import pathlib

import machine
import pages

HERE = pathlib.Path(__file__).resolve().parent


def newest(folder, name):
    """The folder below another whose file of that name was written last, or None."""
    found = max(folder.rglob(name), key=lambda file: file.stat().st_mtime, default=None)
    return found and found.parent


class Kind:
    """A section: where its results lie, what makes them, and how they look."""

    def __init__(self, name, title, command, marker, section):
        self.name, self.title, self.command, self.marker, self.section = name, title, command, marker, section

    def folder(self):
        return newest(HERE / self.name / "target", self.marker)

    def body(self, folder, page):
        if folder is None:
            return f"<p>No results. Make them: <code>{pages.text(self.command)}</code></p>"
        results, told = self.section(folder, page)
        return f"<p><small>{pages.text(heading(told))}; {pages.text(folder)}</small></p>{results}"


def heading(told):
    """When, of which commit, where."""
    memory = f"{told['memory_mib'] // 1024} GiB"
    return f"{told['time']}, commit {told['commit'] or 'unknown'}, {told['cores']} cores of {told['cpu']}, {memory}, kernel {told['kernel']}"


def one_file(show):
    def section(folder, page):
        everything = json.loads((folder / "results.json").read_text())
        return show(everything), everything["machine"]

    return section


def load_runs(folder, page):
    # Newest of a suite is a folder below that of its run; all suites of the run belong on the page.
    run = folder if list(folder.glob("*/run.json")) else folder.parent
    runs = [json.loads(file.read_text()) for file in sorted(run.glob("*/run.json"), key=lambda file: file.stat().st_mtime)]
    for each in runs:
        each["folder"] = os.path.relpath(run, page.parent) + "/"
    return pages.load(runs), runs[0]["machine"]


KINDS = [
    Kind("peers", "Side by side", "perf/peers/peers.py", "results.json", one_file(pages.peers)),
    Kind("load", "Under load", "perf/load/load.py all", "run.json", load_runs),
    Kind("benchmarks", "Single rooms", "perf/benchmarks/benchmarks.py", "results.json", one_file(pages.benchmarks)),
    Kind("stress", "Races", "perf/stress/stress.py", "results.json", one_file(pages.stress)),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in KINDS:
        parser.add_argument(f"--{kind.name}", type=pathlib.Path, metavar="DIR", help=f"results of {kind.command}")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "target/report.html", metavar="FILE")
    options = parser.parse_args()
    out = options.out.resolve()
    sections = [f"<p>Made at commit {pages.text(machine.facts()['commit'])}; each section says what it was measured of.</p>"]
    for kind in KINDS:
        named = getattr(options, kind.name)
        if named and not list(named.rglob(kind.marker)):
            parser.error(f"{named}: no {kind.marker} here. It is made by {kind.command}")
        folder = named or kind.folder()
        sections.append(f"<h2>{kind.title}</h2>{kind.body(folder, out)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(pages.page("Penstock, measured", "".join(sections)))
    print(out)


if __name__ == "__main__":
    main()
