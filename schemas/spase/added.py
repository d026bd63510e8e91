"""Official SPASE schemas that an operator added, for versions whose tables are not here yet.

They lie in a folder, `spase-VERSION.xsd`, and are looked for whenever a record of such a version
is judged: what is added beside a running server counts from the next record on. A schema is one
file; it has no DTD, reads no other file and opens no connection.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

from lxml import etree

from schemas.compiled import from_lxml, from_xmlschema
from schemas.errors import SchemaError
from schemas.spase.tables import EXTENSIONS, NAMESPACE

LARGEST = 20_000_000
"""Bytes that a schema may have; the newest published one has half a million."""

FOLDER = "schemas"
"""Where the added schemas lie in the data folder."""

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_FORM = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,3}")
_LEADING_OUT = ("include", "import", "redefine", "override")
# What libxml2 takes and XSD 1.1 does not: an exponent, or a fraction of a second, without digits.
_LENIENT = re.compile(r"\0\s*[+-]?(?:[\d.]+[eE][+-]?|-?P[^\s\0]*(?:T\.|\.S)[^\s\0]*)\s*\0")
# What it does not take though XSD does: white space round dates, the year 0000, `+INF`.
_STRICT = frozenset(("SCHEMAV_CVC_DATATYPE_VALID_1_2_1", "SCHEMAV_CVC_PATTERN_VALID"))


class SchemaRefused(Exception):
    """A file that cannot be added; the message says why."""


_folder: Path | None = None
# A validator keeps the errors of its last document: each thread has its own.
_compiled = threading.local()


def use(folder: Path | None) -> None:
    """From now on this process looks for added schemas in `folder` (None: there are none)."""
    global _folder
    _folder = folder


def held(version: str) -> Path | None:
    """The added schema of a version; None where there is none, or where the tables decide."""
    if _folder is None or version in EXTENSIONS or not _FORM.fullmatch(version):
        return None
    path = _folder / f"spase-{version}.xsd"
    return path if path.is_file() else None


def versions() -> list[tuple[str, Path]]:
    """The versions that schemas were added for, in order, with their files."""
    if _folder is None or not _folder.is_dir():
        return []
    found = []
    for path in _folder.glob("spase-*.xsd"):
        version = path.stem.removeprefix("spase-")
        if held(version):
            found.append((version, path))
    return sorted(found, key=lambda one: [int(number) for number in one[0].split(".")])


def read(content: bytes) -> str:
    """The SPASE version that a schema is of. Raises SchemaRefused for what cannot be added."""
    root = _root(content)
    namespace = root.get("targetNamespace", "")
    if root.tag != _XSD + "schema":
        raise SchemaRefused(f"it is no XML schema: its root is {etree.QName(root).localname}")
    if namespace != NAMESPACE:
        raise SchemaRefused(f"its target namespace is {namespace or 'none'}, not {NAMESPACE}")
    for name in _LEADING_OUT:
        for element in root.iter(_XSD + name):
            where = element.get("schemaLocation")
            if where is not None or name != "import":
                raise SchemaRefused(
                    f"line {element.sourceline}: it wants to {name} {where or 'another schema'}, "
                    "and a schema that is added has to stand in one file"
                )
    version = _version(root)
    if version in EXTENSIONS:
        raise SchemaRefused(
            f"it is the schema of SPASE {version}, which Parhelion knows: its own tables give the "
            "published schema's verdict"
        )
    try:
        etree.XMLSchema(root)
        _recommended_of(content)
    except (etree.XMLSchemaParseError, ValueError, SyntaxError) as error:
        raise SchemaRefused(f"it is no schema that can be used: {error}") from error
    return version


def keep(content: bytes, folder: Path) -> Path:
    """Puts a schema that `read` took into the folder, over an older one of its version.

    Raises SchemaRefused, OSError.
    """
    version = read(content)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"spase-{version}.xsd"
    waiting = path.with_suffix(".new")
    waiting.write_bytes(content)
    waiting.replace(path)
    return path


def errors(root: Any, path: Path) -> list[SchemaError]:
    """What an added schema has against a record; nothing when the record is valid.

    Where libxml2 may stray from the recommendation (XSD 1.1 part 2, sections 3.3.5 to 3.3.7)
    xmlschema decides.
    """
    fast, recommended = _validators(path)
    valid = fast.validate(root)
    log: list[Any] = list(fast.error_log)  # type: ignore[call-overload]
    if valid:
        doubtful = _LENIENT.search("\0" + "\0".join(root.itertext()) + "\0") is not None
    else:
        doubtful = any(error.type_name in _STRICT for error in log)
    if doubtful:
        second = [from_xmlschema(error) for error in recommended.iter_errors(root)]
        if valid or not second:
            return second
    return [from_lxml(root, error) for error in log]


def _root(content: bytes) -> Any:
    if len(content) > LARGEST:
        raise SchemaRefused(f"it has {len(content):,} bytes; at most {LARGEST:,} are read")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root: Any = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise SchemaRefused(f"it is not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.doctype:
        raise SchemaRefused("it has a DTD, and none is read")
    return root


def _version(root: Any) -> str:
    """The one value that its element Version takes."""
    values = [
        value.get("value", "")
        for kind in root.iterchildren(_XSD + "simpleType")
        if kind.get("name") == "Version"
        for value in kind.iter(_XSD + "enumeration")
    ]
    if len(values) != 1 or not _FORM.fullmatch(values[0]):
        told = ", ".join(values[:5]) or "none"
        raise SchemaRefused(f"its type Version names {told}, where one version number is needed")
    return str(values[0])


def _recommended_of(content: bytes) -> Any:
    from xmlschema import XMLSchema11, XMLSchemaException

    try:
        return XMLSchema11(content.decode("utf-8-sig"), allow="none", defuse="always")
    except (XMLSchemaException, UnicodeDecodeError) as error:
        raise ValueError(str(error).partition("\n")[0]) from error


def _validators(path: Path) -> tuple[etree.XMLSchema, Any]:
    """The compiled schema for both engines; made once a thread and state of the file."""
    made: dict[str, Any] = _compiled.__dict__
    state = (str(path), path.stat().st_mtime_ns)
    if made.get(str(path), (None,))[0] != state:
        content = path.read_bytes()
        both = (etree.XMLSchema(_root(content)), _recommended_of(content))
        made[str(path)] = (state, both)
    found: tuple[etree.XMLSchema, Any] = made[str(path)][1]
    return found
