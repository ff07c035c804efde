"""What a stack has in Google Secret Manager: read, and made again."""

import base64

import httpx

from tests.harness import Stack
from tests.old_states.names import Names, Record

DECIDED = ("name", "createTime", "etag")


def google_of(stack: Stack) -> httpx.Client:
    """Return a client of the sandbox's Google Secret Manager."""
    variables = stack.environment
    return httpx.Client(
        base_url=f"{variables['GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT']}/projects/sandbox",
        headers={"authorization": f"Bearer {variables['GOOGLE_OAUTH_ACCESS_TOKEN']}"},
    )


def read_google(stack: Stack) -> list[Record]:
    """Return the secrets that the state names, each with its versions, the oldest first."""
    with google_of(stack) as google:
        secrets = [each["outputs"] for each in stack.resources("Secret").values()]
        return [_read_secret(google, each["secretId"]) for each in secrets if "secretId" in each]


def _read_secret(google: httpx.Client, id_: str) -> Record:
    secret = google.get(f"/secrets/{id_}").raise_for_status().json()
    versions = google.get(f"/secrets/{id_}/versions").raise_for_status().json()["versions"]
    for version in versions:
        enabled = version["state"] == "ENABLED"
        path = f"/secrets/{id_}/versions/{version['name'].rpartition('/')[2]}:access"
        data = google.get(path).raise_for_status().json()["payload"]["data"] if enabled else ""
        version["text"] = base64.b64decode(data).decode()
    policy = google.get(f"/secrets/{id_}:getIamPolicy").raise_for_status().json()
    return {"id": id_, "secret": secret, "versions": versions[::-1], "policy": policy}


def make_google(stack: Stack, secrets: list[Record], names: Names) -> None:
    """Make the secrets again, each version in its state, and note the instants of now."""
    with google_of(stack) as google:
        for secret in secrets:
            settings = {name: value for name, value in secret["secret"].items() if name not in DECIDED}
            made = google.post("/secrets", params={"secretId": secret["id"]}, json=settings).raise_for_status().json()
            names.note(secret["secret"]["createTime"], made["createTime"])
            for version in secret["versions"]:
                _make_version(google, secret["id"], version, names)
            policy = {"bindings": secret["policy"].get("bindings", [])}
            bound = google.post(f"/secrets/{secret['id']}:setIamPolicy", json={"policy": policy}).raise_for_status()
            names.note(secret["policy"]["etag"], bound.json()["etag"])


def _make_version(google: httpx.Client, id_: str, version: Record, names: Names) -> None:
    payload = {"payload": {"data": base64.b64encode(version["text"].encode()).decode()}}
    made = google.post(f"/secrets/{id_}:addVersion", json=payload).raise_for_status().json()
    names.note(version["createTime"], made["createTime"])
    verb = {"DISABLED": "disable", "DESTROYED": "destroy"}.get(version["state"])
    if verb:
        google.post(f"/secrets/{id_}/versions/{made['name'].rpartition('/')[2]}:{verb}").raise_for_status()
