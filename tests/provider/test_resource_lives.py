"""Every resource lives the same life, over the real dynamic provider host and the real HTTP of the simulator."""

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.openrouter import Control
from sandbox.plugins.wire import UNKNOWN
from tests.provider.dynamic_host import Host, HostError
from tests.provider.life import part
from tests.provider.lives import LIVES, OTHER_VENDOR_KEY, VENDOR_KEY, Ground, Life, living

Props = dict[str, Any]


def lived(*parts: str) -> pytest.MarkDecorator:
    """Run a test for each resource in whose life there are these parts."""
    found = living(*parts)
    return pytest.mark.parametrize("life", found.values(), ids=found.keys())


@pytest.fixture(scope="module")
def host(account: Control) -> Iterator[Host]:
    """Start one host for all of them: a start takes a second."""
    environment = {"OPENROUTER_MANAGEMENT_KEY": account.management_key, "OPENROUTER_BASE_URL": account.url}
    with Host(environment, {}) as started:
        yield started
        written = started.stop()
        assert not any(key in written for key in (VENDOR_KEY, OTHER_VENDOR_KEY))


@pytest.fixture
def ground(account: Control) -> Iterator[Ground]:
    """Prepare the account for one test, and clear it afterwards."""
    yield Ground.of(account)
    for key in account.byok_keys():
        account.delete_byok_key(key["id"])
    hashes: list[str] = [key["hash"] for key in account.keys()]
    for hash_ in hashes:
        account.delete_key(hash_)
    for workspace in account.workspaces():
        if workspace["id"] != account.default_workspace_id:
            account.delete_workspace(workspace["id"])  # and with it its default guardrail
    for guardrail in account.guardrails():
        account.delete_guardrail(guardrail["id"])
    for life in LIVES.values():
        if life.clear:
            life.clear(account)


class Resource:
    """One resource between the program and the host, as the engine keeps it."""

    def __init__(self, host: Host, life: Life, ground: Ground) -> None:
        self.id = ""
        self.inputs: Props = {}
        self.state: Props = {}
        self._host = host
        self._provider = serialize_provider(life.provider())
        self._control = ground.control

    def up(self, wish: Props) -> str:
        """Bring it to the wish; return what that took."""
        inputs = self.checked(self.inputs, wish)
        if not self.id:
            return self._create(inputs)
        diff = self._host.diff(self.id, self.state, inputs)
        if diff.replaces:
            doomed = (self.id, self.state)
            self._create(self.checked({}, wish))
            self._host.delete(*doomed)
            return "replace"
        if diff.changes == pb.DiffResponse.DIFF_NONE:
            self.inputs = inputs
            return "same"
        self.state = self._host.update(self.id, self.state, inputs)
        self.inputs = inputs
        return "update"

    def _create(self, inputs: Props) -> str:
        self.id, self.state = self._host.create(inputs)
        self.inputs = inputs
        return "create"

    def checked(self, olds: Props, wish: Props) -> Props:
        """Return the checked inputs; nothing may be wrong with them."""
        inputs, failures = self._host.check(olds, wish, self._provider)
        assert failures == {}
        return inputs

    def refresh(self) -> bool:
        """Take over what the API says; return whether that is something new."""
        before = (self.id, self.state, self.inputs)
        self.id, self.state, self.inputs = self._host.read(self.id, self.state)
        return (self.id, self.state, self.inputs) != before

    def gone(self) -> bool:
        """Whether a refresh says that it is deleted."""
        return self._host.read(self.id, self.state)[0] == ""

    def delete(self) -> None:
        """Delete it."""
        self._host.delete(self.id, self.state)

    def preview(self, wish: Props) -> Any:
        """Return the diff of a preview."""
        return self._host.diff(self.id, self.state, self.checked(self.inputs, wish))

    def writes(self) -> list[str]:
        """Return the operations that changed anything since the last look."""
        made = [call["operation"] for call in self._control.calls() if call["method"] != "GET"]
        self._control.clear_calls()
        return made


@pytest.fixture
def resource(host: Host, life: Life, ground: Ground) -> Resource:
    """Return a resource that is yet to be made."""
    ground.control.clear_calls()
    return Resource(host, life, ground)


@lived()
def test_it_is_created_with_one_call_and_then_left_alone(resource: Resource, life: Life, ground: Ground) -> None:
    """Creation is one write; the same wish again and a refresh change nothing."""
    wish = life.wish(ground)
    assert resource.up(wish) == "create"
    assert resource.writes() == life.created_by
    assert resource.up(wish) == "same"
    assert not resource.refresh()
    assert resource.up(wish) == "same"
    assert resource.writes() == []


