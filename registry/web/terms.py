"""The vocabularies: a page for each and for each term, and the forms that programs ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from registry.web import term_forms
from registry.web.presentation import here, render, words
from registry.web.site import site
from registry.web.term_usage import notation, ucd_pattern, usage
from vocabularies import catalogue, closure, namespaces, terms
from vocabularies.catalogue import Vocabulary
from vocabularies.terms import Term as Term

blueprint = Blueprint("terms", __name__)

MOST_FOUND = 200
"""Terms that a search of the vocabularies shows."""
SYSTEMS = {
    "spaseName": "SPASE",
    "istpName": "ISTP and HAPI",
    "fitsName": "FITS",
    "spiceName": "SPICE",
    "sunpyName": "SunPy",
    "astropyName": "Astropy",
    "spacepyName": "SpacePy",
    "vounit": "VOUnits",
}
FACTS = {
    "origin": "Origin",
    "xAxis": "X axis",
    "yAxis": "Y axis",
    "zAxis": "Z axis",
    "exactAxis": "Exact axis",
    "plane": "Fundamental plane",
    "epoch": "Epoch",
    "rotates": "Rotates",
    "rotatesWith": "Turns with",
    "targetName": "Target name in EPN-TAP",
    "siFactor": "Factor to SI",
    "siUnit": "SI unit",
    "ucdFlag": "Place in a UCD",
}
MATCHES = {
    "exactMatch": "Same as",
    "closeMatch": "Close to",
    "broadMatch": "Kind of",
    "narrowMatch": "Wider than",
    "relatedMatch": "Related to",
}
"""The SKOS mapping relations in words."""
_FLAGS = {"P": "first only", "S": "not first", "E": "photometric", "C": "colour", "V": "vector"}
_SEARCHED = {
    "spase/Region": "region",
    "spase/MeasurementType": "measurement",
    "units": "units",
}
"""The search facets whose values are the terms of a vocabulary."""


@dataclass(slots=True, frozen=True)
class Link:
    """A term as a link; `address` leads out of this site where the term is not held."""

    name: str
    address: str
    outside: bool = False
    vocabulary: str = ""


def term_of(name: str, iri: str | None) -> tuple[Term, str] | None:
    """The term of a vocabulary with this IRI, and the address of its definition; else None."""
    term = terms.all_terms().get(iri) if iri else None
    if term is None or term.scheme != name:
        return None
    return term, f"{here('/vocabularies/' + name)}#{term.local}"


def page_of_term(term: Term) -> str:
    """The address of a term's own page, for links in pages."""
    return here(f"/vocabularies/{term.scheme}/{term.local}")


def link(iri: str) -> Link:
    """A term or a scheme as a link."""
    term = terms.all_terms().get(iri)
    if term is not None:
        name = term.label if not term.names else f"{term.local}"
        return Link(name, page_of_term(term), False, catalogue.vocabularies()[term.scheme].title)
    path = catalogue.path_of(iri)
    if path is not None and "#" not in iri:
        return Link(catalogue.vocabularies()[path].title, here(f"/vocabularies/{path}"))
    return Link(iri.rpartition("#")[2].rpartition("/")[2] or iri, iri, True)


def facts(term: Term) -> list[tuple[str, str, Link | None]]:
    """(heading, text, link) of what is said of a term in properties of our own."""
    found: list[tuple[str, str, Link | None]] = []
    for name, value, is_iri in term.more:
        if name not in FACTS:
            continue
        if is_iri:
            target = terms.all_terms().get(value)
            linked = link(value)
            label = target.label if target else linked.name
            found.append((FACTS[name], label, linked))
        else:
            found.append((FACTS[name], _said(name, value), None))
    return found


def _said(name: str, value: str) -> str:
    if name == "rotates":
        return "yes" if value == "true" else "no"
    return _FLAGS.get(value, "anywhere") if name == "ucdFlag" else value


def versions(term: Term) -> str:
    """The SPASE versions of a value in words; '' where every one has it."""
    said = []
    for interval in term.versions.split():
        first, _, last = interval.partition("-")
        if first == last:
            said.append(f"{first} only")
        elif first and last:
            said.append(f"{first} to {last}")
        elif last:
            said.append(f"up to {last}")
        else:
            said.append(f"since {first}")
    return ", ".join(said)


@cache
def _depths(path: str) -> dict[str, int]:
    """How deep each term of a vocabulary stands, by local name."""
    found: dict[str, int] = {}
    for local, term in terms.of_scheme(path).items():
        above = [one for one in term.broader if catalogue.path_of(one) == path]
        depths = [found.get(terms.all_terms()[one].local, 0) for one in above]
        found[local] = min(depths) + 1 if depths else 0
    return found


