"""Charts as SVG, made on the server: no script, no style attribute; texts keep their size at every width, on screen and on paper.

Widths are shares of the picture's own, so a chart is as wide as its place and nothing in it is squeezed. What a chart
says by colour it says by a number too, and its shades differ without colour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

INK, MUTED, LINE = "#1b2430", "#4a5564", "#d5dae1"
SHADES = ("#12395f", "#d98324", "#c3ccd6")
"""Of the parts of a stacked bar: dark, middle, light."""
_INSIDE = ("#ffffff", INK, INK)
_TOP, _PLOT, _FOOT = 26, 170, 46  # pixels above, of and below the area where values are drawn
_LEFT = 9.0  # per cent of the width for the scale


@dataclass(frozen=True)
class Point:
    """A value over a label; None is a gap.

    Attributes:
        text: The value in words; note: what stands below the label.
        href: The list behind it.
    """

    label: str
    value: float | None
    text: str
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Stack:
    """Numbers that stand upon each other, each with the list behind it."""

    label: str
    parts: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Bar:
    """A bar with its label above it and its value in words at the end."""

    label: str
    value: float
    text: str
    href: str = ""


def line(name: str, title: str, description: str, points: Sequence[Point]) -> Markup:
    """Return shares between 0 and 1 as points over labels, joined where neighbours have a value.

    Args:
        name: Unique on the page.
    """
    body = [_scale([(0.0, "0%"), (0.5, "50%"), (1.0, "100%")])]
    places = [_middle(at, len(points)) for at in range(len(points))]
    pairs = zip(zip(points, places, strict=True), list(zip(points, places, strict=True))[1:], strict=False)
    for (one, x1), (other, x2) in pairs:
        if one.value is not None and other.value is not None:
            body.append(
                Markup(
                    '<line x1="{}%" y1="{}" x2="{}%" y2="{}" stroke="{}" stroke-width="2.5"></line>'
                ).format(_n(x1), _n(_height(one.value)), _n(x2), _n(_height(other.value)), SHADES[0])
            )
    for point, x in zip(points, places, strict=True):
        body.append(_foot(x, point.label, point.note))
        if point.value is None:
            continue
        y = _height(point.value)
        mark = Markup(
            '<circle cx="{0}%" cy="{1}" r="4.5" fill="#ffffff" stroke="{2}" stroke-width="2.5"></circle>'
            '<text x="{0}%" y="{3}" text-anchor="middle" font-weight="600" fill="{4}" stroke="#ffffff" '
            'stroke-width="3" paint-order="stroke">{5}</text>'
        ).format(_n(x), _n(y), SHADES[0], _n(y - 10), INK, point.text)
        body.append(_linked(mark, point.href, f"{point.label}：{point.text}"))
    return _picture(
        name, title, description, _TOP + _PLOT + _FOOT, body, len(points), any(p.href for p in points)
    )


def stacked(
    name: str, title: str, description: str, legend: Sequence[str], stacks: Sequence[Stack]
) -> Markup:
    """Return numbers upon each other over labels; at most as many parts as there are shades.

    Args:
        name: Unique on the page.
    """
    top = max((sum(number for number, _ in stack.parts) for stack in stacks), default=0) or 1
    ceiling = _ceiling(top)
    body = [_scale([(0.0, "0"), (0.5, _number(ceiling / 2)), (1.0, _number(ceiling))])]
    width = min(7.0, (100 - _LEFT) / max(1, len(stacks)) * 0.62)
    for at, stack in enumerate(stacks):
        x, base = _middle(at, len(stacks)), 0
        for shade, (number, href) in enumerate(stack.parts):
            if number:
                body.append(
                    _segment(stack.label, legend[shade], x, width, base, number, ceiling, shade, href)
                )
            base += number
        whole = Markup(
            '<text x="{}%" y="{}" text-anchor="middle" font-weight="600" fill="{}">{}</text>'
        ).format(_n(x), _n(_height(base / ceiling) - 6), INK, base)
        body += [whole, _foot(x, stack.label, "")]
    linked = any(href for stack in stacks for _, href in stack.parts)
    return _picture(name, title, description, _TOP + _PLOT + _FOOT - 16, body, len(stacks), linked)


def _segment(
    label: str,
    part: str,
    x: float,
    width: float,
    base: int,
    number: int,
    ceiling: int,
    shade: int,
    href: str,
) -> Markup:
    high, low = _height((base + number) / ceiling), _height(base / ceiling)
    drawn = Markup('<rect x="{}%" y="{}" width="{}%" height="{}" fill="{}" stroke="#ffffff"></rect>').format(
        _n(x - width / 2), _n(high), _n(width), _n(low - high), SHADES[shade]
    )
    if low - high >= 15:
        drawn += Markup('<text x="{}%" y="{}" text-anchor="middle" fill="{}">{}</text>').format(
            _n(x), _n((high + low) / 2 + 4), _INSIDE[shade], number
        )
    return _linked(drawn, href, f"{label}：{part} {number}")


def bars(name: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Return bars that lie, each under its label; the longest is as wide as the picture.

    Args:
        name: Unique on the page.
    """
    top = max((row.value for row in rows), default=0) or 1
    body, y = [], 4
    for row in rows:
        drawn = Markup(
            '<text x="0" y="{0}" fill="{1}">{2}</text><text x="100%" y="{0}" text-anchor="end" fill="{1}">{3}</text>'
            '<rect x="0" y="{4}" width="100%" height="9" fill="#eceff3"></rect>'
            '<rect x="0" y="{4}" width="{5}%" height="9" fill="{6}"></rect>'
        ).format(y + 12, INK, row.label, row.text, y + 18, _n(row.value / top * 100), SHADES[0])
        body.append(_linked(drawn, row.href, f"{row.label}：{row.text}"))
        y += 38
    return _picture(name, title, description, y, body, 0, any(row.href for row in rows))


