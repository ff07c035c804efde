"""The stack's config: every problem at once, by full path, with its fix and without any value."""

import json
from typing import Any

import pytest

from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import StackConfig, parse_stack_config

COPY = {"namespace": "shop", "clusterSecretStore": "aws"}
Props = dict[str, Any]
CANARY = "sk-or-v1-" + "c" * 24
PREFIX = "openrouter-keys/dev"
ASCII_URL = "must be ASCII, as it is sent in a header: a host as xn--NAME, other characters as %XX"
ASCII_TITLE = "must be ASCII without spaces at its ends, as it is sent in a header: spell accents out"
UUID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"


def parsed(services: Any, **more: Any) -> StackConfig:
    """Return the checked config of these services."""
    return parse_stack_config({"services": services, **more}, PREFIX)


def problems(services: Any = None, **more: Any) -> dict[str, str]:
    """Return what is wrong with a config, by path."""
    with pytest.raises(StackConfigError) as caught:
        parsed(services, **more)
    found = caught.value.problems
    assert len({problem.path for problem in found}) == len(found)
    return {problem.path: problem.what for problem in found}


def problems_of(setting: str, value: Any) -> dict[str, str]:
    """Return what is wrong with a service that is right but for one setting."""
    return problems({"checkout": {"limit": 5, setting: value}})


@pytest.mark.parametrize(
    ("setting", "value", "what"),
    [
        ("limit", -1, "must be a finite number of USD, 0 or more"),
        ("limit", float("inf"), "must be a finite number of USD, 0 or more"),
        ("limit", float("nan"), "must be a finite number of USD, 0 or more"),
        ("limit", 10**400, "must be a finite number of USD, 0 or more"),
        ("limit", "1,000", "must be a number of USD"),
        ("limit", True, "must be a number of USD"),
        ("limit", [50], "must be a number of USD"),
        ("limitReset", "hourly", "must be daily, weekly or monthly (or left out for no reset)"),
        ("unlimited", True, "contradicts limit: give one of the two"),
        ("unlimited", "perhaps", "must be true or false"),
        ("disabled", [], "must be true or false"),
        ("includeByokInLimit", 7, "must be true or false"),
        ("emergency", True, "needs rotateNow: set a new token beside it"),
        ("expiresAt", "2028-01-01", "must be ISO 8601 in UTC with seconds, like 2027-12-31T23:59:59Z"),
        ("expiresAt", "2028-02-30T00:00:00Z", "is not a date that exists, like 2027-12-31T23:59:59Z"),
        ("workspaceId", "team", "must be a workspace's UUID"),
        ("workspace", True, "must be a text: put it in quotes, or set it with `pulumi config set --type string`"),
        ("guardrails", "cheap", "must be a list"),
        ("guardrails", ["a", "b"], "must be one at most: OpenRouter binds a key to one guardrail, the last assigned"),
        ("creatorUserId", "", "must be a text that is not empty"),
        ("rotateNow", True, "must be a text: put it in quotes, or set it with `pulumi config set --type string`"),
        ("rotateNow", "a\x1b[31m", "must not have control or direction characters"),
        ("rotation", "90d", "must be an object of settings, or null"),
        ("rotation", {"every": "7d", "overlap": "7d"}, "overlap must be shorter than every"),
        ("adopt", "hash", "must be an object of settings, or null"),
        ("secretName", "has spaces", "must be 1 to 512 of the characters A-Z a-z 0-9 / _ + = . @ -"),
        ("kmsKeyId", " ", "must be a text that is not empty"),
        ("recoveryWindowInDays", 5, "must be 0 (delete at once) or 7 to 30 days"),
        ("recoveryWindowInDays", 31, "must be 0 (delete at once) or 7 to 30 days"),
        ("recoveryWindowInDays", True, "must be 0 (delete at once) or 7 to 30 days"),
        ("recoveryWindowInDays", "7d", "must be 0 (delete at once) or 7 to 30 days"),
        ("tags", ["a"], "must be an object of texts by name"),
        ("readers", "arn:aws:iam::123456789012:role/checkout", "must be a list"),
        ("appUrl", "checkout.example.com", "must be a URL like https://checkout.example.com"),
        ("appUrl", "ftp://checkout.example.com", "must be a URL like https://checkout.example.com"),
        ("appUrl", "http://[half", "must be a URL like https://checkout.example.com"),
        ("appUrl", "https://käse.example", ASCII_URL),
        ("appUrl", "https://a.example/my shop", ASCII_URL),
        ("appTitle", "line\nbreak", "must not have control or direction characters"),
        ("appTitle", "Café", ASCII_TITLE),
        ("appTitle", "Søk → find", ASCII_TITLE),
        ("appTitle", " Checkout", ASCII_TITLE),
        ("format", "yaml", "must be 'json' or 'plain'"),
    ],
)
def test_a_wrong_setting_is_named_by_its_path(setting: str, value: Any, what: str) -> None:
    """One wrong setting of one service is one problem, under its full path, with the fix."""
    assert problems_of(setting, value) == {f"services.checkout.{setting}": what}


