"""Who stands behind a record, as RDF: contacts and their roles, authors, publishers, funders."""

from __future__ import annotations

from mappings import rdf_terms
from mappings.rdf_names import name
from mappings.rdf_triples import Triples
from registry.model import Agent, Contact, Party, Record


def people(about: Triples, record: Record) -> None:
    """Contacts, creators, contributors, publisher, funding, and the person described, if any."""
    for number, contact in enumerate(record.contacts, 1):
        _contact(about, contact, f"contact-{number}")
    for party in record.creators:
        _party(about, party, _CREATOR, _CREATOR_NAME)
    for party in record.contributors:
        _party(about, party, _CONTRIBUTOR, _CONTRIBUTOR_NAME)
    if record.publisher is not None:
        _party(about, record.publisher, _PUBLISHER, _PUBLISHER_NAME)
    if record.publication is not None:
        _publication(about, record)
    for number, funding in enumerate(record.funding, 1):
        grant = about.part(_FUNDING, f"funding-{number}")
        grant.text(_FUNDER, funding.agency)
        grant.text(_PROJECT, funding.project)
        grant.text(_AWARD, funding.award)
    if record.agent is not None:
        _agent(about, record.agent, record.kind)


def _contact(about: Triples, contact: Contact, fragment: str) -> None:
    # A contact with a record of its own is an agent in a role; one that is written out is a card.
    if not contact.person:
        card = about.part(_CONTACT_POINT, fragment)
    else:
        card = about.part(_ATTRIBUTION, fragment)
        card.record(_AGENT, contact.person)
    for role in contact.roles:
        card.word(_ROLE, "Role", role)
    card.text(_FULL_NAME, contact.name)
    _mail(card, contact.email)


def _mail(card: Triples, email: str) -> None:
    if email:
        mail = email if email.lower().startswith("mailto:") else f"mailto:{email}"
        card.add(_EMAIL, rdf_terms.iri(mail) or rdf_terms.literal(email))


def _party(about: Triples, party: Party, property_iri: str, property_text: str) -> None:
    # The name stays beside the identifier: the record of that identifier may not be held here.
    about.text(property_text, party.name)
    about.record(property_iri, party.identifier)
    for other in party.alternate_identifiers:
        about.resource(property_iri, other)


def authors(text: str) -> list[str]:
    """The names in a PublicationInfo's Authors: split at `;`, because names contain commas."""
    found = (one.strip().removeprefix("and ").strip() for one in text.split(";"))
    return [one for one in found if one]


def _publication(about: Triples, record: Record) -> None:
    publication = record.publication
    assert publication is not None
    if publication.title != record.name:
        about.text(_ALTERNATIVE, publication.title)
    for author in authors(publication.authors):
        about.text(_CREATOR_NAME, author)
    about.text(_PUBLISHER_NAME, publication.publisher)
    about.moment(_ISSUED, publication.date)
    about.resource(_PAGE, publication.landing_page)


def _agent(about: Triples, agent: Agent, kind: str) -> None:
    if kind == "Person":
        about.text(_ORGANISATION_NAME, agent.organisation)
    if agent.orcid:
        orcid = agent.orcid.rstrip("/").rpartition("/")[2]
        about.resource(_SAME_AS, f"https://orcid.org/{orcid}")
    for ror in agent.rors:
        address = ror if "://" in ror else f"https://ror.org/{ror.rpartition('/')[2]}"
        about.resource(_MEMBER_OF if kind == "Person" else _SAME_AS, address)
    for email in agent.emails:
        _mail(about, email)


_AGENT = name("prov:agent")
_ALTERNATIVE = name("dcterms:alternative")
_ATTRIBUTION = name("prov:qualifiedAttribution")
_AWARD = name("schema:identifier")
_CONTACT_POINT = name("dcat:contactPoint")
_CONTRIBUTOR = name("dcterms:contributor")
_CONTRIBUTOR_NAME = name("dc:contributor")
_CREATOR = name("dcterms:creator")
_CREATOR_NAME = name("dc:creator")
_EMAIL = name("vcard:hasEmail")
_FULL_NAME = name("vcard:fn")
_FUNDER = name("schema:funder")
_FUNDING = name("schema:funding")
_ISSUED = name("dcterms:issued")
_MEMBER_OF = name("org:memberOf")
_ORGANISATION_NAME = name("vcard:organization-name")
_PAGE = name("foaf:page")
_PROJECT = name("schema:name")
_PUBLISHER = name("dcterms:publisher")
_PUBLISHER_NAME = name("dc:publisher")
_ROLE = name("dcat:hadRole")
_SAME_AS = name("owl:sameAs")
