"""The example on each resource's page is deployed by the real engine, and destroyed again."""

import re

from tests.harness import ROOT, Stack
from tests.soak import only_in_soak

PAGES = sorted((ROOT / "docs" / "resources").glob("*.md"))


def example(text: str) -> str:
    """Return a page's program."""
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(program)


@only_in_soak
def test_the_examples_of_the_pages_work(stack: Stack) -> None:
    """All examples are one stack: everything is made, a second preview is empty, and nothing is left at the end."""
    programs = [example(page.read_text(encoding="utf-8")) for page in PAGES]
    (stack.folder / "__main__.py").write_text("\n".join(programs), encoding="utf-8")
    stack.configure({})
    stack.pulumi("config", "set", "--secret", "acme:openaiKey", "sk-made-up")
    stack.up()
    kinds = {resource["type"].rpartition(":")[2] for resource in stack.export()["deployment"]["resources"]}
    wanted = {page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for page in PAGES}
    assert wanted <= kinds
    stack.pulumi("preview", "--expect-no-changes")
    stack.destroy()
    assert stack.control.keys() == []