@pytest.mark.parametrize(
    ("setting", "value", "path", "what"),
    [
        ("rotation", {"every": "90"}, "rotation.every", "must be a duration such as 90d"),
        ("rotation", {"overlap": "soon"}, "rotation.overlap", "must be a duration such as 90d"),
        ("rotation", {"every": "40000d"}, "rotation.every", "must be at most 100 years"),
        ("rotation", {"stagger": "some"}, "rotation.stagger", "must be true or false"),
        ("rotation", {"evry": "90d"}, "rotation.evry", "did you mean every?"),
        ("adopt", {"key": "value"}, "adopt.hash", "is missing"),
        ("adopt", {"hash": "../x", "key": "value"}, "adopt.hash", "must be a key's hash"),
        ("adopt", {"hash": "abc"}, "adopt.key", "is missing"),
        ("tags", {"Team": 5.5}, "tags.Team", "must be a text: put it in quotes"),
        ("readers", ["*"], "readers.0", "no wildcards"),
        ("readers", ["arn:aws:iam::123456789012:role/*"], "readers.0", "no wildcards"),
        ("readers", ["arn:aws:s3:::bucket"], "readers.0", "must be the ARN of one role, user or account"),
        ("readers", ["arn:aws:iam::123456789012:role/a", 5], "readers.1", "must be the ARN"),
    ],
)
def test_a_wrong_part_of_a_setting_is_named_by_its_path(setting: str, value: Any, path: str, what: str) -> None:
    """Inside objects and lists the path goes on to the part that is wrong."""
    found = problems_of(setting, value)
    assert list(found) == [f"services.checkout.{path}"]
    assert what in found[f"services.checkout.{path}"]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"defaults": {"rotation": {"every": "never"}}}, "defaults.rotation.every"),
        ({"defaults": {"limit": -5}}, "defaults.limit"),
        ({"defaults": {"limitReset": "hourly"}}, "defaults.limitReset"),
        ({"defaults": {"limit": 5, "unlimited": True}}, "defaults.unlimited"),
        ({"defaults": "limit 5"}, "defaults"),
        ({"defaults": {"limt": 5}}, "defaults.limt"),
        ({"maxLimit": "much"}, "maxLimit"),
        ({"maxLimit": -1}, "maxLimit"),
        ({"namePrefix": "has spaces"}, "namePrefix"),
        ({"namePrefix": "/acme"}, "namePrefix"),
        ({"namePrefix": "a" * 151}, "namePrefix"),
        ({"namePrefix": 5}, "namePrefix"),
    ],
)
def test_what_is_wrong_outside_the_services_is_said_once(raw: Props, path: str) -> None:
    """A wrong default is reported where it stands, and not again by each of the services that have it."""
    services = {"checkout": {"limit": 1}, "search": {"limit": 2}, "support": {"limit": 3}}
    assert list(problems(services, **raw)) == [path]


@pytest.mark.parametrize("services", [None, [], "checkout", 5])
def test_services_must_be_an_object(services: Any) -> None:
    """A stack without a services object says how one looks."""
    assert problems(services) == {"services": "must be an object of services by name, like {checkout: {limit: 50}}"}


