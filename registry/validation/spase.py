"""Judging SPASE records by the tables of their own version."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from registry.findings import (
    ADVICE,
    ERROR,
    INVALID,
    NO_SCHEMA,
    VALID,
    WARNING,
    Finding,
    Judgement,
)
from registry.validation.spase_findings import MOST, findings, version_finding
from schemas.parts import Part
from schemas.spase import added
from schemas.spase.tables import EXTENSIONS, NAMESPACE, NEWEST, simple_elements
from schemas.spase.xsd import validator

WITHOUT_SCHEMA = ("2.7.2",)
"""Versions in use whose schema is not published: judged by the newest that is, provisionally."""

_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_SPACE = " \t\r\n"
# Errors by which libxml2 may disagree with the recommendation.
_DOUBTFUL = frozenset(("SCHEMAV_CVC_DATATYPE_VALID_1_2_1", "SCHEMAV_CVC_PATTERN_VALID"))
_PLAIN = {"dateTime": "2000-01-01T00:00:00", "duration": "P1D", "double": "1"}


def judge_spase(part: Part) -> Judgement:
    """The verdict of the schema of the record's own version.

    A schema that an operator added decides for its version. Another version that is in use and
    has no public schema (2.7.2) is `no-schema`, with what the newest schema finds as warnings. Any
    other version that no schema exists for is invalid.
    """
    root, version = part.element, part.version
    known = version in EXTENSIONS
    advice = _location_findings(root, part.line)
    official = None if known else added.held(version)
    if official is not None:
        return _by_added(part, official, advice)
    if known and validator(version).validate(root):
        return Judgement(VALID, advice)
    errors = _errors(root, version if known else NEWEST)
    if known:
        if not errors:
            return Judgement(VALID, advice)
        found = findings(root, version, errors, part.line)
        return Judgement(INVALID, found + advice)
    said = version_finding(root, part.line, WITHOUT_SCHEMA)
    provisional = [
        replace(finding, severity=WARNING)
        for finding in (findings(root, NEWEST, errors, part.line) if errors else [])
        # What is to be said of the version is said.
        if finding.path != "Spase/Version" and "`Version`" not in finding.message
    ]
    if version in WITHOUT_SCHEMA:
        said = replace(said, severity=ADVICE)
        return Judgement(NO_SCHEMA, [said, *provisional, *advice], "provisional")
    return Judgement(INVALID, [replace(said, severity=ERROR), *provisional, *advice])


def _by_added(part: Part, schema: Path, advice: list[Finding]) -> Judgement:
    """The verdict of an added schema; its version has no tables, so the engine has the word."""
    errors = added.errors(part.element, schema)
    if not errors:
        return Judgement(VALID, advice)
    from registry.validation.voresource_words import put_in_words

    told = [replace(f, line=f.line + part.line - 1) for f in put_in_words(errors[:MOST])]
    return Judgement(INVALID, told + advice)


def _errors(root: Any, version: str) -> list[Any]:
    """What the schema has against a record, less the errors that are the engine's own.

    libxml2 wrongly rejects dates and durations with white space round them, the year 0000 and
    `+INF` (XSD 1.1 part 2, sections 3.3.5 to 3.3.7): such values are put to xmlschema.
    """
    schema: Any = validator(version)
    schema.validate(root)
    errors: list[Any] = list(schema.error_log)
    if any(error.type_name in _DOUBTFUL for error in errors):
        schema.validate(_settled(root, version))
        errors = list(schema.error_log)
    return errors


def _settled(root: Any, version: str) -> Any:
    """A copy in which every value that xmlschema accepts is one that libxml2 accepts too."""
    settled = copy.deepcopy(root)
    for kind, plain in _PLAIN.items():
        for element in settled.iter(*_tags("xsd:" + kind, version)):
            value = "".join(element.xpath("text()"))
            if len(value) < 1000 and _childless(element) and _accepted(kind, value):
                for inside in list(element):
                    element.remove(inside)
                element.text = plain
    return settled


def _childless(element: Any) -> bool:
    return not any(isinstance(inside.tag, str) for inside in element)


@cache
def _tags(kind: str, version: str) -> list[str]:
    return [f"{{{NAMESPACE}}}{name}" for name in simple_elements(kind, version)]


@lru_cache(maxsize=4096)
def _accepted(kind: str, value: str) -> bool:
    """Whether xmlschema, by XSD 1.1, takes a value; False where it cannot say."""
    # xmlschema takes any Unicode space for white space, and any digits: XSD has neither.
    if not value.isascii():
        return False
    from xmlschema import XMLSchema11

    try:
        return bool(XMLSchema11.builtin_types()[kind].is_valid(value.strip(_SPACE)))
    except OverflowError:
        return False


def _location_findings(root: Any, line: int) -> list[Finding]:
    """A schemaLocation that names the schema of another namespace than the document's."""
    location = root.get(_LOCATION)
    if location is None or NAMESPACE in location.split()[::2]:
        return []
    told = location.split()
    right = ""
    if len(told) == 2 and told[0].removeprefix("https://") == NAMESPACE.removeprefix("http://"):
        right = f"{NAMESPACE} {told[1]}"
    return [
        Finding(
            "schema.location",
            WARNING,
            f"xsi:schemaLocation names no schema for the namespace {NAMESPACE}, which the "
            f"document is in, but for {told[0] if told else 'none'}",
            (root.sourceline or 1) + line - 1,
            path="Spase",
            remedy=f'write xsi:schemaLocation="{right}"' if right else "",
            replacement=right or None,
        )
    ]
