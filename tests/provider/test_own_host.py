"""What our host does that Pulumi's does not: previews, imports, and other people's dynamic resources as before."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from openrouter_provider.host.modules import MODULES
from openrouter_provider.host.providers import own_class, pickled
from sandbox.openrouter import Control
from sandbox.plugins.wire import decode, encode
from tests.provider.dynamic_host import PULUMIS, Host, HostError
from tests.provider.test_dynamic_host import API_KEY, WISH, surroundings
from tests.unit.test_public_names import RESOURCES

THEIRS = "urn:pulumi:dev::openrouter-keys::pulumi-python:dynamic:Resource::theirs"


PROGRAM = """
from pulumi.dynamic import CreateResult, ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

class Theirs(ResourceProvider):
    def create(self, props):
        if props.get("fail"):
            raise RuntimeError("theirs failed")
        return CreateResult("1", {**props, "made": True})

print(serialize_provider(Theirs()))
"""
"""A user's program with a dynamic provider of its own, which its state holds whole."""


def their_pickle() -> str:
    """Return what that program sends of its provider."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    return run.stdout.strip()


@pytest.fixture(scope="module")
def host(account: Control) -> Iterator[Host]:
    """Start our host once."""
    with Host(surroundings(account), {}) as started:
        yield started


def urn_of(kind: str) -> str:
    """Return a URN of a resource of ours."""
    parent = "openrouter-keys:index:ServiceKey"
    return f"urn:pulumi:dev::openrouter-keys::{parent}$pulumi-python:dynamic/openrouter:{kind}::a"


@pytest.mark.parametrize(("resource", "module"), [(kind.__name__, module) for kind, _, module in RESOURCES])
def test_every_resource_is_found_by_its_type(resource: str, module: str) -> None:
    """A URN names the class, and the host writes of it what the program writes."""
    own = own_class(urn_of(resource))
    assert own == f"openrouter_provider.resources.{module}:{resource}Provider"
    assert len(MODULES) == len(RESOURCES)
    assert resource != "ApiKey" or pickled(own) == API_KEY


@pytest.mark.parametrize("urn", [THEIRS, urn_of("Other"), urn_of("ApiKey").replace("openrouter:", "other:"), "none"])
def test_other_types_are_not_ours(urn: str) -> None:
    """Whatever isn't in the table is served by what its state names."""
    assert own_class(urn) is None


def test_a_preview_creates_nothing(host: Host, account: Control) -> None:
    """A previewed creation answers with the wishes, and no key is made."""
    inputs, _ = host.check({}, WISH, API_KEY)
    request = pb.CreateRequest(urn=urn_of("ApiKey"), properties=encode(inputs), preview=True)
    outputs = decode(host.call("Create", request).properties).values
    assert (outputs["limit"], outputs["generation"]) == (50.0, 1)
    assert account.keys() == []


def test_another_s_resource_is_previewed_by_its_inputs_and_made_as_before(host: Host) -> None:
    """A dynamic resource of the user's own program lives in our host as in Pulumi's."""
    props = encode({"colour": "red", "__provider": their_pickle()})
    planned = host.call("Create", pb.CreateRequest(urn=THEIRS, properties=props, preview=True))
    assert decode(planned.properties).values["colour"] == "red"
    made = host.call("Create", pb.CreateRequest(urn=THEIRS, properties=props))
    assert (made.id, decode(made.properties).values["made"]) == ("1", True)


def test_another_s_failure_keeps_its_traceback(host: Host) -> None:
    """Only our own errors are one line: the user's program needs to know where."""
    props = encode({"fail": True, "__provider": their_pickle()})
    with pytest.raises(HostError, match=r"(?s)Traceback.*theirs failed"):
        host.call("Create", pb.CreateRequest(urn=THEIRS, properties=props))


def test_an_import_reads_what_is_there(host: Host, account: Control) -> None:
    """A key is taken by its hash with everything that the API shows, but for its value."""
    made, _ = account.create_key(name="by-hand", limit=7)
    answer = host.call("Read", pb.ReadRequest(id=made["hash"], urn=urn_of("ApiKey")))
    account.delete_key(made["hash"])
    assert answer.id == made["hash"]
    inputs = decode(answer.inputs).values
    assert (inputs["name"], inputs["limit"], inputs["generation"]) == ("by-hand", 7, 1)
    assert inputs["__provider"] == API_KEY
    assert "key" not in decode(answer.properties).values


def test_an_import_of_what_is_not_there_is_one_line(host: Host) -> None:
    """An unknown hash is refused with where to find the right one."""
    with pytest.raises(HostError, match="importing key 0000") as caught:
        host.call("Read", pb.ReadRequest(id="0" * 64, urn=urn_of("ApiKey")))
    assert "\n" not in str(caught.value)


def test_pulumis_own_host_can_do_neither(account: Control) -> None:
    """Where the project doesn't name our host, an import fails and a preview isn't asked for."""
    with Host(surroundings(account), {}, PULUMIS) as stock:
        with pytest.raises(HostError, match="__provider"):
            stock.call("Read", pb.ReadRequest(id="0" * 64, urn=urn_of("ApiKey")))
        assert not stock.call("Configure", pb.ConfigureRequest(args=encode({}))).supportsPreview


def test_a_deletion_goes_by_the_newest_place(host: Host, account: Control) -> None:
    """Where a key is kept may change without an update, which the outputs don't tell; a read keeps it too."""
    provider = pickled("openrouter_provider.resources.api_key:ApiKeyProvider")
    inputs, _ = host.check({}, WISH, provider)
    id_, outs = host.create(inputs)
    newest = {**inputs, "stored_in": {"store": "shelf", "reference": "shelf:a"}}
    urn = urn_of("ApiKey")
    read = host.call("Read", pb.ReadRequest(id=id_, urn=urn, properties=encode(outs), inputs=encode(newest)))
    assert decode(read.inputs).values["stored_in"] == newest["stored_in"]
    assert "stored_in" not in decode(read.properties).values
    request = pb.DeleteRequest(id=id_, urn=urn, properties=encode(outs), old_inputs=encode(newest))
    with pytest.raises(HostError, match="store shelf is not known"):
        host.call("Delete", request)
    assert id_ in [key["hash"] for key in account.keys()]
    host.delete(id_, outs)