@pytest.mark.parametrize("name", ["", "has space", "-dash", "a" * 64, "slash/ed", "escape\x1b[31m", "half\ud800"])
def test_a_service_s_name_is_checked(name: str) -> None:
    """A name that no secret could have is refused, and shown without what a terminal would act on."""
    ((path, what),) = problems({name: {"limit": 5}}).items()
    assert what.startswith("is no service name")
    assert path.isprintable()


@pytest.mark.parametrize("wish", ["limit 5", 5, [], True])
def test_a_service_must_be_an_object(wish: Any) -> None:
    """A service that is a bare value says how one looks."""
    assert problems({"checkout": wish}) == {"services.checkout": "must be an object of settings, like {limit: 50}"}


@pytest.mark.parametrize("wish", [{}, None, {"limit": None}, {"unlimited": False}])
def test_a_service_without_any_limit_is_an_error(wish: Any) -> None:
    """A key without a limit has to be asked for."""
    assert problems({"checkout": wish}) == {
        "services.checkout.limit": "is missing: give a limit in USD, or unlimited: true"
    }


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("limt", "did you mean limit?"),
        ("limit_reset", "did you mean limitReset?"),
        ("Readers", "did you mean readers?"),
        ("rotatenow", "did you mean rotateNow?"),
        ("recoveryWindow", "did you mean recoveryWindowInDays?"),
        ("zzz", "known settings: adopt, aliases"),
    ],
)
def test_a_misspelt_setting_is_an_error_with_a_suggestion(name: str, hint: str) -> None:
    """A setting that does not exist is never ignored."""
    assert hint in problems_of(name, 5)[f"services.checkout.{name}"]


def test_all_problems_are_found_at_once() -> None:
    """One error lists everything that is wrong anywhere, each on a line of its own."""
    services = {
        "checkout": {"limit": -1, "limitReset": "hourly", "readers": ["*"]},
        "search": {"unlimted": True},
        "support": {"format": "yaml", "emergency": True},
        "bad name": {},
    }
    found = problems(services, namePrefix="a b", maxLimit=-1, defaults={"rotation": {"every": "x"}})
    assert set(found) == {
        "namePrefix",
        "maxLimit",
        "defaults.rotation.every",
        "services.checkout.limit",
        "services.checkout.limitReset",
        "services.checkout.readers.0",
        "services.search.unlimted",
        "services.search.limit",
        "services.support.format",
        "services.support.limit",
        "services.support.emergency",
        "services.bad name",
    }


def test_the_error_reads_as_a_list() -> None:
    """The message counts the problems, says that nothing happened, and has a line for each."""
    with pytest.raises(StackConfigError) as caught:
        parsed({"checkout": {"limit": -1, "format": "yaml"}})
    assert str(caught.value).splitlines() == [
        "2 problems in the stack config; nothing was changed:",
        "  services.checkout.limit: must be a finite number of USD, 0 or more",
        "  services.checkout.format: must be 'json' or 'plain'",
    ]


