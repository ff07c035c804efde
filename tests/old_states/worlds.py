"""What a stack has made on OpenRouter and in the stores, written down without a value of a key, and made again.

Nothing that a server draws itself can be given to it: the hashes, labels and values of keys, ids, the end of an ARN,
some instants. Whatever is made again notes what each of them was and is now, and the state is rewritten so.
"""

import json

from tests.harness import Stack
from tests.old_states.accounts import make_account, read_account
from tests.old_states.aws import make_aws, read_aws
from tests.old_states.google import make_google, read_google
from tests.old_states.names import Names, Record, without_values
from tests.old_states.vault import make_vault, read_vault


def read_world(stack: Stack) -> Record:
    """Return everything that exists for a stack, without a value of a key."""
    account = read_account(stack.control)
    world: Record = {"origin": _origin(stack), "openrouter": account}
    stores: Record = {"aws": read_aws(stack), "google": read_google(stack), "vault": read_vault(stack)}
    hidden: Record = json.loads(
        without_values(json.dumps(world | stores), {record["hash"] for record in account["keys"]})
    )
    return hidden


def make_world(stack: Stack, world: Record) -> Names:
    """Make everything again for an empty stack; return how it is called now."""
    names = Names()
    names.note(world["origin"], _origin(stack))
    make_account(stack.control, world["openrouter"], names)
    stores = names.record({store: world[store] for store in ("aws", "google", "vault")})
    make_aws(stack, stores["aws"], names)
    make_google(stack, stores["google"], names)
    make_vault(stack, stores["vault"], names)
    return names


def _origin(stack: Stack) -> str:
    return stack.environment["OPENROUTER_BASE_URL"].removesuffix("/api/v1")
