"""What a stack has in Vault: read, and made again."""

import hvac

from tests.harness import Stack
from tests.old_states.names import Names, Record


def vault_of(stack: Stack) -> hvac.Client:
    """Return a client of the sandbox's Vault."""
    return hvac.Client(stack.environment["VAULT_ADDR"], stack.environment["VAULT_TOKEN"])


def read_vault(stack: Stack) -> Record:
    """Return Vault's paths and policies of the stack, which its state names."""
    vault = vault_of(stack)
    paths = [each["outputs"]["path"] for each in stack.resources("SecretV2").values()]
    policies = [each["outputs"]["name"] for each in stack.resources("Policy").values()]
    return {
        "secrets": [_read_secret(vault, path.replace("/data/", "/metadata/", 1)) for path in paths],
        "policies": {name: vault.read(f"sys/policies/acl/{name}")["data"]["policy"] for name in policies},
    }


def _read_secret(vault: hvac.Client, path: str) -> Record:
    metadata = vault.read(path)["data"]
    data = path.replace("/metadata/", "/data/", 1)
    versions = [vault.read(f"{data}?version={number}")["data"] for number in sorted(metadata["versions"], key=int)]
    return {"path": data, "metadata_path": path, "custom_metadata": metadata["custom_metadata"], "versions": versions}


def make_vault(stack: Stack, wanted: Record, names: Names) -> None:
    """Make the paths again, version by version, and the policies."""
    vault = vault_of(stack)
    for secret in wanted["secrets"]:
        for version in secret["versions"]:
            made = vault.write_data(secret["path"], data={"data": version["data"]})["data"]
            names.note(version["metadata"]["created_time"], made["created_time"])
        vault.write_data(secret["metadata_path"], data={"custom_metadata": secret["custom_metadata"]})
    for name, policy in wanted["policies"].items():
        vault.write_data(f"sys/policies/acl/{name}", data={"policy": policy})
