"""Plots and tables as HTML text, drawn here: nothing is loaded from anywhere."""
import html

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .2rem .8rem; text-align: right; }
td:first-child, th:first-child { text-align: left; } tr:nth-child(even) td { background: #f3f6f9; }
table.pairs td { text-align: left; } details { margin: 1rem 0; } h2 { border-top: 1px solid #cfd9e4; padding-top: 1rem; }
svg { display: block; margin: 1rem 0; max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #1d2733; }
.own { fill: #1f6feb; } .peer { fill: #9fb1c4; } .light { opacity: .45; } .spread { stroke: #1d2733; }
.line-own { stroke: #1f6feb; } .line-peer { stroke: #9fb1c4; } .bad { color: #b3261e; } small { color: #5b6b7c; }
"""
WIDTH, BAR, GAP, GLYPH = 760, 17, 8, 7
PLOT_HEIGHT, MARGIN = 240, 50


def text(value):
    return html.escape(str(value))


class Bar:
    """One stroke: how far it goes, what stands before and behind it, and how far a line or a lighter stroke goes."""

    def __init__(self, label, value, said, own=True, low=None, high=None, light=None):
        self.label, self.value, self.said, self.own = label, value, said, own
        self.low, self.high, self.light = low, high, light

    def reach(self):
        return max(each for each in (self.value, self.high, self.light) if each is not None)


def bars(rows):
    """A stroke for each row, all to one scale."""
    if not rows:
        return ""
    label = min(340, max(len(row.label) for row in rows) * GLYPH + 12)
    room = max(len(row.said) for row in rows) * GLYPH + 12
    scale = (WIDTH - label - room) / (max(row.reach() for row in rows) or 1)
    parts = []
    for place, row in enumerate(rows):
        y, kind = place * (BAR + GAP), "own" if row.own else "peer"
        parts.append(f'<text x="{label - 8}" y="{y + 13}" text-anchor="end">{text(row.label)}</text>')
        if row.light is not None:
            parts.append(f'<rect class="{kind} light" x="{label}" y="{y}" width="{row.light * scale:.1f}" height="{BAR}"/>')
        parts.append(f'<rect class="{kind}" x="{label}" y="{y}" width="{row.value * scale:.1f}" height="{BAR}"/>')
        if row.low is not None and row.high is not None:
            x1, x2, middle = label + max(0, row.low) * scale, label + row.high * scale, y + BAR / 2
            parts.append(f'<line class="spread" x1="{x1:.1f}" x2="{x2:.1f}" y1="{middle}" y2="{middle}"/>')
        parts.append(f'<text x="{label + row.reach() * scale + 8:.1f}" y="{y + 13}">{text(row.said)}</text>')
    return svg(len(rows) * (BAR + GAP), parts)


def curve(lines, x_unit, y_unit):
    """Lines over one pair of axes that begin at 0: {name: [(x, y), ...]}, the first name in the colour of our own."""
    points = [point for line in lines.values() for point in line]
    right, top = max(x for x, _ in points) or 1, max(y for _, y in points) or 1
    parts = [
        f'<line class="spread" x1="{MARGIN}" x2="{WIDTH}" y1="{PLOT_HEIGHT}" y2="{PLOT_HEIGHT}"/>',
        f'<text x="0" y="14">{top:g} {text(y_unit)}</text>',
        f'<text x="{WIDTH}" y="{PLOT_HEIGHT + 18}" text-anchor="end">{right:g} {text(x_unit)}</text>',
    ]
    for place, line in enumerate(lines.values()):
        path = " ".join(
            f"{MARGIN + x / right * (WIDTH - MARGIN - 8):.1f},{PLOT_HEIGHT - y / top * (PLOT_HEIGHT - 10):.1f}"
            for x, y in sorted(line)
        )
        kind = "line-peer" if place else "line-own"
        parts.append(f'<polyline class="{kind}" fill="none" stroke-width="2" points="{path}"/>')
    return svg(PLOT_HEIGHT + 24, parts)


def svg(height, parts):
    return f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">{"".join(parts)}</svg>'


def table(head, rows):
    """Cells are text; one that is a Html stays as it is."""
    lines = "".join(f"<tr>{''.join(f'<td>{cell(each)}</td>' for each in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{text(each)}</th>' for each in head)}</tr>{lines}</table>"


class Html(str):
    """Text that is HTML already."""


def cell(value):
    return value if isinstance(value, Html) else text(value)


def pairs(found):
    rows = "".join(f"<tr><td>{text(name)}</td><td>{text(value)}</td></tr>" for name, value in found.items())
    return f'<table class="pairs">{rows}</table>'


def page(title, body):
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{text(title)}</title><style>{STYLE}</style>'
        f"<h1>{text(title)}</h1>{body}</html>\n"
    )
