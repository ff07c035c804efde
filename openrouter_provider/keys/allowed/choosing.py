"""Which models a service's guardrail allows: those that are named, or those that a ceiling of price leaves.

A list that was derived from prices is kept as it was derived. By itself it only gets shorter: a model that has become
dearer leaves it. Another ceiling derives it anew, so that only a change of the program lets a key call more.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ...api.models import ModelRecord
from ..fields import UNKNOWN, Failures, Props
from ..sameness import has_unknown
from .prices import Ceiling, Offer, dearer, offers

MODELS, MAX_PRICE, ALLOWED, DERIVED = "models", "max_price", "allowed_models", "derived_models"
NOTHING_LEFT = "leaves no model that OpenRouter offers: raise it"
SHOWN_MODELS = 5


def by_name(records: Iterable[ModelRecord]) -> dict[str, Offer]:
    """Return the offered models under every slug that means one."""
    return {name: offer for offer in offers(records) for name in offer.names}


def wrong_models(
    models: Sequence[str], ceiling: Ceiling | None, offered: Mapping[str, Offer]
) -> Iterator[tuple[int, str]]:
    """Yield which of the named models may not stand there, by their places, and why.

    Args:
        models: slugs.
        ceiling: what a million tokens may cost; None for any price.
        offered: what there is, by name.
    """
    for place, slug in enumerate(models):
        if slug not in offered:
            yield place, f"{slug} is no model that OpenRouter offers; {_meant(slug, offered)}"
        elif ceiling is not None:
            for what in dearer(offered[slug], ceiling):
                yield place, f"{slug} {what}: take it out, or raise maxPrice"
                break


def _meant(slug: str, offered: Collection[str]) -> str:
    base = slug.partition(":")[0]
    close = [base] if base != slug and base in offered else get_close_matches(slug[:200], sorted(offered), n=1)
    return f"did you mean {close[0]}?" if close else "correct it, or take it out (https://openrouter.ai/models)"


def derived(ceiling: Ceiling, offered: Mapping[str, Offer]) -> list[str]:
    """Return the models that answer with text alone and cost no more than the ceiling, by their immutable slugs."""
    return sorted({each.slug for each in offered.values() if each.only_text and not any(dearer(each, ceiling))})


def too_dear(kept: Iterable[str], ceiling: Ceiling, offered: Mapping[str, Offer]) -> dict[str, str]:
    """Return which models of a list now cost more than the ceiling, and how; what is gone costs nothing."""
    found = {slug: next(dearer(offered[slug], ceiling), "") for slug in kept if slug in offered}
    return {slug: what for slug, what in found.items() if what}


def settled(
    before: Mapping[str, Any],
    inputs: Props,
    listing: Callable[[], Mapping[str, Offer]],
    warn: Callable[[str], None],
) -> tuple[Props, Failures]:
    """Return a guardrail's inputs with the models that it allows, and what is wrong with the wish.

    Args:
        before: the inputs until now.
        inputs: the checked ones.
        listing: returns what there is, by name; it is asked only where a model or a price is wished for.
        warn: tells what has left a list by itself.
    """
    models, ceiling = inputs.get(MODELS), inputs.get(MAX_PRICE)
    if models is None and ceiling is None:
        return inputs, {}
    if inputs.get(ALLOWED) is not None:
        return inputs, {ALLOWED: f"contradicts {MODELS if models is not None else MAX_PRICE}: give one of the two"}
    if has_unknown(models) or has_unknown(ceiling):
        return {**inputs, ALLOWED: UNKNOWN}, {}
    if models is not None:
        wrong = [what for _, what in wrong_models(models, ceiling, listing())]
        return {**inputs, ALLOWED: models}, {MODELS: f"can't be allowed: {'; '.join(wrong)}"} if wrong else {}
    left = _left(before, dict(ceiling or {}), listing(), warn)
    if not left:
        return inputs, {MAX_PRICE: NOTHING_LEFT}
    return {**inputs, ALLOWED: left, DERIVED: left}, {}


def _left(
    before: Mapping[str, Any], ceiling: Ceiling, offered: Mapping[str, Offer], warn: Callable[[str], None]
) -> list[str]:
    known = before.get(DERIVED)
    if not known or before.get(MODELS) is not None or before.get(MAX_PRICE) != ceiling:
        return derived(ceiling, offered)
    gone = too_dear(known, ceiling, offered)
    if gone:
        shown = "; ".join(f"{slug} {what}" for slug, what in sorted(gone.items())[:SHOWN_MODELS])
        more = f"; and {len(gone) - SHOWN_MODELS} more" if len(gone) > SHOWN_MODELS else ""
        warn(
            f"{before.get('name')}: models leave the list that maxPrice allows, since their prices rose: {shown}{more}"
        )
    return [slug for slug in known if slug not in gone]
