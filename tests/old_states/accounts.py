"""What a stack has made on OpenRouter: read, and made again on another account."""

from sandbox.openrouter import Control
from tests.old_states.names import Names, Record

WIDEST_FIRST = ("lifetime", "monthly", "weekly", "daily")
DECIDED = ("hash", "label", "limit_remaining", "updated_at", "last_used_at", "external_user")


def read_account(control: Control) -> Record:
    """Return everything of an account but the values of its keys."""
    return {
        "account_id": control.account_id,
        "default_workspace_id": control.default_workspace_id,
        "workspaces": [each | {"budgets": control.budgets(each["id"])} for each in control.workspaces()],
        "keys": control.keys(),
        "guardrails": control.guardrails(),
        "assignments": [(each["guardrail_id"], each["key_hash"]) for each in control.key_assignments()],
        "provider_keys": control.byok_keys(),
        "vendors_values": control.secrets()["provider_keys"],
    }


def make_account(control: Control, account: Record, names: Names) -> None:
    """Make everything again on an empty account, and note how it is called now."""
    for name in ("account_id", "default_workspace_id"):
        names.note(account[name], getattr(control, name))
    for workspace in account["workspaces"]:
        if workspace["id"] != account["default_workspace_id"]:
            _make_workspace(control, workspace, names)
    _make_keys(control, account["keys"], names)
    for guardrail in account["guardrails"]:
        names.note(guardrail["id"], control.create_guardrail(**_set_fields(guardrail, names))["id"])
    for guardrail_id, hash_ in account["assignments"]:
        control.assign_keys(names.renamed(guardrail_id), [names.renamed(hash_)])
    for record, value in zip(account["provider_keys"], account["vendors_values"], strict=True):
        made = control.create_byok_key(**_set_fields(record, names), key=value)
        names.note(record["id"], made["id"])


def _set_fields(record: Record, names: Names) -> Record:
    """Return a record's fields under today's names, without those that nothing sets."""
    return {name: value for name, value in names.record(record).items() if value is not None}


def _make_workspace(control: Control, workspace: Record, names: Names) -> None:
    id_ = control.create_workspace(**_set_fields(workspace, names))["id"]
    names.note(workspace["id"], id_)
    budgets = {budget["reset_interval"] or "lifetime": budget for budget in workspace["budgets"]}
    for interval in (each for each in WIDEST_FIRST if each in budgets):
        counts = {"include_byok_in_budgets": workspace["include_byok_in_budgets"]}
        control.edit_budget(id_, interval, limit_usd=budgets[interval]["limit_usd"], **counts)


def _make_keys(control: Control, records: list[Record], names: Names) -> None:
    """Make the keys so that their hashes keep their order: sets of hashes are sorted in a state."""
    made = sorted((control.create_key() for _ in records), key=lambda pair: str(pair[0]["hash"]))
    for record, (new, value) in zip(sorted(records, key=lambda record: str(record["hash"])), made, strict=True):
        names.note(record["hash"], new["hash"])
        names.note(record["label"], new["label"])
        names.values[record["hash"]] = value
    for record in records:
        fields = {name: value for name, value in record.items() if name not in DECIDED}
        control.edit_key(names.renamed(record["hash"]), **names.record(fields))
