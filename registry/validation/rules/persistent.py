"""Rules about identifiers given by others: DOI, ORCID, ROR."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mappings import labels
from registry import identifiers
from registry.findings import WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded
from schemas.parts import Part

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_BASE_32 = {sign: value for value, sign in enumerate("0123456789abcdefghjkmnpqrstvwxyz")}


_fine_dois: Fine[bytes] = Fine(lambda raw: _is_doi(_doi_of(decoded(raw))))


def _doi_of(words: str) -> str:
    # As the model has it: what is no DOI stays as it is written.
    return identifiers.doi(words) or words


def _is_doi(doi: str) -> bool:
    return not doi or _DOI.fullmatch(doi) is not None


def has_odd_doi(texts: Written) -> bool:
    return not _fine_dois.all(texts.named(b"DOI"))


def own_doi(record: Written | Record) -> tuple[str, str] | None:
    """(key, DOI) of the record; None where it has no DOI."""
    if isinstance(record, Record):
        written, identifier = record.doi, record.identifier
    elif b"DOI" in record.texts:
        written, identifier = record.first(b"DOI"), record.first(b"ResourceID")
    else:
        return None
    doi = identifiers.doi(written)
    return (identifiers.key(identifier), doi) if doi else None


def stands_elsewhere(asked: tuple[str, str], lookup: Lookup) -> bool:
    own, doi = asked
    return any(identifiers.key(one) != own for one in lookup.with_doi(doi))


def has_odd_agent(texts: Written) -> bool:
    return not (
        _fine_orcids.all(texts.named(b"ORCIdentifier"))
        and _fine_rors.all(texts.named(b"RORIdentifier"))
    )


def has_doi(document: Part, model: Record, lookup: Lookup) -> str:
    return model.doi


def has_agent(document: Part, model: Record, lookup: Lookup) -> bool:
    return model.agent is not None and bool(model.agent.orcid or model.agent.rors)


@rule("doi.form", WARNING, "a DOI that is none", formats=["spase"],
      first=has_odd_doi, when=has_doi)  # fmt: skip
def doi_form(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """A DOI is 10., a number, a slash and a suffix (ISO 26324, section 4)."""
    if _DOI.fullmatch(model.doi):
        return
    message = f"`DOI` is {short(model.doi)!r}, which is no DOI"
    remedy = "write the DOI, like 10.48322/abcd-1234; leave the element out while there is none"
    yield said(document, "DOI", None, message, remedy)


@rule("doi.repeated", WARNING, "one DOI stands in several records", first=own_doi,
      among=stands_elsewhere, when=has_doi)  # fmt: skip
def doi_repeated(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    doi = identifiers.doi(model.doi)
    own = identifiers.key(model.identifier)
    others = [one for one in lookup.with_doi(doi) if identifiers.key(one) != own] if doi else []
    if others:
        message = f"the DOI {doi} stands in {', '.join(others[:3])} too"
        message += " …" if len(others) > 3 else ""
        name = "DOI" if model.format == "spase" else "altIdentifier"
        yield said(document, name, None, message,
                   "a DOI names one thing: keep it where it belongs")  # fmt: skip


@rule("orcid.form", WARNING, "an ORCID iD that is none", first=has_odd_agent, when=has_agent)
def orcid_form(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    written = model.agent.orcid if model.agent else ""
    if written and not labels.orcid(written):
        message = f"`ORCIdentifier` is {short(written)!r}, which is no ORCID iD"
        remedy = "an ORCID iD is four groups of four digits, like 0000-0002-1825-0097"
        yield said(document, "ORCIdentifier", written, message, remedy)


@rule(
    "orcid.checksum", WARNING, "an ORCID iD with a wrong digit", first=has_odd_agent, when=has_agent
)
def orcid_checksum(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """The last sign of an ORCID iD is a check by ISO 7064, MOD 11-2."""
    written = model.agent.orcid if model.agent else ""
    bare = labels.orcid(written)
    if bare and bare[-1] != _orcid_check(bare):
        message = f"`ORCIdentifier` is {short(written)}, and its last sign does not fit the others"
        yield said(document, "ORCIdentifier", written, message,
                   "copy it again from the person's page at orcid.org")  # fmt: skip


def _orcid_check(bare: str) -> str:
    total = 0
    for digit in bare.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "X" if check == 10 else str(check)


@rule("ror.form", WARNING, "a ROR identifier that is none", first=has_odd_agent, when=has_agent)
def ror_form(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for written in model.agent.rors if model.agent else ():
        if not labels.ror(written):
            message = f"`RORIdentifier` is {short(written)!r}, which is no ROR identifier"
            remedy = "one begins with 0 and has nine signs, like 05dxps055; look it up at ror.org"
            yield said(document, "RORIdentifier", written, message, remedy)


@rule(
    "ror.checksum",
    WARNING,
    "a ROR identifier with a wrong sign",
    first=has_odd_agent,
    when=has_agent,
)
def ror_checksum(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """The last two digits check the others, which are a number in base 32 (ISO 7064, MOD 97-10)."""
    for written in model.agent.rors if model.agent else ():
        bare = labels.ror(written)
        if bare and int(bare[-2:]) != _ror_check(bare):
            message = f"`RORIdentifier` is {short(written)}; its last digits do not fit the others"
            yield said(document, "RORIdentifier", written, message,
                       "copy it again from the organisation's page at ror.org")  # fmt: skip


def _ror_check(bare: str) -> int:
    number = 0
    for sign in bare[:7]:
        number = number * 32 + _BASE_32[sign]
    return 98 - number * 100 % 97


def _is_orcid(raw: bytes) -> bool:
    bare = labels.orcid(decoded(raw))
    return bool(bare) and bare[-1] == _orcid_check(bare)


def _is_ror(raw: bytes) -> bool:
    bare = labels.ror(decoded(raw))
    return bool(bare) and int(bare[-2:]) == _ror_check(bare)


_fine_orcids: Fine[bytes] = Fine(_is_orcid)
_fine_rors: Fine[bytes] = Fine(_is_ror)
