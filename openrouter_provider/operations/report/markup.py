"""HTML and SVG elements in which every text is escaped."""

from html import escape

from ...api.scrub import printable

_VOID = frozenset({"meta", "link", "br", "circle", "rect", "line", "path"})


class Markup(str):
    """Text that is markup already: it goes into an element as it is."""

    __slots__ = ()


def element(tag: str, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """Return an element; children that are no Markup are escaped, and so is every attribute.

    Args:
        tag: the element's name.
        children: what is in it.
        attributes: by name, a trailing underscore dropped and others written as hyphens; None leaves one out.
    """
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    head = "".join(f' {name}="{_text(value)}"' for name, value in named.items())
    if tag in _VOID and not children:
        return Markup(f"<{tag}{head}/>")
    return Markup(f"<{tag}{head}>{''.join(map(_child, children))}</{tag}>")


def _child(child: str | Markup) -> str:
    return str(child) if isinstance(child, Markup) else escape(printable(child, length=500))


def _text(value: str | float) -> str:
    return escape(printable(value, length=500)) if isinstance(value, str) else f"{value:g}"


def fact(name: str, value: str | Markup) -> Markup:
    """Return one name and its value in a list of them."""
    return element("div", element("dt", name), element("dd", value))


def moment(instant: str) -> Markup:
    """Return an instant for people and programs."""
    return element("time", instant.replace("T", " ").replace("Z", " UTC"), datetime=instant)
