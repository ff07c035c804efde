"""Names of the operations, as faults and counts of calls use them."""

from functools import cache

from sandbox.openrouter import around

_OPERATIONS = {
    "GET /key": "current_key",
    "GET /credits": "credits",
    "GET /activity": "get_activity",
    "GET /models": "list_models",
    "GET /models/*/*/endpoints": "list_endpoints",
    "GET /providers": "list_providers",
    "GET /presets": "list_presets",
    "GET /presets/*": "get_preset",
    "POST /chat/completions": "chat",
    "GET /workspaces/*/budgets": "list_budgets",
    "GET /workspaces/*/budgets/*": "get_budget",
    "PUT /workspaces/*/budgets/*": "put_budget",
    "DELETE /workspaces/*/budgets/*": "delete_budget",
    "GET /workspaces/*/members": "list_members",
    "POST /workspaces/*/members/add": "add_members",
    "POST /workspaces/*/members/remove": "remove_members",
    "GET /guardrails/assignments/keys": "list_all_key_assignments",
    "GET /guardrails/assignments/members": "list_all_member_assignments",
    "GET /guardrails/*/assignments/keys": "list_key_assignments",
    "POST /guardrails/*/assignments/keys": "assign_keys",
    "POST /guardrails/*/assignments/keys/remove": "unassign_keys",
    "GET /guardrails/*/assignments/members": "list_member_assignments",
    "POST /guardrails/*/assignments/members": "assign_members",
    "POST /guardrails/*/assignments/members/remove": "unassign_members",
}
for _path, _noun in {"keys": "key", "workspaces": "workspace", "guardrails": "guardrail", "byok": "byok_key"}.items():
    _OPERATIONS |= {
        f"GET /{_path}": f"list_{_noun}s",
        f"POST /{_path}": f"create_{_noun}",
        f"GET /{_path}/*": f"get_{_noun}",
        f"PATCH /{_path}/*": f"update_{_noun}",
        f"DELETE /{_path}/*": f"delete_{_noun}",
    }


@cache
def _operations() -> dict[str, str]:
    return _OPERATIONS | around.operations()


def known_operations() -> set[str]:
    """Return the name of every operation."""
    return set(_operations().values())


def operation_of(method: str, path: str) -> str:
    """Name the operation of a call, for example `create_key`; `path` is what follows /api/v1."""
    segments = path.split("/")
    for pattern, operation in _operations().items():
        wanted_method, _, wanted = pattern.partition(" ")
        if wanted_method == method and _fits(wanted.split("/"), segments):
            return operation
    return "other"


def _fits(pattern: list[str], segments: list[str]) -> bool:
    """Say whether a path has a pattern's segments; `*` stands for any but an empty one."""
    return len(pattern) == len(segments) and all(
        wanted == given or (wanted == "*" and given != "") for wanted, given in zip(pattern, segments, strict=True)
    )