SETTINGS = [
    "limit",
    "limitReset",
    "unlimited",
    "disabled",
    "includeByokInLimit",
    "expiresAt",
    "workspace",
    "workspaceId",
    "guardrails",
    "creatorUserId",
    "rotation",
    "rotateNow",
    "emergency",
    "adopt",
    "secretName",
    "kmsKeyId",
    "recoveryWindowInDays",
    "tags",
    "readers",
    "appUrl",
    "format",
]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    "value",
    [
        CANARY + " \n",
        f"http://[{CANARY}]/",
        f"https://{CANARY}\u2100.example",
        [CANARY + "\x00"],
        {"every": CANARY, "hash": CANARY + "!", "key": [CANARY], "Team": [CANARY]},
    ],
    ids=["text", "bracketed-url", "odd-url", "list", "object"],
)
def test_no_value_is_ever_quoted(setting: str, value: Any) -> None:
    """A secret in the wrong place shows neither in the message, nor in the repr, nor in a chained error."""
    with pytest.raises(StackConfigError) as caught:
        parsed({"checkout": {"limit": 5, setting: value, "limitReset": "hourly"}}, defaults={setting: value})
    shown = [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    assert CANARY not in "".join(shown)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_config_does_not_show_an_adopted_value() -> None:
    """The checked config's repr leaves the value of an adopted key out."""
    config = parsed({"checkout": {"limit": 5, "adopt": {"hash": "abc", "key": CANARY}}})
    assert CANARY not in repr(config)


def test_defaults_hold_for_every_service() -> None:
    """What a service does not say comes from the defaults; what it says wins."""
    defaults = {"limit": 25, "limitReset": "monthly", "format": "plain"}
    services = parsed({"a": {}, "b": {"limit": 5, "limitReset": None}, "c": None}, defaults=defaults).services
    assert [(s.limit, s.limit_reset, s.format) for s in services.values()] == [
        (25, "monthly", "plain"),
        (5, None, "plain"),
        (25, "monthly", "plain"),
    ]


@pytest.mark.parametrize(
    ("wish", "rotation"),
    [
        ({}, ("60d", "3d", False)),
        ({"rotation": {"overlap": "1d"}}, ("60d", "1d", False)),
        ({"rotation": {"every": "30d", "stagger": True}}, ("30d", "3d", True)),
        ({"rotation": {}}, ("60d", "3d", False)),
        ({"rotation": None}, None),
    ],
)
def test_rotation_is_merged_part_by_part(wish: Props, rotation: Any) -> None:
    """A service changes single parts of the default rotation; null switches it off."""
    defaults = {"limit": 5, "rotation": {"every": "60d", "overlap": "3d", "stagger": False}}
    found = parsed({"a": wish}, defaults=defaults).services["a"].rotation
    assert (found and (found.every, found.overlap, found.stagger)) == rotation


def test_rotation_has_defaults_of_its_own() -> None:
    """A rotation is every ninety days with a week's overlap, staggered; a service that names none has none."""
    services = parsed({"a": {"limit": 5, "rotation": {}}, "b": {"limit": 5}}).services
    assert services["a"].rotation is not None
    assert services["a"].rotation.model_dump() == {"every": "90d", "overlap": "7d", "stagger": True}
    assert services["b"].rotation is None


def test_tags_are_merged() -> None:
    """A service's tags are added to the default ones, and win."""
    defaults = {"limit": 5, "tags": {"Team": "core", "Cost": "1"}}
    assert parsed({"a": {"tags": {"Team": "shop"}}}, defaults=defaults).services["a"].tags == {
        "Team": "shop",
        "Cost": "1",
    }


def test_unlimited_and_a_limit_override_each_other_s_default() -> None:
    """A service that is unlimited drops a default limit, and one with a limit drops a default of unlimited."""
    assert parsed({"a": {"unlimited": True}}, defaults={"limit": 5}).services["a"].limit is None
    assert parsed({"a": {"limit": 5}}, defaults={"unlimited": True}).services["a"].unlimited is False


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"limit": 100.01}, "services.a.limit"),
        ({"unlimited": True}, "services.a.unlimited"),
        ({}, "services.a.limit"),
    ],
)
def test_no_service_exceeds_the_ceiling(wish: Props, path: str) -> None:
    """Neither a limit, nor a default, nor the absence of a limit goes past maxLimit."""
    assert list(problems({"a": wish, "b": {"limit": 100}}, maxLimit=100, defaults={"limit": 500})) == [path]


def test_a_limit_at_the_ceiling_is_fine() -> None:
    """The ceiling itself is allowed, and without one any limit is."""
    assert parsed({"a": {"limit": 100}}, maxLimit=100).services["a"].limit == 100
    assert parsed({"a": {"limit": 10**6}}).services["a"].limit == 10**6