@blueprint.get("/vocabularies/")
def overview() -> Response:
    """All vocabularies; with `q` the terms that have these words."""
    asked = " ".join(request.args.get("q", "").split())[:200]
    groups: dict[str, list[tuple[Vocabulary, int]]] = {}
    for path, vocabulary in catalogue.vocabularies().items():
        groups.setdefault(vocabulary.keeper, []).append((vocabulary, len(terms.of_scheme(path))))
    found = matching(asked) if asked else []
    return render(
        "terms_overview.html",
        asked=asked,
        groups=groups,
        found=found[:MOST_FOUND],
        number=len(found),
        link=link,
        titles={path: one.title for path, one in catalogue.vocabularies().items()},
    )


def matching(asked: str) -> list[Term]:
    """The terms with all the words asked for; those so called first, then by label."""
    wanted = asked.casefold().split()
    found = []
    for term in terms.all_terms().values():
        called = _called(term)
        text = f"{called} {term.definition}".casefold()
        if all(word in text for word in wanted):
            rank = 0 if asked.casefold() in called.casefold().split("\n") else 1
            rank += 2 * (not all(word in called.casefold() for word in wanted))
            found.append((rank, len(term.local), term.label.casefold(), term.iri, term))
    return [row[-1] for row in sorted(found, key=lambda row: row[:-1])]


def _called(term: Term) -> str:
    names = [name for _, name in term.names]
    return "\n".join([term.local, term.label, words(term.local), *names, *term.alternatives])


@blueprint.get("/vocabularies/<path:name>")
def vocabulary(name: str) -> AnyResponse:
    """A vocabulary or a term, as a page or in the form that suffix or Accept header name."""
    path, suffix = _split(name)
    known = catalogue.vocabularies()
    if path in known:
        if suffix == "html":
            return _negotiable(_vocabulary_page(known[path]))
        body = term_forms.vocabulary(path, suffix)
        return _negotiable(Response(body, content_type=term_forms.content_type(suffix)))
    scheme, _, local = path.rpartition("/")
    term = terms.of_scheme(scheme).get(local) if scheme in known else None
    if term is None:
        if name.endswith("/") and name.rstrip("/") in known:
            return redirect(here(f"/vocabularies/{name.rstrip('/')}"), 301)
        abort(404)
    if suffix == "html":
        return _negotiable(_term_page(known[scheme], term))
    return _negotiable(
        Response(term_forms.term(term, suffix), content_type=term_forms.content_type(suffix))
    )


def _split(name: str) -> tuple[str, str]:
    """(path, suffix of the form): the suffix in the address, else what the Accept header asks."""
    head, dot, suffix = name.rpartition(".")
    if dot and suffix in term_forms.FORMS:
        return head, suffix
    return name, term_forms.wanted(request)


def _negotiable(response: Response) -> Response:
    response.vary.add("Accept")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _vocabulary_page(vocabulary: Vocabulary) -> Response:
    listed = terms.of_scheme(vocabulary.path)
    return render(
        "terms.html",
        vocabulary=vocabulary,
        terms=listed,
        depths=_depths(vocabulary.path),
        hierarchical=any(_depths(vocabulary.path).values()),
        forms=term_forms.FORMS,
        link=link,
        page_of_term=page_of_term,
        versions=versions,
        facts=facts,
        systems=SYSTEMS,
        relations=MATCHES,
    )


def _term_page(vocabulary: Vocabulary, term: Term) -> Response:
    with site().store.reading() as reader:
        used = usage(site().graph, site().index, reader, term)
    facet = _SEARCHED.get(vocabulary.path)
    above = [link(one) for one in reversed(closure.broader(term.iri))]
    return render(
        "term.html",
        vocabulary=vocabulary,
        term=term,
        above=above,
        used=used,
        search=here("/search", **{facet: notation(term)}) if facet else "",
        query=here("/sparql", query=_query(term)) if vocabulary.path != "units" else "",
        forms=term_forms.FORMS,
        link=link,
        page_of_term=page_of_term,
        versions=versions(term),
        facts=facts(term),
        systems=SYSTEMS,
        relations=MATCHES,
        citations=terms.citations(),
    )


def _query(term: Term) -> str:
    """The SPARQL query that lists what uses a term or what it finds."""
    finds = f"<{namespaces.ONTOLOGY}finds>"
    columns = ""
    if term.scheme == "ucd":
        columns = (
            f"  UNION {{ ?record <https://schema.org/variableMeasured> ?column .\n"
            f"    ?column <{namespaces.ONTOLOGY}ucd> ?ucd\n"
            f'    FILTER(REGEX(?ucd, {ucd_pattern(term.local, narrower=True)}, "i")) }}\n'
        )
    return (
        "PREFIX dcterms: <http://purl.org/dc/terms/>\n"
        "SELECT DISTINCT ?record ?title WHERE {\n"
        f"  {{ {{ BIND(<{term.iri}> AS ?term) }} UNION {{ <{term.iri}> {finds} ?term }}\n"
        f"    ?record ?property ?term }}\n{columns}"
        "  ?record dcterms:title ?title .\n"
        "} LIMIT 500"
    )
