"""Where and how to get what a record describes, as RDF: distributions, services, licences."""

from __future__ import annotations

from mappings import rdf_terms
from mappings.rdf_names import CLASSES, TYPE, name
from mappings.rdf_triples import Triples
from registry.model import Access, AccessURL, Capability, Licence, Record

_SERVICES = frozenset({"HAPI", "TAP", "EPNTAP", "Search"})
_SERVICE_KINDS = frozenset(kind for kind, its in CLASSES.items() if its == "dcat:DataService")
_COMPRESSED = frozenset({"BZIP2", "GZIP", "ZIP"})


def access(about: Triples, record: Record, *, data: bool) -> None:
    """Distributions of data, the addresses of everything else, capabilities, rights, pages."""
    for link in record.links:
        about.resource(_PAGE, link.url)
    about.resource(_PAGE, record.reference_url)
    for one in record.rights:
        licence(about, one)
    services = _Services(about)
    number = 0
    for way in record.access:
        if not data:
            _addresses(about, way, record, services)
            continue
        for url in way.urls or [AccessURL("")]:
            number += 1
            _distribution(about, way, url, f"access-{number}", services)
    for capability in record.capabilities:
        _capability(about, record, capability, services)


class _Services:
    """The services that a record names, each once."""

    __slots__ = ("about", "count", "known")

    def __init__(self, about: Triples) -> None:
        self.about = about
        self.known: dict[tuple[str, str], Triples] = {}
        self.count = 0

    def at(self, address: str, kind: str) -> Triples:
        """The part for the service at an address, of a SPASE Style or an IVOA standard."""
        service = self.known.get((address, kind))
        if service is None:
            self.count += 1
            service = self.about.part(_ACCESS_SERVICE, f"service-{self.count}")
            service.add(TYPE, _DATA_SERVICE)
            service.resource(_ENDPOINT, address)
            self.known[address, kind] = service
        return service


def licence(about: Triples, given: Licence) -> None:
    """A licence by its address; without one, the words that stand in its place."""
    address = rdf_terms.iri(given.uri) if given.uri else None
    if address:
        about.add(_LICENSE, address)
    else:
        about.text(_RIGHTS, given.uri or given.identifier or given.name or given.note)


def _terms(about: Triples, way: Access) -> None:
    about.word(_ACCESS_RIGHTS, "AccessRights", way.rights)
    if way.availability == "Offline":
        about.word(_AVAILABILITY, "Availability", way.availability)
    about.record(_REPOSITORY, way.repository)
    for one in way.formats:
        about.word(_FORMAT, "Format", one)
    if way.encoding in _COMPRESSED:
        about.word(_COMPRESSION, "Encoding", way.encoding)
    for given in way.licences:
        licence(about, given)


def _distribution(
    about: Triples, way: Access, url: AccessURL, fragment: str, services: _Services
) -> None:
    node = about.part(_DISTRIBUTION, fragment)
    node.add(TYPE, _DISTRIBUTION_CLASS)
    node.text(_TITLE, url.name)
    _terms(node, way)
    if url.style in _SERVICES:
        service = services.at(url.url, url.style)
        service.word(_KIND, "Style", url.style)
        node.add(_DCAT_ACCESS_SERVICE, service.subject)
    elif url.style == "File":
        node.resource(_DOWNLOAD_URL, url.url)
    else:
        node.resource(_ACCESS_URL, url.url)
    for key in url.product_keys:
        node.text(_PRODUCT_KEY, key)


def _addresses(about: Triples, way: Access, record: Record, services: _Services) -> None:
    # dcat:distribution would make a repository or a document a dataset.
    _terms(about, way)
    for url in way.urls:
        if url.style in _SERVICES:
            services.at(url.url, url.style).word(_KIND, "Style", url.style)
        about.resource(_ENDPOINT if record.kind in _SERVICE_KINDS else _PAGE, url.url)


def _capability(
    about: Triples, record: Record, capability: Capability, services: _Services
) -> None:
    for interface in capability.interfaces:
        for url, use in interface.urls:
            if use == "wsdl":
                continue
            if interface.type == "WebBrowser":
                about.resource(_PAGE, url)
                continue
            service = services.at(url, capability.standard)
            service.resource(_CONFORMS_TO, capability.standard)
            if record.kind in _SERVICE_KINDS:
                about.resource(_ENDPOINT, url)


_ACCESS_RIGHTS = name("dcterms:accessRights")
_ACCESS_SERVICE = name("ph:accessService")
_ACCESS_URL = name("dcat:accessURL")
_AVAILABILITY = name("ph:availability")
_COMPRESSION = name("dcat:compressFormat")
_CONFORMS_TO = name("dcterms:conformsTo")
_DATA_SERVICE = name("dcat:DataService")
_DCAT_ACCESS_SERVICE = name("dcat:accessService")
_DISTRIBUTION = name("dcat:distribution")
_DISTRIBUTION_CLASS = name("dcat:Distribution")
_DOWNLOAD_URL = name("dcat:downloadURL")
_ENDPOINT = name("dcat:endpointURL")
_FORMAT = name("dcterms:format")
_KIND = name("dcterms:type")
_LICENSE = name("dcterms:license")
_PAGE = name("foaf:page")
_PRODUCT_KEY = name("ph:productKey")
_REPOSITORY = name("ph:repository")
_RIGHTS = name("dcterms:rights")
_TITLE = name("dcterms:title")
