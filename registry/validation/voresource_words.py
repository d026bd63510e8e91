"""What an XSD engine says of a VOResource document, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from registry.findings import ERROR, Finding
from schemas.errors import SchemaError

_SUBJECT = re.compile(
    r"Element '(?P<element>[^']+)'(?:, attribute '(?P<attribute>[^']+)')?: (?P<said>.*)$", re.S
)
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (?P<names>.*) \)")
_FACET = re.compile(r"\[facet '(?P<facet>\w+)'\] (?P<said>.*)$", re.S)
_SET = re.compile(r"not an element of the set \{(?P<values>.*)\}", re.S)
_PATTERN = re.compile(r"not accepted by the pattern '(?P<pattern>.*)'", re.S)
_TYPE = re.compile(r"not a valid value of the (?:local )?(?:\w+) type(?: '(?P<type>[^']+)')?")
_MISSING = re.compile(r"The attribute '(?P<name>[^']+)' is required")
_LENGTH = re.compile(r"length of '(?P<has>\d+)'.* length of '(?P<may>\d+)'")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_LONGEST = 80

# What the value types of the VO standards and of XSD ask for, as people would say it.
_ASKED = {
    "UTCTimestamp": "a date and time in UTC such as 2024-05-01T12:00:00Z",
    "UTCDateTime": "a date such as 2024-05-01, or one with a time such as 2024-05-01T12:00:00Z",
    "dateTime": "a date and time such as 2024-05-01T12:00:00Z",
    "date": "a date such as 2024-05-01",
    "integer": "a whole number",
    "int": "a whole number",
    "nonNegativeInteger": "a whole number from 0 on",
    "positiveInteger": "a whole number from 1 on",
    "double": "a number",
    "float": "a number",
    "boolean": "true or false",
    "anyURI": "a URI",
    "NMTOKEN": "one word",
    "NCName": "one word that begins with a letter",
    "QName": "the name of a type, such as vs:CatalogResource",
    "ValidationLevel": "a whole number from 0 to 4",
}
_ASKED_BY_PATTERN = {
    "ivo://": "an IVOA identifier such as ivo://authority/path",
    "https?://": "an address that begins with http:// or https://",
    r"\d{4}-\d\d-\d\d": _ASKED["UTCTimestamp"],
    "[+-]?([0-9]": "two numbers with one space between them",
    "([0-9]+x)": "a shape such as 2, 3x4, 5x* or *",
}


def put_in_words(errors: Sequence[SchemaError]) -> list[Finding]:
    """Each error as a finding with a rule `schema.…`; what only repeats another is left out.

    An xsi:type that names no type is left to `voresource`, which knows why, and so
    is what follows from it: the element was judged as the plain type.
    """
    found: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for error in without_follow_ups(errors):
        if names_no_type(error):
            continue
        finding = _finding(error)
        place = (finding.rule, finding.path)
        # libxml2 says twice that a value is bad, by the facet and by the type; and two rules of
        # VODataService ask that tables have different names.
        if finding.rule in ("schema.value", "schema.unique") and place in seen:
            continue
        seen.add(place)
        found.append(finding)
    return found


def without_follow_ups(errors: Sequence[SchemaError]) -> list[SchemaError]:
    """The errors less those about elements whose xsi:type names no type."""
    untyped = [error.path.removesuffix("/@type") for error in errors if names_no_type(error)]
    return [error for error in errors if not _follows(error, untyped)]


def names_no_type(error: SchemaError) -> bool:
    """Whether the error is that an xsi:type leads to no type."""
    return error.path.endswith("/@type") and (
        "does not resolve to a type" in error.message
        or "no corresponding namespace declaration" in error.message
    )


def _follows(error: SchemaError, untyped: Sequence[str]) -> bool:
    return error.code in _FOLLOWING and (
        error.path.rpartition("/")[0] in untyped or error.path in untyped
    )


def _finding(error: SchemaError) -> Finding:
    found = _SUBJECT.match(error.message)
    said = found["said"] if found else error.message
    subject = error.element_name
    if found and found["attribute"]:
        subject = f"the attribute {_bare(found['attribute'])} of {error.element_name}"
    rule, message, remedy = _WORDS.get(error.code, _other)(error, said, subject)
    return Finding(rule, ERROR, message, error.line, error.column, error.path, remedy)


# What is said of an element that is judged as its plain type, because its xsi:type is none.
_FOLLOWING = ("SCHEMAV_ELEMENT_CONTENT", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_TYPE_2")

Words = tuple[str, str, str]


def _content(error: SchemaError, said: str, subject: str) -> Words:
    expected = _EXPECTED.search(said)
    names = _listed(_bare(expected["names"]).split(", ")) if expected else ""
    if said.startswith("Missing child"):
        return "schema.occurrence", f"{subject} lacks {names or 'a child element'}", ""
    qualified = re.match(r"Element '\{(?P<namespace>[^}]+)\}", error.message)
    expects_bare = expected and error.element_name in expected["names"].split(", ")
    if qualified and expects_bare:
        message = f"{subject} stands in the namespace {qualified['namespace']}; it belongs to none"
        return "schema.element", message, 'write it without a prefix, or with xmlns=""'
    before = re.search(r"\[(\d+)\]$", error.path)
    if before and int(before[1]) > 1:
        message = f"{subject} may not stand again here"
        message += f": expected is {names}" if names else ": nothing more is expected"
        return "schema.occurrence", message, ""
    wanted = f": expected is {names}" if names else ": nothing more is expected"
    return "schema.element", f"{subject} may not stand here{wanted}", ""


def _value(error: SchemaError, said: str, subject: str) -> Words:
    facet = _FACET.match(said)
    written = f"{subject} is {_short(error.value)}" if error.value else f"{subject} is empty"
    asked, remedy = "", ""
    values, pattern, length = _SET.search(said), _PATTERN.search(said), _LENGTH.search(said)
    kind = _TYPE.search(said)
    if values:
        asked = "one of " + values["values"].replace("'", "")
    elif pattern:
        known = (
            w for start, w in _ASKED_BY_PATTERN.items() if pattern["pattern"].startswith(start)
        )
        asked = next(known, f"a text of the form {pattern['pattern']}")
    elif length:
        asked = f"at most {length['may']} characters"
        written = f"{subject} has {length['has']} characters"
    elif kind and kind["type"]:
        name = _bare(kind["type"]).rpartition(":")[2]
        asked = _ASKED.get(name, f"a value of the type {name}")
    elif facet or not error.code.startswith("SCHEMAV"):
        asked = _bare(facet["said"] if facet else said)
    message = f"{written}; it must be {asked}" if asked else f"{written}: {_bare(said)}"
    return "schema.value", message, remedy


def _missing_attribute(_: SchemaError, said: str, subject: str) -> Words:
    found = _MISSING.match(said)
    name = _bare(found["name"]) if found else "an attribute"
    return "schema.attribute", f"{subject} lacks the attribute {name}", f'add {name}="…"'


def _attribute(error: SchemaError, _: str, subject: str) -> Words:
    return "schema.attribute", f"{subject} is not allowed there", ""


def _abstract(_: SchemaError, said: str, subject: str) -> Words:
    message = f"{subject} must say of which type it is"
    remedy = "give it an xsi:type"
    if subject.startswith("interface"):
        remedy += ", such as vs:ParamHTTP or vr:WebBrowser"
    return "schema.type", message, remedy


def _derived(error: SchemaError, said: str, subject: str) -> Words:
    element = subject.rpartition(" of ")[2]
    return "schema.type", f"the xsi:type of {element} names a type that cannot stand there", ""


def _text(_: SchemaError, said: str, subject: str) -> Words:
    if said.startswith("Element content"):
        return "schema.element", f"{subject} holds elements and may hold text only", ""
    return "schema.element", f"{subject} holds text where only elements may stand", ""


def _unique(_: SchemaError, said: str, subject: str) -> Words:
    value = re.search(r"key-sequence \[(?P<values>.*)\]", said)
    which = value["values"] if value else "a value"
    return "schema.unique", f"{subject} repeats {which}, which must stand only once", ""


def _other(_: SchemaError, said: str, subject: str) -> Words:
    return "schema.other", f"{subject}: {_bare(said)}", ""


_WORDS: dict[str, Callable[[SchemaError, str, str], Words]] = {
    "SCHEMAV_ELEMENT_CONTENT": _content,
    "SCHEMAV_CVC_COMPLEX_TYPE_4": _missing_attribute,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": _attribute,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": _attribute,
    "SCHEMAV_CVC_TYPE_3_1_1": _attribute,
    "SCHEMAV_CVC_TYPE_3_1_2": _text,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": _text,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": _text,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": _text,
    "SCHEMAV_CVC_TYPE_2": _abstract,
    "SCHEMAV_CVC_ELT_4_3": _derived,
    "SCHEMAV_CVC_IDC": _unique,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": _value,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_2": _value,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_3": _value,
    "SCHEMAV_CVC_PATTERN_VALID": _value,
    "SCHEMAV_CVC_ENUMERATION_VALID": _value,
    "SCHEMAV_CVC_MAXLENGTH_VALID": _value,
    "SCHEMAV_CVC_MININCLUSIVE_VALID": _value,
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": _value,
    "XMLSchemaDecodeError": _value,
    "XMLSchemaValidationError": _value,
}


def _bare(text: str) -> str:
    return _NAMESPACE.sub("", text)


def _short(text: str) -> str:
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return f"{text!r}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
