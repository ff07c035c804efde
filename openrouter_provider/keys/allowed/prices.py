"""What a model costs at most, and a ceiling of that: USD for a million tokens."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ...api.models import ModelRecord
from ..checks import check_limit, check_printable
from ..fields import UNKNOWN
from ..list_checks import check_texts
from ..nested import name_problem
from ..sameness import has_unknown

TOKENS = 1_000_000
PARTS = ("prompt", "completion")
_PRICED_AS = {"prompt": ("prompt",), "completion": ("completion", "internal_reasoning")}
"""By part of a ceiling, the prices that it bounds; both are of one token."""
_SLUG = re.compile(r"~?[A-Za-z0-9][\w.-]{0,100}/[A-Za-z0-9][\w.-]{0,150}(?::[\w-]{1,50})?", re.ASCII)
EXAMPLE = "openai/gpt-4o-mini"

Ceiling = Mapping[str, float]
"""By part, what a million tokens may cost; a part that is missing may cost anything."""


def check_slug(value: object) -> str:
    """Return a model's slug.

    Raises:
        ValueError: it has not the form of one.
    """
    text = check_printable(value)
    if not _SLUG.fullmatch(text):
        raise ValueError(f"must be a model's slug, like {EXAMPLE}")
    return text


def check_slugs(value: object) -> Any:
    """Return a set of slugs as a sorted list; one with unknown parts as it is.

    Raises:
        ValueError: no list of slugs, or an empty one.
    """
    return value if has_unknown(value) else [check_slug(text) for text in check_texts(value)]


def check_max_price(value: object) -> Any:
    """Return a ceiling by its parts; a number is the ceiling of both.

    >>> check_max_price(2), check_max_price({"completion": 10})
    ({'prompt': 2, 'completion': 2}, {'completion': 10})

    Raises:
        ValueError: neither a number nor an object of these two.
    """
    if has_unknown(value):
        return UNKNOWN
    if not isinstance(value, Mapping):
        return dict.fromkeys(PARTS, check_limit(value))
    given = {name: part for name, part in value.items() if part is not None}
    problem = name_problem([*given], [], PARTS) or ("" if given else "must have prompt, completion or both")
    if problem:
        raise ValueError(problem)
    return {name: check_limit(given[name]) for name in PARTS if name in given}


@dataclass(frozen=True)
class Offer:
    """A model as a guardrail knows it: under one immutable slug, with all variants that have it.

    Attributes:
        slug: the immutable one.
        names: all slugs that mean it.
        costs: by part, what a million tokens of its dearest variant cost at most; None where no price says that.
        only_text: whether it answers with text and nothing else.
        removed_after: the day after which OpenRouter may remove it; None where none is set.
    """

    slug: str
    names: frozenset[str]
    costs: Mapping[str, Decimal] | None
    only_text: bool
    removed_after: str | None = None


def offers(records: Iterable[ModelRecord]) -> list[Offer]:
    """Return the models of a listing.

    A guardrail allows immutable slugs, and a free variant has its paid sibling's: who may call one may call the other.
    So they are one model, which costs what the dearer one does.
    """
    groups: dict[str, list[ModelRecord]] = {}
    for record in records:
        groups.setdefault(record.canonical_slug or record.id, []).append(record)
    return [_offer(slug, group) for slug, group in sorted(groups.items())]


def _offer(slug: str, group: Collection[ModelRecord]) -> Offer:
    each = [_costs(record.pricing) for record in group]
    known = [costs for costs in each if costs is not None]
    costs = {part: max(one[part] for one in known) for part in PARTS} if len(known) == len(each) else None
    only_text = all(set(record.output_modalities) <= {"text"} for record in group)
    days = [record.expiration_date for record in group if record.expiration_date]
    return Offer(slug, frozenset({slug, *(record.id for record in group)}), costs, only_text, min(days, default=None))


def _costs(pricing: Mapping[str, Any]) -> Mapping[str, Decimal] | None:
    """Return what a million tokens cost at most, under whichever condition; None where that isn't all of the price."""
    price = _price(pricing.get("request") or 0)
    if price is None or price > 0:
        return None
    conditions = [pricing, *(each for each in pricing.get("overrides") or () if isinstance(each, Mapping))]
    found: dict[str, Decimal] = {}
    for part, names in _PRICED_AS.items():
        given = [_price(each[name]) for each in conditions for name in names if each.get(name) is not None]
        known = [price for price in given if price is not None and price >= 0]
        if pricing.get(part) is None or len(known) < len(given):
            return None
        found[part] = max(known) * TOKENS
    return found


def _price(value: object) -> Decimal | None:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() else None


def dearer(offer: Offer, ceiling: Ceiling) -> Iterator[str]:
    """Yield in which ways a model costs more than a ceiling allows."""
    if offer.costs is None:
        yield "has no price by tokens alone, which maxPrice could be compared with"
        return
    for part, most in ceiling.items():
        if offer.costs[part] > Decimal(str(most)):
            yield f"costs {dollars(offer.costs[part])} for a million {part} tokens, above maxPrice {dollars(most)}"


def dollars(amount: float | Decimal) -> str:
    """Return an amount in USD with all its digits.

    >>> dollars(10), dollars(Decimal("0.075")), dollars(0.5)
    ('$10.00', '$0.075', '$0.50')
    """
    text = f"{Decimal(str(amount)):f}"
    whole, _, fraction = text.partition(".")
    return f"${whole}.{fraction.rstrip('0'):0<2}"
