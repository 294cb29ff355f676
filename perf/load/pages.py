"""One HTML page of load runs, with plots drawn here: nothing is loaded from anywhere."""
import html as escape
import re

import report

WIDTH, LABEL, BAR, GAP = 760, 220, 16, 8
PLOT_HEIGHT, MARGIN = 240, 50


def bars(requests):
    """Two strokes for each kind of request: to the median, and on to p99."""
    shown = [each for each in requests if not each["name"].startswith("warm-up")]
    top = max((each["p99_ms"] for each in shown), default=0) or 1
    scale = (WIDTH - LABEL - 120) / top
    parts = []
    for place, each in enumerate(shown):
        y = place * (BAR + GAP)
        kind = "own" if each["name"].startswith("proxied") else "peer"
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{escape.escape(each["name"])}</text>'
            f'<rect class="{kind}" opacity=".45" x="{LABEL}" y="{y}" width="{each["p99_ms"] * scale:.1f}" height="{BAR}"/>'
            f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{each["p50_ms"] * scale:.1f}" height="{BAR}"/>'
            f'<text x="{LABEL + each["p99_ms"] * scale + 8:.1f}" y="{y + 12}">{each["p50_ms"]}, {each["p99_ms"]} ms</text>'
        )
    height = max(1, len(shown) * (BAR + GAP))
    return f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">{"".join(parts)}</svg>'


def curve(requests):
    """p99 over the rate, of a ramp: a line each for the gateway and for the upstream alone."""
    lines = {"proxied": [], "direct": []}
    for each in requests:
        step = re.fullmatch(r"(proxied|direct) (\d+)/s", each["name"])
        if step:
            lines[step[1]].append((int(step[2]), each["p99_ms"]))
    if len(lines["proxied"]) < 2:
        return ""
    points = lines["proxied"] + lines["direct"]
    right, top = max(x for x, _ in points), max(y for _, y in points) or 1
    parts = [
        f'<line class="spread" x1="{MARGIN}" x2="{WIDTH}" y1="{PLOT_HEIGHT}" y2="{PLOT_HEIGHT}"/>',
        f'<text x="0" y="14">{top} ms</text><text x="{WIDTH}" y="{PLOT_HEIGHT + 18}" text-anchor="end">{right} requests/s</text>',
    ]
    for leg, colour in (("direct", "#9fb1c4"), ("proxied", "#1f6feb")):
        if lines[leg]:
            path = " ".join(
                f"{MARGIN + x / right * (WIDTH - MARGIN - 8):.1f},{PLOT_HEIGHT - y / top * (PLOT_HEIGHT - 10):.1f}"
                for x, y in sorted(lines[leg])
            )
            parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
    height = PLOT_HEIGHT + 24
    return (
        "<p>p99 over the rate: blue through the gateway, grey the upstream alone</p>"
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">{"".join(parts)}</svg>'
    )


def table(requests):
    head = "<tr><th></th><th>requests</th><th>failed</th><th>mean</th><th>p50</th><th>p95</th><th>p99</th><th>max, ms</th></tr>"
    lines = [
        f"<tr><td>{escape.escape(each['name'])}</td><td>{each['ok'] + each['failed']}</td><td>{each['failed']}</td>"
        + "".join(f"<td>{each[figure]}</td>" for figure in ("mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"))
        + "</tr>"
        for each in requests
    ]
    return f"<table>{head}{''.join(lines)}</table>"


def gates(run):
    lines = []
    for gate in run["gates"]:
        found = escape.escape(str(gate.get("found", "")))
        verdict = "held" if gate["held"] else "<b>failed</b>"
        lines.append(f"<tr><td>{escape.escape(gate['gate'])}</td><td>{found}</td><td>{verdict}</td></tr>")
    return f"<table><tr><th>gate</th><th>found</th><th></th></tr>{''.join(lines)}</table>"


def pairs(found):
    return "<table>" + "".join(
        f"<tr><td>{escape.escape(name)}</td><td>{escape.escape(str(value))}</td></tr>" for name, value in found.items()
    ) + "</table>"


def section(run):
    generator = run["generator"]
    links = f'<a href="{escape.escape(run["gatling_report"])}">Gatling\'s report</a>, ' if "gatling_report" in run else ""
    return (
        f"<h2>{run['suite']}: {escape.escape(run['what'])}</h2>"
        f"<p>{'All gates held' if run['held'] else '<b>A gate failed</b>'}. {links}"
        f'<a href="{run["suite"]}/run.json">run.json</a>. The generator took {generator["machine_share"]:.0%} of its machine,'
        f" of which {generator['machine_busy']:.0%} was busy.</p>"
        + curve(run["requests"])
        + "<p>p50 (full) and p99 (light)</p>"
        + bars(run["requests"])
        + table(run["requests"])
        + (pairs(run["values"]) if run["values"] else "")
        + gates(run)
    )


def html(runs, short):
    """The page, of what the files run.json hold."""
    note = (
        "<p><b>Short forms: they show that the suites work, and measure nothing.</b></p>"
        if short
        else "<p>Whole milliseconds; arrivals do not wait for answers. Compare proxied with direct in one run; times of two machines say nothing.</p>"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Penstock under load</title>'
        f"<style>{report.STYLE}</style><h1>Penstock under load</h1>{note}{''.join(map(section, runs))}"
        f"<h2>Machine</h2>{pairs(runs[0]['machine']) if runs else ''}</html>\n"
    )
