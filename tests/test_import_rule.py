"""Who may import whom (docs/architecture.md), and whose packages stay in whose room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOPS = ("registry", "schemas", "vocabularies", "mappings", "harvesters", "examples")

ORDER = [
    ("registry.model", "registry.identifiers", "registry.dates", "registry.findings"),
    ("schemas",),
    ("vocabularies",),
    ("mappings",),
    ("harvesters",),
    ("registry.settings", "registry.places", "registry.processes"),
    ("registry.store",),
    ("registry.access",),
    ("registry.kept_records",),
    ("registry.validation",),
    ("registry.mending",),
    ("registry.ingest",),
    ("registry.deletion_guard",),
    ("registry.search",),
    ("registry.graph",),
    ("registry.doi",),
    ("registry.oai",),
    ("registry.followers", "registry.oai_harvest"),
    ("registry.sources",),
    ("registry.engines",),
    ("registry.web",),
    ("registry.commands",),
    ("app",),
]
"""Each may import what stands in the lines before it, and itself."""

ONLY_IN = {
    "sqlalchemy": "registry/store/",
    "sqlite3": "registry/store/",
    "tantivy": "registry/search/tantivy_",
    "elasticsearch": "registry/search/elasticsearch_",
    "flask": "registry/web/",
    "datacite": ("registry/doi/", "mappings/"),
}


def modules() -> list[Path]:
    found = [ROOT / "app.py"]
    for top in TOPS:
        found += sorted((ROOT / top).rglob("*.py"))
    return found


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> int | None:
    """The line of ORDER that a module stands in; None for what is not ours."""
    for number, names in enumerate(ORDER):
        if any(module == name or module.startswith(name + ".") for name in names):
            return number
    return None


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_what_stands_before_it(path: Path) -> None:
    name = named(path)
    own = room(name)
    if own is None:
        assert name in (*TOPS, "registry") or name.startswith("examples"), f"{name} has no room"
        return
    for module in imported(path):
        other = room(module)
        if other is None:
            continue
        assert other <= own, f"{name} imports {module}, which stands after it"
        if other == own and own > 0:
            same = any(
                name.startswith(one) and module.startswith(one) for one in ORDER[own]
            ) or module.startswith("app")
            assert same, f"{name} imports {module}, which stands beside it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_packages_stay_in_their_rooms(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text("utf-8"))
    guarded = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.dump(outer.test)
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if id(node) in guarded or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        for name in names:
            package = (name or "").partition(".")[0]
            if package in ONLY_IN:
                assert where.startswith(ONLY_IN[package]), f"{where} imports {package}"


def test_every_init_is_empty() -> None:
    for path in modules():
        if path.name == "__init__.py":
            assert path.read_bytes() == b"", path


def test_the_rule_is_written_down_as_it_is_kept() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    places = [text.index(f"`{name}`") for names in ORDER for name in names if name != "app"]
    assert places == sorted(places)