@pytest.mark.parametrize(
    "other",
    [
        {"externalSecret": {**COPY, "name": "key"}},
        {"secretName": "Key", "externalSecret": COPY},
        {"secretName": "key", "store": "kubernetes", "kubernetes": {"namespace": "shop"}},
    ],
)
def test_two_services_cannot_share_a_secret_of_a_namespace(other: Props) -> None:
    """A copy's name is its own in its namespace, whatever the service's store; in another one it may be the same."""
    copied = {"externalSecret": {**COPY, "name": "key"}}
    ((path, what),) = problems({"a": other, "b": copied}, defaults={"limit": 5}).items()
    assert (path, what) == (
        "services.b.externalSecret.name",
        "is the Secret of a in its namespace too: give each its own",
    )
    elsewhere = {"externalSecret": {**COPY, "name": "key", "namespace": "other"}}
    assert set(parsed({"a": other, "b": elsewhere}, defaults={"limit": 5}).services) == {"a", "b"}


@pytest.mark.parametrize(
    "services",
    [
        {"a": {"secretName": "shared"}, "b": {"secretName": "shared"}},
        {"a": {}, "b": {"secretName": f"{PREFIX}/a/openrouter"}},
    ],
)
def test_two_services_cannot_share_a_secret(services: Props) -> None:
    """The second of two services with one secret name is told the first one's."""
    assert problems(services, defaults={"limit": 5}) == {
        "services.b.secretName": "is the secret of a too: give each its own"
    }


@pytest.mark.parametrize(
    ("one", "other", "setting", "owner"),
    [
        ({"adopt": "pay"}, {"adopt": "pay"}, ".adopt", "workspaces.one.adopt"),
        ({"slug": "pay"}, {"slug": "pay"}, ".slug", "workspaces.one.slug"),
        ({"slug": "pay"}, {"adopt": "pay"}, ".adopt", "workspaces.one.slug"),
        ({}, {"slug": "one"}, ".slug", "workspaces.one"),
    ],
)
def test_two_workspaces_cannot_be_one(one: Props, other: Props, setting: str, owner: str) -> None:
    """Their budgets would contradict each other in every run; the second is told the first one's path."""
    budgets = {"budgets": {"daily": 1}}
    wishes = {
        "one": {**one, **budgets, "includeByokInBudgets": True},
        "other": {**other, "budgets": {"weekly": 9}, "includeByokInBudgets": False},
        "third": budgets,
    }
    assert problems({"a": {"limit": 1}}, workspaces=wishes) == {
        f"workspaces.other{setting}": f"is the workspace of {owner} too: declare it once, with all its budgets"
    }


def test_nothing_is_taken_over_twice() -> None:
    """One owner's rotation, or its removal, would delete the key that the other one's secret still holds."""
    adopt, id_ = {"adopt": {"hash": "a" * 64, "key": "k" * 20}}, "0df9e665-d932-5740-b2c7-b52af166bc11"
    services = {"one": {"limit": 1, **adopt}, "other": {"limit": 1, **adopt}}
    byok = {"one": {"provider": "openai", "adopt": id_}, "other": {"provider": "openai", "adopt": id_}}
    guardrails = {"one": {"adopt": id_}, "other": {"adopt": id_}}
    assert problems(services, byokKeys=byok, guardrails=guardrails) == {
        f"{place}.other.adopt{last}": f"takes over the same as {place}.one.adopt{last}: give it one owner"
        for place, last in (("services", ".hash"), ("byokKeys", ""), ("guardrails", ""))
    }


def test_names_that_draw_one_slug_are_one_workspace() -> None:
    """Slugs are drawn in lower case and with hyphens only."""
    assert problems({"a": {"limit": 1}}, workspaces={"Pay_EU": {}, "pay.eu": {}}) == {
        "workspaces.pay.eu": "is the workspace of workspaces.Pay_EU too: declare it once, with all its budgets"
    }


def test_a_secret_s_name_follows_from_prefix_and_service() -> None:
    """<namePrefix>/<service>/openrouter unless the service says otherwise; the default prefix is project/stack."""
    services = {"a": {"limit": 5}, "b": {"limit": 5, "secretName": "mine"}}
    assert parsed(services, namePrefix="acme/dev").secret_name("a") == "acme/dev/a/openrouter"
    assert parsed(services).secret_name("a") == f"{PREFIX}/a/openrouter"
    assert parsed(services).secret_name("b") == "mine"


