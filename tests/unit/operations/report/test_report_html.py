"""The report as a page: self-contained, escaped, and readable without seeing colours."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from openrouter_provider.operations.report.page import as_html, content_security_policy
from tests.unit.report_fixtures import HOSTILE, every_kind_of_report

PAGE = as_html(every_kind_of_report())
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """Collects elements and texts, and notes what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an empty element."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)


def test_every_element_is_closed() -> None:
    """The page's elements nest."""
    assert Page(PAGE).open == []


def test_nothing_is_fetched_and_nothing_runs() -> None:
    """No element names anything outside the page; there is no script, handler or style attribute."""
    for tag, attributes in Page(PAGE).elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "base", "form"}
        assert not {"src", "srcset", "style", "action"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"@import|url\((?!#)|https?://", PAGE)


def test_the_policy_allows_only_the_page_s_own_style() -> None:
    """The policy's hash is that of the style element as it stands."""
    style = re.search(r"<style>(.*?)</style>", PAGE, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in content_security_policy()
    assert content_security_policy().startswith("default-src 'none';")
    metas = [attributes for tag, attributes in Page(PAGE).elements if tag == "meta"]
    assert content_security_policy() in [meta.get("content") for meta in metas]
    assert "width=device-width, initial-scale=1" in [meta.get("content") for meta in metas]


def test_names_are_escaped_and_stay_readable() -> None:
    """A name that is markup is shown as text, without what a terminal or a browser would act on."""
    assert "<script" not in PAGE
    assert "\u202e" not in PAGE
    assert "\x1b" not in PAGE
    assert any('<script>alert("x")</script>&amp;' in text for text in Page(PAGE).texts)
    assert HOSTILE not in PAGE


def test_each_bar_is_also_a_sentence() -> None:
    """Every bar and every timeline is an image with its sentence; the level is in it in words."""
    images = [a for tag, a in Page(PAGE).elements if tag == "svg" and a.get("aria-hidden") != "true"]
    assert {image.get("role") for image in images} == {"img"}
    sentences = [image.get("aria-label") or "" for image in images]
    assert "checkout: $20.00 of $50.00 spent, 40 %, within limit" in sentences
    assert any(sentence.endswith("125 %, limit used up") for sentence in sentences)
    assert any("next 2027-01-25 (overdue)" in sentence for sentence in sentences)


def test_levels_differ_otherwise_than_by_colour() -> None:
    """High and used up have hatchings of their own, and each level its words."""
    for words in ("✓ within limit", "▲ near its limit", "✖ limit used up", "✖ no such key"):
        assert words in PAGE
    for pattern in ("hatch-high", "hatch-full"):
        assert f'id="{pattern}"' in PAGE
        assert f'fill="url(#{pattern})"' in PAGE


def test_spending_beyond_the_limit_shows_where_the_limit_was() -> None:
    """At 125 percent the limit's mark stands at 80 percent of the bar."""
    marks = [a for tag, a in Page(PAGE).elements if tag == "line" and a.get("class") == "limit-mark"]
    assert [mark["x1"] for mark in marks] == ["80%"]


def test_a_stack_without_services_has_a_page() -> None:
    """An empty report says so."""
    report = every_kind_of_report()
    assert "This stack has no services." in as_html(type(report)("dev", report.at, None, ()))
