"""The comparison as a picture: a bar for each engine on a logarithmic scale, as SVG that also reads aloud."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.telling import Contender

WIDTH, LEFT, RIGHT, TOP, BAR, STEP, FOOT = 760, 210, 170, 56, 20, 32, 56
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1b1f24; }
  .small { font-size: 12px; fill: #57606a; }
  .title { font-size: 17px; font-weight: 600; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .bar { fill: #8b949e; } .ours { fill: #0b6e69; } .limit { fill: #b08800; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #9da7b1; } .grid { stroke: #3d444d; } .ground { fill: #0d1117; }
    .bar { fill: #6e7681; } .ours { fill: #3fb6af; } .limit { fill: #d4a72c; }
  }
"""


def plot(contenders: Sequence[Contender], title: str, note: str) -> str:
    """Return the picture; the engines in the order given."""
    shown = [one for one in contenders if one.runs]
    low = math.floor(math.log10(min(one.rate for one in shown)))
    high = math.ceil(math.log10(max(one.rate for one in shown)))
    scale = (WIDTH - LEFT - RIGHT) / max(high - low, 1)
    bottom = TOP + STEP * len(shown)
    height = bottom + FOOT
    said = "; ".join(f"{one.label} {_figure(one.rate)}" for one in shown)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">Bars on a logarithmic scale, in cases a second: {escape(said)}. {escape(note)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="16" y="28">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        x = LEFT + (power - low) * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>')
    for place, one in enumerate(shown):
        parts.append(_bar(one, place, (math.log10(one.rate) - low) * scale))
    parts.append(f'<text class="small" x="16" y="{height - 12}">{escape(note)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _bar(one: Contender, place: int, length: float) -> str:
    y = TOP + STEP * place
    kind = {"this engine": "bar ours", "bare conditions": "bar limit"}.get(one.label, "bar")
    middle = y + BAR / 2 + 5
    return (
        f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{escape(one.label)}</text>'
        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{max(length, 2):.1f}" height="{BAR}" rx="2"/>'
        f'<text x="{LEFT + max(length, 2) + 8:.1f}" y="{middle:.0f}">{_figure(one.rate)}</text>'
    )


def _figure(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