def test_every_setting_of_the_contract_is_accepted() -> None:
    """A service may use all settings at once."""
    wish = {
        "limit": 50,
        "limitReset": "daily",
        "disabled": True,
        "includeByokInLimit": True,
        "expiresAt": "2030-01-01T00:00:00Z",
        "workspaceId": "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
        "creatorUserId": "user_1",
        "rotation": {"every": "1w2d", "overlap": "12h"},
        "rotateNow": "2027-01",
        "emergency": True,
        "adopt": {"hash": "abc", "key": "value"},
        "secretName": "acme/checkout",
        "kmsKeyId": "alias/checkout",
        "recoveryWindowInDays": 7,
        "tags": {"Team": "shop"},
        "readers": ["arn:aws:iam::123456789012:role/path/checkout", "arn:aws-cn:iam::123456789012:root"],
        "appUrl": "https://checkout.example.com/path?x=1",
        "appTitle": "Checkout: Kaese & more",
        "format": "plain",
    }
    service = parsed({"checkout": wish}).services["checkout"]
    assert service.workspace_id == "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    assert service.model_dump(by_alias=True, exclude_unset=True, mode="json") == {
        **wish,
        "rotation": {"every": "1w2d", "overlap": "12h"},
        "workspaceId": service.workspace_id,
    }


def test_a_service_names_its_workspace_and_guardrail() -> None:
    """Names lead to the sections of those names, also from the defaults."""
    config = parsed(
        {"a": {"limit": 1}, "b": {"limit": 1, "workspaceId": UUID, "guardrails": []}},
        defaults={"workspace": "shop", "guardrails": ["cheap"]},
        workspaces={"shop": {"budgets": {"monthly": 500}}},
        guardrails={"cheap": {"limit": 10, "limitReset": "daily", "workspace": "shop"}},
        byokKeys={"ours": {"provider": "openai", "key": CANARY, "workspace": "shop", "allowedServices": ["a"]}},
    )
    assert (config.services["a"].workspace, config.services["a"].guardrails) == ("shop", ("cheap",))
    assert (config.services["b"].workspace, config.services["b"].guardrails) == (None, ())
    assert CANARY not in repr(config)


