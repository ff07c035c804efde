"""The package's floors: who may use whom, read from the imports and not from what a page says."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import openrouter_provider

ROOT = Path(openrouter_provider.__file__).parent
FLOORS = (
    {"api", "host"},
    {"keys"},
    {"settings"},
    {"stores"},
    {"resources"},
    {"config"},
    {"program", "operations"},
    {"commands"},
    {"cli", "openrouter_provider"},
)
"""From below. A part uses itself and the floors under it; two parts of one floor don't use each other."""
NEVER = {("config", "resources")}
"""Arrows that go down, and are none all the same."""
NOT_OF = {"api": {"pulumi"}, "operations": {"boto3", "botocore"}}
"""Libraries that a part doesn't know, not even by an import within a function."""
INSIDE_PULUMI = {"_args", "_max_workers"}
"""Names inside the host's threads by which Pulumi's own host can be reached."""

MOST_FILES = 16
PARALLEL = {
    "access": "how AWS is reached, and which Vault is",
    "declare": "the program's resources, and each store's",
    "reading": "how stores are read, and how each is",
    "doctor": "the command, and AWS's part of it",
    "adopt": "the command, and what it does",
    "inventory": "the command, and what it does",
    "host": "the command, and doctor's look at the host",
    "verify": "the command, and what it does",
    "args": "what a key is, and what a service wishes",
    "account": "the endpoints of the account, and what has drifted in it",
    "fields": "a key's fields, and the config's",
    "policy": "the rules for services in the config, and AWS's word for who may read",
}
"""Names of files that stand in several folders, and what each means there."""


@dataclass(frozen=True)
class Module:
    """One module: its name within the package, and its source as a tree."""

    name: str
    package: tuple[str, ...]
    tree: ast.Module

    @property
    def part(self) -> str:
        """The part of the package that it is in; the package's own name for its `__init__`."""
        return part(self.name)


@dataclass(frozen=True)
class Arrow:
    """One import: what it names, and where it stands."""

    target: str
    at_start: bool
    for_types: bool


def part(name: str) -> str:
    """Return the part of the package that a module is in."""
    return name.partition(".")[0] or "openrouter_provider"


@cache
def modules() -> dict[str, Module]:
    """Return the package's modules by their names within it."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        package = path.relative_to(ROOT).parts[:-1]
        name = ".".join(package if path.stem == "__init__" else (*package, path.stem))
        found[name] = Module(name, package, ast.parse(path.read_text(encoding="utf-8")))
    return found


def imports(node: ast.AST, at_start: bool = True, for_types: bool = False) -> Iterator[tuple[ast.stmt, bool, bool]]:
    """Yield the import statements under a node, whether each runs at the start, and whether it is for types only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, at_start and not for_types, for_types
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from imports(child, at_start and not function, for_types or checking)


def arrows(module: Module) -> Iterator[Arrow]:
    """Yield what a module imports: of the package by names within it, of others by their full names."""
    for statement, at_start, for_types in imports(module.tree):
        if isinstance(statement, ast.Import):
            targets = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            targets = [f"{statement.module}.{alias.name}" for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            base = ".".join(module.package[: len(module.package) - statement.level + 1])
            source = ".".join(each for each in (base, statement.module) if each)
            named = [f"{source}.{alias.name}".removeprefix(".") for alias in statement.names]
            targets = [each if each in modules() else source for each in named]
        for target in targets:
            yield Arrow(target, at_start, for_types)


def inner(module: Module) -> Iterator[Arrow]:
    """Yield the imports of the package's own modules."""
    return (arrow for arrow in arrows(module) if arrow.target in modules())


def goes_down(source: str, target: str) -> bool:
    """Return whether a part may use another one."""
    height = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    return source == target or (height[target] < height[source] and (source, target) not in NEVER)


def test_every_part_has_its_floor() -> None:
    """A new folder, or a module beside the folders, says where it stands."""
    assert {module.part for module in modules().values()} == set().union(*FLOORS)


def test_arrows_go_down() -> None:
    """A floor uses the ones under it, by imports of any kind: those for types and those within functions too."""
    upward = {
        (module.name, arrow.target)
        for module in modules().values()
        for arrow in inner(module)
        if not goes_down(module.part, part(arrow.target))
    }
    assert upward == set()


def test_no_module_imports_itself_in_a_circle() -> None:
    """What runs when modules are loaded has an order."""
    graph = {
        module.name: {arrow.target for arrow in inner(module) if arrow.at_start} - {module.name}
        for module in modules().values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle of imports: {error.args[1]}") from None


def test_libraries_stay_where_they_belong() -> None:
    """The HTTP edge knows nothing of Pulumi, and what is done to stacks asks AWS through the store's own folder."""
    known = [
        (module.name, arrow.target)
        for module in modules().values()
        for arrow in arrows(module)
        if arrow.target.partition(".")[0] in NOT_OF.get(module.part, ())
    ]
    assert known == []


def private(module: Module) -> Iterator[str]:
    """Yield what a module uses of Pulumi's inside: private names, its wire, and what its host's threads hold."""
    for arrow in arrows(module):
        library, *rest = arrow.target.split(".")
        if library == "pulumi" and any(each == "proto" or each.startswith("_") for each in rest):
            yield arrow.target
    for node in ast.walk(module.tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.value if isinstance(node, ast.Constant) else None
        if isinstance(name, str) and name in INSIDE_PULUMI:
            yield name


def test_only_the_host_knows_pulumis_inside() -> None:
    """What a newer SDK may take away is used in one folder."""
    inside = {module.name for module in modules().values() if module.part != "host" and any(private(module))}
    assert inside == set()


def test_imports_within_the_package_are_relative() -> None:
    """The package's own name stands in no import of its own."""
    full = [
        module.name
        for module in modules().values()
        for arrow in arrows(module)
        if arrow.target.partition(".")[0] == "openrouter_provider"
    ]
    assert full == []


def test_no_folder_is_too_large_to_find_ones_way_in() -> None:
    """A folder that grows past this has a second thing in it."""
    sizes = Counter(module.package for module in modules().values())
    assert {package: size for package, size in sizes.items() if size > MOST_FILES} == {}


def test_a_files_name_stands_once_except_for_parallel_parts() -> None:
    """A name leads to one file, or to parts that correspond."""
    folders = defaultdict(list)
    for module in modules().values():
        if not (ROOT.joinpath(*module.package) / "__init__.py").samefile(_file(module)):
            folders[module.name.rpartition(".")[2]].append(module.package)
    several = {name for name, where in folders.items() if len(where) > 1}
    assert several == set(PARALLEL)


def _file(module: Module) -> Path:
    path = ROOT.joinpath(*module.name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_a_class_name_means_one_thing() -> None:
    """A class, or a type that an assignment names, stands once in the whole package; type variables stand anywhere."""
    named = Counter(
        name
        for module in modules().values()
        for statement in module.tree.body
        for name in _types(statement)
        if not name.startswith("_")
    )
    assert [name for name, times in named.items() if times > 1] == []


def _types(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign) and not ast.unparse(statement.value).startswith("TypeVar"):
        for name in (target.id for target in statement.targets if isinstance(target, ast.Name)):
            if name[:1].isupper() and not name.isupper():
                yield name
