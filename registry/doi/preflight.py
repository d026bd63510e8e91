"""What stands in the way of a DOI, and what would make it better, before anything is asked for.

Errors keep a record from being minted, warnings do unless somebody says so on purpose, advice
does not. Each names the element of the record itself, and the line of the source where it is, or
where it would have to stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datacite import schema45

from mappings import datacite_people as people
from mappings.models import model_of
from mappings.to_datacite import Lacking, doubts, lacking, publication_year, to_datacite
from registry.doi.account import Account
from registry.doi.minting import refusals
from registry.doi.replacing import circle
from registry.findings import ADVICE, ERROR, INVALID, NO_SCHEMA, WARNING
from registry.kept_records import neighbours_of
from registry.model import Neighbours, Record
from registry.store import dois
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from schemas.documents import element

Object = dict[str, Any]

_WHERE = {
    "spase": {
        "creators": "ResourceHeader/PublicationInfo/Authors",
        "publisher": "ResourceHeader/PublicationInfo/PublishedBy",
        "publicationYear": "ResourceHeader/PublicationInfo/PublicationDate",
        "titles": "ResourceHeader/ResourceName",
        "descriptions": "ResourceHeader/Description",
        "rightsList": "AccessInformation/RightsList",
        "fundingReferences": "ResourceHeader/Funding",
        "relatedIdentifiers": "ResourceHeader/Association",
        "contributors": "ResourceHeader/Contact",
        "dates": "TemporalDescription",
        "geoLocations": "SpatialCoverage",
        "doi": "ResourceHeader/DOI",
        "url": "ResourceID",
        "subjects": "MeasurementType",
        "types": "the resource's own element",
        "formats": "AccessInformation/Format",
        "sizes": "AccessInformation/DataExtent",
        "alternateIdentifiers": "ResourceID",
    },
    "voresource": {
        "creators": "curation/creator",
        "publisher": "curation/publisher",
        "publicationYear": "curation/date",
        "titles": "title",
        "descriptions": "content/description",
        "rightsList": "rights",
        "relatedIdentifiers": "content/relationship",
        "contributors": "curation/contributor",
        "dates": "curation/date",
        "geoLocations": "coverage",
        "doi": "altIdentifier",
        "url": "identifier",
        "subjects": "content/subject",
        "types": "xsi:type",
        "alternateIdentifiers": "altIdentifier",
    },
}


@dataclass(slots=True, frozen=True)
class Remark:
    """One thing that preflight has to say. `line` is 0 where the source has no place for it."""

    severity: str
    message: str
    path: str = ""
    line: int = 0


@dataclass(slots=True, frozen=True)
class Checked:
    """A record as it was looked at: what there is to say, and the model it was said of."""

    record: Record
    neighbours: Neighbours
    remarks: list[Remark]

    def of(self, severity: str) -> list[Remark]:
        return [one for one in self.remarks if one.severity == severity]


def element_of(format_: str, attribute: str) -> str:
    """The path of the element that an attribute of DataCite's comes from; '' if from none."""
    return _WHERE.get(format_, {}).get(attribute, "")


def preflight(
    reader: Reader, kept: KeptRecord, account: Account, *, year: int | None = None
) -> Checked:
    """Everything that there is to say about minting a record; the worst first."""
    body = reader.body(kept)
    root = element(body)
    record = model_of(kept.format, root)
    neighbours = neighbours_of(reader, record)
    own = dois.doi_of(reader.connection, kept.id)
    found = _standing(kept)
    found += [
        Remark(ERROR, one)
        for one in refusals(
            record,
            prefix=account.prefix,
            page=account.page(kept.key),
            authorities=account.authorities,
            own=own.doi if own else "",
            trial=account.trial,
        )
    ]
    found += _metadata(record, neighbours, account.page(kept.key), year)
    found += _replacement(reader, kept)
    found += _citing(record, neighbours)
    order = [ERROR, WARNING, ADVICE]
    placed = [_placed(one, record.format, root) for one in found]
    return Checked(record, neighbours, sorted(placed, key=lambda one: order.index(one.severity)))


