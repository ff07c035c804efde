"""`python -m openrouter_service "question"`: ask once; without a question, answer each line of the input."""

import argparse
import os
import sys
from collections.abc import Iterable

from openrouter_service.credentials import CredentialsUnreadable, source_for
from openrouter_service.failures import ServiceError
from openrouter_service.service import DEFAULT_MODEL, DEFAULT_TIMEOUT_SECONDS, OpenRouterService


def main() -> int:
    """Answer, and return 0, or 1 when a question found no answer."""
    wishes = _parser().parse_args()
    try:
        service = OpenRouterService(source_for(os.environ), model=wishes.model, timeout_seconds=wishes.timeout)
        print(service.key_status(), file=sys.stderr, flush=True)
    except (CredentialsUnreadable, ServiceError) as error:
        return _failed(error)
    return answer_all(service, [" ".join(wishes.question)] if wishes.question else sys.stdin)


def answer_all(service: OpenRouterService, questions: Iterable[str]) -> int:
    """Answer each question; one that fails stops none after it."""
    code = 0
    for question in questions:
        try:
            print(service.ask(question.strip()), flush=True)
        except (CredentialsUnreadable, ServiceError) as error:
            code = _failed(error)
    return code


def _failed(error: Exception) -> int:
    print(f"error: {error}", file=sys.stderr, flush=True)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="openrouter_service", description="Ask a model on OpenRouter.")
    parser.add_argument("question", nargs="*", help="what to ask; without it, each line of the input is a question")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    parser.add_argument(
        "--timeout", type=float, default=DEFAULT_TIMEOUT_SECONDS, metavar="SECONDS", help="default: %(default)g"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