@lived("change")
def test_a_change_is_one_write_in_place(resource: Resource, life: Life, ground: Ground) -> None:
    """An update keeps the id, and is silent the next time and in a refresh."""
    resource.up(life.wish(ground))
    id_ = resource.id
    resource.writes()
    wish = {**life.wish(ground), **part(life.change)(ground)}
    assert resource.up(wish) == "update"
    assert resource.writes() == life.changed_by
    assert resource.id == id_
    assert resource.up(wish) == "same"
    assert not resource.refresh()
    assert resource.up(wish) == "same"


@lived("replacing")
def test_what_cannot_be_changed_is_replaced(resource: Resource, life: Life, ground: Ground) -> None:
    """The new object is made before the old one is deleted, and only the new one is left in the end."""
    wish = life.wish(ground)
    resource.up(wish)
    first = resource.id
    assert resource.up({**wish, **part(life.replacing)(ground)}) == ("update" if life.succeeds else "replace")
    assert (resource.id == first) is life.succeeds
    assert not resource.gone()
    assert not resource.refresh()
    resource.delete()
    assert life.records(ground) == []


@lived("drift")
def test_drift_is_found_and_healed(resource: Resource, life: Life, ground: Ground) -> None:
    """What somebody changed by hand shows in a refresh, and the next up brings it back."""
    wish = life.wish(ground)
    resource.up(wish)
    part(life.drift)(ground, resource.id)
    assert resource.refresh()
    assert resource.up(wish) == "update"
    assert not resource.refresh()
    assert resource.up(wish) == "same"


@lived("vanish")
def test_what_was_deleted_by_hand_is_found_gone(resource: Resource, life: Life, ground: Ground) -> None:
    """A refresh says so, and deleting it nevertheless succeeds."""
    resource.up(life.wish(ground))
    part(life.vanish)(ground, resource.id)
    assert resource.gone()
    resource.delete()


@lived()
def test_it_is_deleted(resource: Resource, life: Life, ground: Ground) -> None:
    """Deletion leaves nothing of it, and doing it twice is no error."""
    resource.up(life.wish(ground))
    assert life.records(ground) != []
    resource.writes()
    resource.delete()
    assert resource.writes() == life.deleted_by
    assert life.records(ground) == []
    resource.delete()


@lived()
def test_an_existing_object_is_adopted_as_it_is(resource: Resource, life: Life, ground: Ground) -> None:
    """Taking an object over that is as wished changes nothing of it, and it stays adopted without the setting."""
    wish = life.adopt(ground)
    before = life.records(ground)
    assert resource.up(wish) == "create"
    assert resource.writes() == life.adopted_by
    assert life.records(ground) == before
    assert resource.up(wish) == "same"
    assert not resource.refresh()
    without = {name: value for name, value in wish.items() if not name.startswith("adopt")}
    assert resource.up({**without, "name_prefix": "acme/dev/later"}) == "same"
    assert resource.writes() == []


@lived("change")
def test_an_existing_object_is_brought_to_the_wish(resource: Resource, life: Life, ground: Ground) -> None:
    """Taking an object over that differs writes what differs, once."""
    wish = {**life.adopt(ground), **part(life.change)(ground)}
    assert resource.up(wish) == "create"
    assert resource.writes() == (life.changed_by if life.brought_by is None else life.brought_by)
    assert not resource.refresh()
    assert resource.up(wish) == "same"


@lived()
def test_a_preview_copes_with_what_is_unknown(resource: Resource, life: Life, ground: Ground) -> None:
    """Whatever of the wish is not known yet is a change, and no failure."""
    wish = life.wish(ground)
    resource.up(wish)
    for name, value in wish.items():
        if value is not None and name not in ("name_prefix", "label"):
            unknown = [UNKNOWN] if isinstance(value, list) else UNKNOWN
            assert resource.preview({**wish, name: unknown}).changes == pb.DiffResponse.DIFF_SOME, name


@lived()
def test_a_refusal_is_one_line_without_a_secret(resource: Resource, life: Life, ground: Ground) -> None:
    """What the API refuses reaches the user as `Type: message`."""
    inputs = resource.checked({}, life.wish(ground))
    ground.control.fault(life.created_by[0], "status_before", status=403)
    with pytest.raises(HostError) as caught:
        resource._create(inputs)
    ground.control.clear_faults()
    message = str(caught.value).strip()
    assert message.startswith("openrouter_provider.api.errors.PermissionDenied: ")
    assert "\n" not in message
    assert not any(secret in message for secret in (VENDOR_KEY, *ground.control.all_secrets()))
