"""Services are cut out of one config file and put into another, with their comments, and the rest as it was."""

from textwrap import dedent

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.moving.stack_file import (
    entries_of,
    services_of,
    settings_of,
    with_services,
    with_settings,
    without_services,
)

SOURCE = dedent(
    """\
    # The team's own.
    config:
      aws:region: us-east-1
      openrouter-keys:namePrefix: acme/dev  # stays
      openrouter-keys:services:
        # Pays the bills.
        checkout:
          limit: 50  # USD
          readers:
          - arn:aws:iam::123456789012:role/checkout
          # ours
          tags: {Team: pay}

        # Finds things.
        search: {limit: 10, limitReset: daily}
        support-bot:
          limit: 2.50
    # After it all.
    encryptionsalt: v1:abc=
    """
)
TARGET = dedent(
    """\
    config:
      aws:region: us-east-1
      openrouter-keys:services:
          mail:
              limit: 1  # little
      openrouter-keys:namePrefix: acme/dev
    encryptionsalt: v1:def=
    """
)


def test_a_service_is_cut_out_with_its_comments_and_nothing_else() -> None:
    """Without a service the file has every other line as it was."""
    left = without_services(SOURCE, "", ["checkout"])
    gone = {"# Pays the bills.", "checkout:", "limit: 50  # USD", "readers:", "# ours", "tags: {Team: pay}"}
    gone.add("- arn:aws:iam::123456789012:role/checkout")
    assert [line for line in SOURCE.splitlines() if line.strip() not in gone] == left.splitlines()


def test_a_service_arrives_with_its_comments_in_the_indentation_of_the_file() -> None:
    """It stands after the file's own services, its changed settings at its end."""
    changes = {"checkout": {"tags": {"Team": "pay", "Environment": "dev"}}}
    after = with_services(TARGET, "", entries_of(SOURCE, "", changes))
    assert after == TARGET.replace(
        "# little\n",
        "# little\n"
        "      # Pays the bills.\n"
        "      checkout:\n"
        "        limit: 50  # USD\n"
        "        readers:\n"
        "        - arn:aws:iam::123456789012:role/checkout\n"
        "        # ours\n"
        '        tags: {"Team": "pay", "Environment": "dev"}\n',
    )


@pytest.mark.parametrize(
    "target",
    [
        "",
        "encryptionsalt: v1:def=\n",
        "config: {}\nencryptionsalt: v1:def=\n",
        "config:\n  openrouter-keys:services: {}\n",
        "config:\n  openrouter-keys:services: {mail: {limit: 1, limitReset: daily}}\n  aws:region: us-east-1\n",
        "config: {aws:region: us-east-1}\n",
        TARGET,
    ],
)
@pytest.mark.parametrize("name", ["checkout", "search", "support-bot"])
@pytest.mark.parametrize("changes", [{}, {"tags": {"Environment": "dev"}, "limitReset": None}])
def test_any_service_arrives_in_any_file(target: str, name: str, changes: dict[str, object]) -> None:
    """Whatever way the file is written in, afterwards it has the service, and all that it had."""
    wish = services_of(settings_of(SOURCE, ""))[name]
    before = settings_of(target, "")
    after = settings_of(with_services(target, "", entries_of(SOURCE, "", {name: changes})), "")
    services = {**services_of(before), name: {**wish, **changes}}
    assert after == {**before, "openrouter-keys:services": services}
    assert list(services_of(after)) == list(services)


@pytest.mark.parametrize(
    "source",
    [
        SOURCE,
        "config:\n  openrouter-keys:services: {checkout: {limit: 1}, search: {limit: 2}}\n",
        "config: {'openrouter-keys:services': {checkout: {limit: 1}, search: {limit: 2}}}\n",
        "config:\n  services:\n    checkout: {limit: 1}\n    search:\n      limit: 2\n",
    ],
)
def test_any_service_leaves_any_file(source: str) -> None:
    """Whatever way the file is written in, it lacks the services afterwards, and nothing else."""
    before = settings_of(source, "")
    for names in (["checkout"], ["search"], ["search", "checkout"], list(services_of(before))):
        after = settings_of(without_services(source, "", names), "")
        assert services_of(after) == {n: wish for n, wish in services_of(before).items() if n not in names}
        assert {**after, "openrouter-keys:services": 0, "services": 0} == {
            **before,
            "openrouter-keys:services": 0,
            "services": 0,
        }


def test_settings_are_added_to_any_file() -> None:
    """A setting that a file lacks is written into it, encrypted values too."""
    added = {"openrouter-keys:defaults": {"limit": 25, "rotation": {"every": "90d"}}, "x:y": {"secure": "v1:a"}}
    for text in ("", TARGET, "config: {}\n", "encryptionsalt: v1:def=\n"):
        assert settings_of(with_settings(text, "", added), "") == {**settings_of(text, ""), **added}


def test_what_can_not_be_read_is_refused_by_the_name_of_the_file() -> None:
    """An alias would say something else elsewhere."""
    with pytest.raises(ConfigurationError, match=r"Pulumi\.dev\.yaml can't be edited: it has an alias"):
        settings_of("config:\n  a: &x {b: 1}\n  c: *x\n", "Pulumi.dev.yaml")