@pytest.mark.parametrize(
    ("raw", "path", "what"),
    [
        ({"services": {"a": {"workspace": "shp"}}}, "services.a.workspace", "did you mean shop?"),
        ({"services": {"a": {"workspace": "x"}}}, "services.a.workspace", "is no name in workspaces; there are: shop"),
        ({"services": {"a": {"guardrails": ["chaep"]}}}, "services.a.guardrails.0", "did you mean cheap?"),
        ({"guardrails": {"cheap": {"workspace": "shp"}}}, "guardrails.cheap.workspace", "did you mean shop?"),
        (
            {"byokKeys": {"o": {"provider": "openai", "key": "k", "workspace": "shp"}}},
            "byokKeys.o.workspace",
            "did you mean shop?",
        ),
        (
            {"byokKeys": {"o": {"provider": "openai", "key": "k", "allowedServices": ["b", "a"]}}},
            "byokKeys.o.allowedServices.0",
            "is no name in services; there are: a",
        ),
        ({"services": {"a": {"workspace": CANARY}}}, "services.a.workspace", "holds an OpenRouter key"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error(raw: Props, path: str, what: str) -> None:
    """The error says where the name stands, and which names there are."""
    base: Props = {"services": {"a": {}}, "workspaces": {"shop": {}}, "guardrails": {"cheap": {}}}
    found = problems(**{**base, "defaults": {"limit": 1}, **raw})
    assert list(found) == [path]
    assert what in found[path]
    assert CANARY not in str(found)


@pytest.mark.parametrize(
    ("service", "guardrail", "refused"),
    [
        ({}, {}, None),
        ({"workspace": "shop"}, {"workspace": "shop"}, None),
        ({"workspace": "shop"}, {}, "is in the default workspace and the key in workspace shop"),
        ({}, {"workspace": "shop"}, "is in workspace shop and the key in the default workspace"),
        ({"workspace": "other"}, {"workspace": "shop"}, "is in workspace shop and the key in workspace other"),
        ({"workspace": "taken"}, {}, None),
        ({"workspace": "shop"}, {"workspace": "taken"}, None),
        ({"workspaceId": UUID}, {"workspace": "taken"}, None),
        ({"workspaceId": UUID}, {}, None),
        ({"workspace": "shop"}, {"adopt": UUID}, None),
        ({"workspace": "shop"}, {"adopt": UUID, "workspace": "other"}, "is in workspace other"),
    ],
)
def test_a_guardrail_is_in_its_key_s_workspace(service: Props, guardrail: Props, refused: str | None) -> None:
    """What OpenRouter would refuse after the key was made is refused before; what nobody can know is left to it."""
    workspaces = {"shop": {}, "other": {}, "taken": {"adopt": "default"}}
    services = {"a": {"limit": 1, "guardrails": ["cheap"], **service}}
    raw: Props = {"services": services, "workspaces": workspaces, "guardrails": {"cheap": guardrail}}
    if refused is None:
        assert parse_stack_config(raw, "acme/dev").services
    else:
        found = problems(**raw)
        assert list(found) == ["services.a.guardrails.0"]
        assert refused in found["services.a.guardrails.0"]


def test_a_section_that_is_wrong_is_not_missing_too() -> None:
    """What names a workspace with a wrong setting is right."""
    found = problems({"a": {"limit": 1, "workspace": "shop"}}, workspaces={"shop": {"slug": "A"}})
    assert list(found) == ["workspaces.shop.slug"]


def test_names_need_their_sections() -> None:
    """Without any workspace there is none to name."""
    found = problems({"a": {"limit": 1, "workspace": "shop"}})
    assert found == {"services.a.workspace": "is no name in workspaces; there are: none"}


def test_a_workspace_is_named_in_one_way() -> None:
    """An id beside a name is one too many."""
    wish = {"limit": 1, "workspace": "shop", "workspaceId": UUID}
    found = problems({"a": wish}, workspaces={"shop": {}})
    assert found == {"services.a.workspaceId": "contradicts workspace: give one of the two"}


@pytest.mark.parametrize(
    ("section", "settings", "path", "what"),
    [
        ("workspaces", {"name": ""}, "name", "must be a text that is not empty"),
        ("workspaces", {"name": "a" * 101}, "name", "must have at most 100 characters"),
        ("workspaces", {"slug": "Shop"}, "slug", "must be at most 50 characters: a-z and 0-9"),
        ("workspaces", {"slug": "a--b"}, "slug", "must be at most 50 characters: a-z and 0-9"),
        ("workspaces", {"description": "a" * 501}, "description", "must have at most 500 characters"),
        ("workspaces", {"budgets": {"monthly": 0}}, "budgets.monthly", "must be more than 0 USD"),
        ("workspaces", {"budgets": {"daily": 5, "monthly": 5}}, "budgets", "must rise with the interval"),
        ("workspaces", {"defaultProviderSort": "cheap"}, "defaultProviderSort", "must be 'price', 'throughput'"),
        ("workspaces", {"budgets": {"yearly": 5}}, "budgets.yearly", "known settings: daily, lifetime"),
        ("workspaces", {"budgets": 5}, "budgets", "must be an object of settings, or null"),
        ("workspaces", {"includeByokInBudgets": True}, "includeByokInBudgets", "needs budgets"),
        ("workspaces", {"adopt": "not a slug"}, "adopt", "must be the id or the slug"),
        ("guardrails", {"limit": 10}, "limitReset", "a guardrail's limit needs daily, weekly or monthly"),
        ("guardrails", {"limit": 0, "limitReset": "daily"}, "limit", "must be more than 0 USD"),
        ("guardrails", {"limitReset": "daily"}, "limit", "limitReset needs a limit"),
        ("guardrails", {"allowedModels": []}, "allowedModels", "must name one at least"),
        ("guardrails", {"allowedModels": "gpt"}, "allowedModels", "must be a list"),
        ("guardrails", {"ignoredProviders": ["a", "b\x1b"]}, "ignoredProviders.1", "control or direction"),
        ("guardrails", {"enforceZdr": {"antropic": True}}, "enforceZdr.antropic", "did you mean anthropic?"),
        ("guardrails", {"enforceZdr": "all"}, "enforceZdr", "must be an object of settings, or null"),
        ("guardrails", {"adopt": "cheap"}, "adopt", "must be an id, like"),
        ("byokKeys", {"provider": "OpenAI"}, "provider", "must be a vendor's slug"),
        ("byokKeys", {"key": None}, "key", "give the vendor's key, or adopt an existing one"),
        ("byokKeys", {"key": ""}, "key", "must be a text that is not empty"),
        ("byokKeys", {"allowedServices": []}, "allowedServices", "must name one service at least"),
        ("byokKeys", {"isFallback": 1}, "isFallback", "must be true or false"),
    ],
)
def test_a_wrong_setting_of_another_section_is_named(section: str, settings: Props, path: str, what: str) -> None:
    """Workspaces, guardrails and provider keys are checked as services are."""
    base = {"provider": "openai", "key": "k"} if section == "byokKeys" else {}
    found = problems({}, **{section: {"one": {**base, **settings}}})
    assert list(found) == [f"{section}.one.{path}"]
    assert what in str(found)


@pytest.mark.parametrize(
    ("section", "noun"), [("workspaces", "workspace"), ("guardrails", "guardrail"), ("byokKeys", "byokKey")]
)
def test_the_other_sections_are_objects_by_name(section: str, noun: str) -> None:
    """A bare value, a bad name and an entry that is no object say how it looks."""
    assert f"must be an object of {section} by name, like {{" in problems({}, **{section: 5})[section]
    assert f"is no {noun} name" in problems({}, **{section: {"a b": {}}})[f"{section}.a b"]
    assert "must be an object of settings, like {" in problems({}, **{section: {"a": 5}})[f"{section}.a"]


@pytest.mark.parametrize(
    ("wish", "vendors"),
    [(True, {True}), (False, {False}), ({"openai": True}, {True, None}), (None, None)],
)
def test_zero_data_retention_is_for_all_vendors_or_some(wish: Any, vendors: Any) -> None:
    """A bare boolean is for each vendor."""
    found = parsed({}, guardrails={"a": {"enforceZdr": wish}}).guardrails["a"].enforce_zdr
    assert (set(found.model_dump().values()) if found else None) == vendors


def test_every_problem_is_a_line_of_its_own() -> None:
    """A setting's name with a line break does not tear the list apart."""
    with pytest.raises(StackConfigError) as caught:
        parsed({"checkout": {"limit": 5, "line\nbreak\x1b[31m": 1}})
    assert all(line.isprintable() for line in str(caught.value).splitlines())
    assert len(str(caught.value).splitlines()) == 2


def test_a_config_read_from_json_is_the_same() -> None:
    """Numbers as JSON has them are the numbers of the config."""
    raw = json.loads('{"a": {"limit": 50.0}, "b": {"limit": 0}}')
    assert [service.limit for service in parsed(raw).services.values()] == [50, 0]


def test_an_alias_is_a_name_that_nobody_else_has() -> None:
    """An earlier name that is still a service, or that two services claim, would take a key from one of them."""
    services = {
        "shop": {"limit": 1, "aliases": ["checkout", "store"]},
        "bot": {"limit": 1, "aliases": ["store"]},
        "checkout": {"limit": 1},
    }
    assert problems(services) == {
        "services.shop.aliases.0": "is a service of this config: a renamed service's entry must be gone",
        "services.bot.aliases.0": "is an alias of shop too: leave it to the one that keeps the key",
    }
    assert parsed({"shop": {"limit": 1, "aliases": ["checkout"]}}).services["shop"].aliases == ("checkout",)
