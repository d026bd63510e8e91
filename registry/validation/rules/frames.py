"""Rules about coordinates: their frames, and numbers that no place on a sphere has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.elements import text
from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, others, said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded
from schemas.parts import Part
from vocabularies import frames
from vocabularies.frame_words import INSTEAD, SAME

_COMPONENTS = frozenset(("Component.I", "Component.J", "Component.K"))


def has_vectors(texts: Written) -> bool:
    """Whether a field has components and no frame, as the bytes have it."""
    if texts.content.find(b"Component.", texts.begin) < 0:
        return False
    return any(
        b"<CoordinateSystem>" not in one and b"<Field>" in one and b"Component." in one
        for one in texts.content[texts.begin :].split(b"Parameter>")
    )


def _is_vector(parameter: Any) -> bool:
    if parameter.find("{*}Field") is None or parameter.find("{*}CoordinateSystem") is not None:
        return False
    words = {text(one) for one in parameter.iterfind("{*}Structure/{*}Element/{*}Qualifier")}
    return len(words & _COMPONENTS) > 1


@rule("frame.missing", ADVICE, "components of a vector without a coordinate system",
      formats=["spase"], first=has_vectors)  # fmt: skip
def missing(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """Names that the record's version does not list are the schema's to tell."""
    bad = [one for one in document.element.iter("{*}Parameter") if _is_vector(one)]
    if not bad:
        return
    name = bad[0].find("{*}Name")
    told = f"`Parameter` {short(text(name))}" if name is not None else "`Parameter`"
    told += " has components and no CoordinateSystem"
    told += others(bad, "; so has", "; so have")
    yield about(document, bad[0], told, "say in which frame the components are, such as GSE")


@rule("frame.ivoa", WARNING, "a frame that IVOA's vocabulary does not have, or no longer",
      formats=["voresource"])  # fmt: skip
def ivoa(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """VODataService 1.2, section 3.3: `frame` is a term of the refframe vocabulary."""
    for place in model.places:
        name = place.frame
        if not name:
            continue
        if name in INSTEAD:
            message = f"the frame {name} is deprecated"
            yield said(document, "spatial", name, message, f"write {INSTEAD[name]}",
                       INSTEAD[name] if name in SAME else None,
                       attribute="frame")  # fmt: skip
        elif frames.ivoa_term(name) is None:
            near = next((one for one in frames.ivoa_terms() if one.lower() == name.lower()), "")
            message = f"the frame {short(name)!r} is no term of IVOA's refframe vocabulary"
            remedy = f"write {near}" if near else "leave the attribute out if IVOA lists none"
            yield said(document, "spatial", name, message, remedy, near or None,
                       attribute="frame")  # fmt: skip


_LATITUDES = tuple(
    name.encode()
    for name in ("Latitude", "CenterLatitude", "NorthernmostLatitude", "SouthernmostLatitude")
)
_LONGITUDES = tuple(
    name.encode()
    for name in ("Longitude", "CenterLongitude", "EasternmostLongitude", "WesternmostLongitude")
)


def _within(raw: bytes, most: int) -> bool:
    degrees = _number(decoded(raw))
    return degrees is None or -most <= degrees <= most


_fine_latitudes: Fine[bytes] = Fine(lambda raw: _within(raw, 90))
_fine_longitudes: Fine[bytes] = Fine(lambda raw: _within(raw, 360))


def places_in_doubt(texts: Written) -> bool:
    if b"SouthernmostLatitude" in texts.texts:
        return True
    return not (
        _fine_latitudes.all(texts.named(*_LATITUDES))
        and _fine_longitudes.all(texts.named(*_LONGITUDES))
    )


def has_places(document: Part, model: Record, lookup: Lookup) -> bool:
    return bool(model.places)


@rule("place.latitude", WARNING, "a latitude or longitude that no place has", formats=["spase"],
      first=places_in_doubt, when=has_places)  # fmt: skip
def latitude(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for place in model.places:
        for names, written, most in (
            (("Latitude", "CenterLatitude"), place.latitude, 90),
            (("NorthernmostLatitude",), place.north, 90),
            (("SouthernmostLatitude",), place.south, 90),
            (("Longitude", "CenterLongitude"), place.longitude, 360),
            (("EasternmostLongitude",), place.east, 360),
            (("WesternmostLongitude",), place.west, 360),
        ):
            degrees = _number(written)
            if degrees is None or -most <= degrees <= most:
                continue
            there = (n for n in names if document.element.find(f".//{{*}}{n}") is not None)
            name = next(there, names[0])
            message = f"`{name}` is {short(written)} degrees; it lies between -{most} and {most}"
            likely = most == 90 and abs(degrees) <= 360
            remedy = "correct it" + ("; is it the longitude?" if likely else "")
            yield said(document, name, written, message, remedy)


@rule("place.south-north", WARNING, "the southernmost latitude lies north of the northernmost",
      formats=["spase"], first=places_in_doubt, when=has_places)  # fmt: skip
def south_north(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for place in model.places:
        south, north = _number(place.south), _number(place.north)
        if south is not None and north is not None and south > north:
            message = f"`SouthernmostLatitude` {place.south} lies north of {place.north}"
            yield said(document, "SouthernmostLatitude", place.south, message, "exchange the two")


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