def share_bar(share: float | None) -> Markup:
    """Return a share between 0 and 1 as a small bar beside its number; nothing of none."""
    if share is None:
        return Markup("")
    return Markup(
        '<svg class="share-bar" width="100%" height="6" aria-hidden="true" focusable="false">'
        '<rect width="100%" height="6" fill="#e3e8ef"></rect><rect width="{}%" height="6" fill="{}"></rect></svg>'
    ).format(_n(max(0.0, min(1.0, share)) * 100), SHADES[0])


def legend(names: Iterable[str]) -> Markup:
    """Return which shade of a stacked bar stands for what."""
    items = [
        Markup(
            '<li><svg width="14" height="14" aria-hidden="true" focusable="false">'
            '<rect width="14" height="14" fill="{}"></rect></svg>{}</li>'
        ).format(shade, name)
        for shade, name in zip(SHADES, names, strict=False)
    ]
    return Markup('<ul class="legend-row chart-legend">{}</ul>').format(Markup("").join(items))


def _picture(
    name: str, title: str, description: str, height: int, body: Iterable[Markup], columns: int, linked: bool
) -> Markup:
    # What is a picture to a reader of screens has no links to be found in it.
    role = "group" if linked else "img"
    many = " chart-many" if columns > 8 else ""
    return Markup(
        '<svg class="chart{}" width="100%" height="{}" role="{}" aria-labelledby="{name}-title" '
        'aria-describedby="{name}-desc" font-size="12"><title id="{name}-title">{}</title>'
        '<desc id="{name}-desc">{}</desc>{}</svg>'
    ).format(many, height, role, title, description, Markup("").join(body), name=name)


def _scale(ticks: Iterable[tuple[float, str]]) -> Markup:
    drawn = [
        Markup(
            '<line x1="0" x2="100%" y1="{0}" y2="{0}" stroke="{1}"></line><text x="0" y="{2}" fill="{3}">{4}</text>'
        ).format(_n(_height(at)), LINE, _n(_height(at) - 4), MUTED, text)
        for at, text in ticks
    ]
    return Markup("").join(drawn)


def _foot(x: float, label: str, note: str) -> Markup:
    under = Markup('<text x="{0}%" y="{1}" text-anchor="middle" fill="{2}">{3}</text>')
    drawn = under.format(_n(x), _TOP + _PLOT + 18, INK, label)
    small = Markup('<text x="{}%" y="{}" text-anchor="middle" fill="{}" font-size="{}">{}</text>')
    return (
        drawn + small.format(_n(x), _TOP + _PLOT + 34, MUTED, 11 if len(note) < 8 else 9, note)
        if note
        else drawn
    )


def _linked(drawn: Markup, href: str, label: str) -> Markup:
    if not href:
        return drawn
    return Markup('<a href="{}"><title>{}</title>{}</a>').format(href, label, drawn)


def _middle(at: int, columns: int) -> float:
    return _LEFT + (100 - _LEFT) * (at + 0.5) / columns


def _height(share: float) -> float:
    return _TOP + _PLOT * (1 - share)


def _ceiling(top: int) -> int:
    """Return the next even 1, 2 or 5 times a power of ten that is no less."""
    power = 1
    while True:
        for factor in (2, 4, 6, 10):
            if factor * power >= top:
                return factor * power
        power *= 10


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}"


def _n(value: float) -> str:
    return str(escape(f"{value:.2f}".rstrip("0").rstrip(".")))
