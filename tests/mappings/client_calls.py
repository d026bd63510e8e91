"""Whether code calls what a client's package has, with arguments that it takes: by its source.

    Sources(folder).faults("from hapiclient import hapi\\nhapi('…')")

`folder` holds the packages as `pip install --target` lays them out. Nothing of them is run.
"""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class Missing(Exception):
    """There is no such thing in the package; the message names it."""


@dataclass(slots=True, frozen=True)
class Thing:
    """What a name stands for: a module (`node` is its tree), a class, a function, an instance."""

    module: str
    node: ast.AST
    instance: bool = False


class Sources:
    """The packages of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._trees: dict[str, ast.Module | None] = {}

    def faults(self, code: str) -> list[str]:
        """What the code names that is not there, and calls that do not fit; [] if all is well."""
        names: dict[str, Thing] = {}
        found = []
        for node in ast.parse(code).body:
            try:
                self._statement(node, names)
            except Missing as error:
                found.append(f"line {node.lineno}: {error}")
        return found

    def _statement(self, node: ast.stmt, names: dict[str, Thing]) -> None:
        if isinstance(node, ast.Import):
            for one in node.names:
                names[one.asname or one.name.split(".")[0]] = self.module(one.name)
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                names[one.asname or one.name] = self.member(str(node.module), one.name)
        else:
            for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
                self._fits(call, names)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                made = self._thing(node.value.func, names)
                target = node.targets[0]
                if made and isinstance(made.node, ast.ClassDef) and isinstance(target, ast.Name):
                    names[target.id] = Thing(made.module, made.node, instance=True)

    # -- names -----------------------------------------------------------------------------------

    def module(self, name: str) -> Thing:
        """A module or package. Raises Missing."""
        if name not in self._trees:
            place = self.folder.joinpath(*name.split("."))
            file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
            self._trees[name] = ast.parse(file.read_text("utf-8")) if file.is_file() else None
        tree = self._trees[name]
        if tree is None:
            raise Missing(f"there is no module {name}")
        return Thing(name, tree)

    def member(self, module: str, name: str) -> Thing:
        """What a module calls by a name, wherever it comes from. Raises Missing."""
        for node in self.module(module).node.body:  # type: ignore[attr-defined]
            if (
                isinstance(node, ast.ClassDef | FunctionNode)
                and node.name == name
                and not any(ast.unparse(one) == "overload" for one in node.decorator_list)
            ):
                return Thing(module, node)
            if isinstance(node, ast.ImportFrom):
                for one in node.names:
                    if one.name == "*":
                        with suppress(Missing):
                            return self.member(self._absolute(module, node), name)
                    elif (one.asname or one.name) == name:
                        return self.member(self._absolute(module, node), one.name)
            if isinstance(node, ast.Assign) and _assigns(node, name):
                made = self._thing(node.value.func, {}, module) if _is_call(node.value) else None  # type: ignore[attr-defined]
                return Thing(module, made.node if made else node, instance=made is not None)
        if (module, name) in self._registered:
            return self.module(self._registered[module, name])
        return self.module(f"{module}.{name}")

    def _absolute(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return str(node.module)
        package = module.split(".")
        if not self.folder.joinpath(*package).is_dir():
            package = package[:-1]
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])

    @cached_property
    def _registered(self) -> dict[tuple[str, str], str]:
        """sunpy's clients put their attrs into `sunpy.net.attrs` when they are imported."""
        found = {}
        for file in self.folder.joinpath("sunpy", "net").rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, FunctionNode) and node.name == "_attrs_module":
                    (given,) = (one for one in node.body if isinstance(one, ast.Return))
                    if isinstance(given.value, ast.Tuple):
                        name, module = (ast.literal_eval(one) for one in given.value.elts)
                        found["sunpy.net.attrs", name] = module
        return found

    # -- calls -----------------------------------------------------------------------------------

    def _thing(self, node: ast.expr, names: dict[str, Thing], within: str = "") -> Thing | None:
        """What an expression of names and dots stands for; None where that is not known."""
        if isinstance(node, ast.Name):
            return self.member(within, node.id) if within else names.get(node.id)
        if not isinstance(node, ast.Attribute):
            return None
        owner = self._thing(node.value, names, within)
        if owner is None:
            return None
        if isinstance(owner.node, ast.Module):
            return self.member(owner.module, node.attr)
        if isinstance(owner.node, ast.ClassDef):
            return self._method(owner, node.attr)
        return None

    def _method(self, owner: Thing, name: str) -> Thing:
        assert isinstance(owner.node, ast.ClassDef)
        for node in owner.node.body:
            if isinstance(node, FunctionNode) and node.name == name:
                return Thing(owner.module, node)
            if isinstance(node, ast.Assign) and _assigns(node, name):
                # Another name of a method: `search = run_sync`.
                return self._method(owner, ast.unparse(node.value))
        for base in owner.node.bases:
            try:
                above = self._thing(base, {}, owner.module)
                if above is not None and isinstance(above.node, ast.ClassDef):
                    return self._method(above, name)
            except Missing:
                continue
        raise Missing(f"{owner.node.name} has no {name}")

    def _fits(self, call: ast.Call, names: dict[str, Thing]) -> None:
        called = self._thing(call.func, names)
        if called is None:
            return
        own = 0
        if isinstance(called.node, ast.ClassDef):
            called, own = self._method(called, "__init__"), 1
        elif isinstance(call.func, ast.Attribute):
            owner = self._thing(call.func.value, names)
            own = int(owner is not None and owner.instance)
        if isinstance(called.node, FunctionNode):
            _bound(call, called.node, own)


def _bound(call: ast.Call, function: FunctionNode, own: int) -> None:
    """Raises Missing where the arguments are none of the function's."""
    takes = function.args
    positional = [one.arg for one in [*takes.posonlyargs, *takes.args]][own:]
    if len(call.args) > len(positional) and takes.vararg is None:
        raise Missing(f"{function.name} takes {len(positional)} arguments by their order")
    known = {*positional[len(call.args) :], *(one.arg for one in takes.kwonlyargs)}
    for one in call.keywords:
        if one.arg not in known and takes.kwarg is None:
            raise Missing(f"{function.name} takes no argument {one.arg}")
    needed = positional[: len(positional) - len(takes.defaults)]
    given = {*positional[: len(call.args)], *(one.arg for one in call.keywords)}
    if missing := [one for one in needed if one not in given]:
        raise Missing(f"{function.name} needs {', '.join(missing)}")


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in node.targets)


def _is_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call)
