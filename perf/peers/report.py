"""One HTML page of the results, with plots drawn here: nothing is loaded from anywhere."""
import html as escape

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .2rem .8rem; text-align: right; }
td:first-child, th:first-child { text-align: left; } tr:nth-child(even) td { background: #f3f6f9; }
svg { display: block; margin: 1rem 0; } svg text { font: 12px system-ui, sans-serif; fill: #1d2733; }
.own { fill: #1f6feb; } .peer { fill: #9fb1c4; } .spread { stroke: #1d2733; } small { color: #5b6b7c; }
"""
WIDTH, LABEL, BAR, GAP = 720, 170, 18, 8


def bars(rows, figure, unit):
    """A bar for each peer: the median, with the lowest and highest round as a line."""
    top = max(max(sample[figure] for sample in row["samples"]) for row in rows) or 1
    scale = (WIDTH - LABEL - 90) / top
    parts = []
    for place, row in enumerate(rows):
        y = place * (BAR + GAP)
        low = min(sample[figure] for sample in row["samples"])
        high = max(sample[figure] for sample in row["samples"])
        kind = "own" if row["peer"].startswith("penstock") else "peer"
        middle = y + BAR / 2
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape.escape(row["peer"])}</text>'
            f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{row[figure] * scale:.1f}" height="{BAR}"/>'
            f'<line class="spread" x1="{LABEL + low * scale:.1f}" x2="{LABEL + high * scale:.1f}" y1="{middle}" y2="{middle}"/>'
            f'<text x="{LABEL + high * scale + 8:.1f}" y="{y + 13}">{row[figure]:.2f} {unit}</text>'
        )
    height = len(rows) * (BAR + GAP)
    return f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">{"".join(parts)}</svg>'


def table(rows):
    head = "<tr><th></th><th>CPU µs/request</th><th>ratio</th><th>to</th><th>requests/s</th><th>p50 ms</th><th>p99 ms</th><th>foreign CPU</th></tr>"
    lines = []
    for row in rows:
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        lines.append(
            f"<tr><td>{escape.escape(row['peer'])}</td><td>{row['cpu_us']:.2f}</td><td>{ratio}</td>"
            f"<td>{escape.escape(row['base']) if ratio else ''}</td><td>{row['rps']:.0f}</td><td>{row['p50_ms']:.2f}</td>"
            f"<td>{row['p99_ms']:.2f}</td><td>{row['foreign']:.0%}</td></tr>"
        )
    return f"<table>{head}{''.join(lines)}</table>"


def html(everything):
    """The page, of what results.json holds."""
    sections = []
    for result in everything["results"]:
        sections.append(
            f"<h2>{escape.escape(result['suite'])}: {escape.escape(result['what'])}</h2>"
            + table(result["rows"])
            + "<p>CPU per request of the whole process; the line spans the rounds</p>"
            + bars(result["rows"], "cpu_us", "µs")
            + "<p>p99 with the proxy's core saturated</p>"
            + bars(result["rows"], "p99_ms", "ms")
        )
    facts = "".join(
        f"<tr><td>{escape.escape(name)}</td><td>{escape.escape(str(value))}</td></tr>"
        for name, value in everything["machine"].items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Penstock side by side</title><style>{STYLE}</style>'
        f"<h1>Penstock side by side</h1><p>Medians of {everything['rounds']} rounds of {everything['seconds']} s, in turns; each proxy"
        " alone on core 0, origin and client on core 1. Penstock writes its access log and metrics, the peers write no log."
        f" Compare ratios, not times.</p>{''.join(sections)}<h2>Machine</h2><table>{facts}</table></html>\n"
    )