def _standing(kept: KeptRecord) -> list[Remark]:
    if kept.deleted:
        return [Remark(ERROR, f"The record {kept.identifier} is deleted.")]
    if kept.verdict == INVALID:
        told = "The record is invalid: `parhelion validate` says what to change."
        return [Remark(ERROR, told)]
    found = []
    if kept.verdict == NO_SCHEMA:
        told = f"Nobody knows whether it is valid: there is no schema of version {kept.version}."
        found.append(Remark(WARNING, told))
    if kept.status not in ("active", ""):
        found.append(Remark(WARNING, f"The record says of itself that it is {kept.status}."))
    return found


def _metadata(record: Record, neighbours: Neighbours, page: str, year: int | None) -> list[Remark]:
    missing = lacking(record, neighbours, publication_year_today=year)
    if missing:
        return [Remark(ERROR, one, _attribute(one)) for one in missing]
    try:
        made = to_datacite(
            record, neighbours, doi="10.5072/none", url=page, publication_year_today=year
        )
    except Lacking as error:  # pragma: no cover - `lacking` has been asked
        return [Remark(ERROR, one, _attribute(one)) for one in error.reasons]
    found = []
    for fault in schema45.validator.iter_errors(made):
        name = str(next(iter(fault.absolute_path), ""))
        found.append(Remark(ERROR, f"DataCite would not take it: {fault.message[:200]}.", name))
    severe = ("There is no PublicationInfo", "“", "There is no description")
    for one in doubts(record, neighbours):
        if one.startswith("It has no year") and year:
            continue
        severity = WARNING if one.startswith(severe) else ADVICE
        found.append(Remark(severity, one, _attribute(one)))
    return found


def _attribute(message: str) -> str:
    signs = {
        "creator": "creators", "authors": "creators", "publisher": "publisher",
        "year": "publicationYear", "title": "titles", "rights": "rightsList",
        "description.": "descriptions",
    }  # fmt: skip
    return next((name for sign, name in signs.items() if sign in message), "")


def _replacement(reader: Reader, kept: KeptRecord) -> list[Remark]:
    found = circle(reader, kept)
    if not found:
        return []
    chain = " → ".join(found)
    return [Remark(WARNING, f"It is said to be replaced by itself: {chain}.", "relatedIdentifiers")]


def _citing(record: Record, neighbours: Neighbours) -> list[Remark]:
    """What good citation asks for beyond what DataCite must have."""
    found = []
    made = people.creators(record, neighbours)
    persons = [one for one in made if one.get("nameType") == "Personal"]
    bare = [str(one["name"]) for one in persons if not one.get("nameIdentifiers")]
    if bare:
        told = f"No ORCID iD is known of {_some(bare)}: it comes from their Person records."
        found.append(Remark(ADVICE, told, "creators"))
    homeless = [str(one["name"]) for one in persons if not one.get("affiliation")]
    if homeless:
        told = f"No affiliation is known of {_some(homeless).removesuffix('.')}."
        found.append(Remark(ADVICE, told, "creators"))
    text = record.description.strip()
    if 0 < len(text) < 50:
        told = f"The description has {len(text)} characters: whoever cites it wants to know more."
        found.append(Remark(ADVICE, told, "descriptions"))
    if record.format == "spase" and not record.funding and publication_year(record):
        found.append(Remark(ADVICE, "It does not say who paid for it.", "fundingReferences"))
    return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return "; ".join(names[:3]) + more


def _placed(remark: Remark, format_: str, root: Any) -> Remark:
    path = element_of(format_, remark.path)
    return Remark(remark.severity, remark.message, path, _line(root, path) if path else 0)


def _line(root: Any, path: str) -> int:
    """The line of an element, or of the one that it would have to stand in."""
    here = root
    resource = [one for one in root if isinstance(one.tag, str) and len(one)]
    if resource and root.tag.endswith("}Spase"):
        here = resource[0]
    for step in path.split("/"):
        inside = [
            one for one in here
            if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == step
        ]  # fmt: skip
        if not inside:
            break
        here = inside[0]
    return int(here.sourceline or 0)
