"""An OAI-PMH 2.0 repository: arguments in, a response out. Speaks no HTTP.

Every answer is made from one snapshot of the store, and its responseDate is asked for before:
what the snapshot does not hold has a datestamp that is not earlier (docs/decisions.md, section 3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from oaipmh import error

from registry.oai import xml
from registry.oai.formats import Format
from registry.oai.items import AllRecords, Items
from registry.oai.lists import ListPage, Lists
from registry.oai.pages import Pages
from registry.oai.provenance import about
from registry.oai.requests import NO_XML, Request, read_request
from registry.oai.stitched import Piece, gzipped, piece, plain
from registry.oai.stretches import LEVEL, Stretch, stretch
from registry.oai.tokens import Tokens
from registry.settings import OaiSettings
from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.store.store import Store

NO_EMAIL = "admin-email-is-not-set@parhelion.invalid"
_EMAIL = re.compile(r"[^\s@]+@([^\s@.]+\.)+[^\s@.]+")
_URI = r"A-Za-z0-9\-._~?!$&'()*+,;=@"
_PLAIN_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.\-]*:(?://[{_URI}]*(?:/[{_URI}/:]*)?|(?!//)[{_URI}/:]*)|[{_URI}/]*)"
)


def admin_email(settings: OaiSettings) -> str:
    """The adminEmail of Identify; one that says so where none is set."""
    email = settings.admin_email.strip()
    return email if _EMAIL.fullmatch(email) else NO_EMAIL


@dataclass(slots=True, frozen=True)
class Answer:
    """A response, in the part of which that was written before is as it was kept."""

    before: str
    written: Piece | None = None
    after: str = ""

    def plain(self) -> bytes:
        """The response as it is."""
        if self.written is None:
            return self.before.encode() + self.after.encode()
        return plain([piece(self.before.encode(), 0), self.written, piece(self.after.encode(), 0)])

    def gzipped(self) -> bytes:
        """The response compressed (section 3.1.3): what was kept, as it was kept."""
        pieces = [piece(self.before.encode(), LEVEL)]
        if self.written:
            pieces += [self.written, piece(self.after.encode(), LEVEL)]
        return gzipped(pieces)


@dataclass(slots=True, frozen=True)
class _Written:
    """A verb's element, in the middle of which are records that are kept as they are written."""

    before: str
    written: Piece
    after: str


class Repository:
    """One repository: its address, its formats, and the store that it answers from."""

    def __init__(
        self,
        store: Store,
        settings: OaiSettings,
        base_url: str,
        formats: dict[str, Format],
        items: Items | None = None,
        pages: Pages | None = None,
    ) -> None:
        """`pages` are those written before, by any repository over this store and settings."""
        self.store = store
        self.settings = settings
        self.base_url = base_url
        self.formats = formats
        self.items: Items = items or AllRecords()
        self.pages = pages or Pages(0)
        self._tokens: Tokens | None = None

    def tokens(self, reader: Reader) -> Tokens:
        """Its resumption tokens, signed with the store's own secret."""
        if self._tokens is None:
            self._tokens = Tokens(reader.meta("token_secret"), self.base_url)
        return self._tokens

    def answer(self, arguments: Iterable[tuple[str, str]]) -> Answer:
        """The response to a request with these arguments. Raises StoreError."""
        moment = self.store.response_moment()
        address = xml.element("request", self.base_url)
        try:
            request = read_request(arguments)
        except error.ErrorBase as wrong:
            return Answer(xml.response(moment, address, _error(wrong)))
        try:
            with self.store.reading() as reader:
                body = _Answer(self, reader, request).made()
        except error.ErrorBase as wrong:
            said = self._request(request, failed=True)
            return Answer(xml.response(moment, said, _error(wrong)))
        said = self._request(request)
        if isinstance(body, str):
            return Answer(xml.response(moment, said, body))
        return Answer(xml.head(moment, said) + body.before, body.written, body.after + xml.END)

    def _request(self, request: Request, *, failed: bool = False) -> str:
        """The request element with the arguments as they came (section 3.2, part 3).

        Of a request that failed an argument is left out that the schema could not take.
        """
        said = dict(request.arguments)
        if failed and not _PLAIN_URI.fullmatch(said.get("identifier", "")):
            del said["identifier"]
        if NO_XML.search(said.get("resumptionToken", "")):
            del said["resumptionToken"]
        return xml.element("request", self.base_url, verb=request.verb, **said)


class _Answer:
    """One answer in the making, inside one snapshot."""

    def __init__(self, repository: Repository, reader: Reader, request: Request) -> None:
        self._settings = repository.settings
        self._store = repository.store
        self._base_url = repository.base_url
        self._formats = repository.formats
        self._items = repository.items
        self._pages = repository.pages
        self._tokens = repository.tokens(reader)
        self._reader = reader
        self._request = request

    def made(self) -> str | _Written:
        """The verb's element. Raises the library's errors."""
        answers: dict[str, Callable[[], str | _Written]] = {
            "Identify": self._identify,
            "ListMetadataFormats": self._list_metadata_formats,
            "ListSets": self._list_sets,
            "GetRecord": self._get_record,
            "ListIdentifiers": self._list,
            "ListRecords": self._list,
        }
        return answers[self._request.verb]()

    # -- about the repository (sections 4.2, 4.4, 4.6) -----------------------------------------

    def _identify(self) -> str:
        own = [one.datestamp for one in self._items.own()]
        first = min([listing.earliest_datestamp(self._reader), *own])
        said = [
            xml.element("repositoryName", self._settings.repository_name),
            xml.element("baseURL", self._base_url),
            xml.element("protocolVersion", "2.0"),
            xml.element("adminEmail", admin_email(self._settings)),
            xml.element("earliestDatestamp", xml.datestamp(first)),
            xml.element("deletedRecord", "persistent"),
            xml.element("granularity", "YYYY-MM-DDThh:mm:ssZ"),
            xml.element("compression", "gzip"),
            *(xml.container("description", [one]) for one in self._items.descriptions()),
        ]
        return xml.container("Identify", said)

    def _list_metadata_formats(self) -> str:
        offered = list(self._formats.values())
        if "identifier" in self._request.arguments:
            record = self._record(self._request.get("identifier"))
            offered = [one for one in offered if one.has(record)]
        if not offered:
            raise error.NoMetadataFormatsError("This record is offered in no metadata format.")
        return xml.container("ListMetadataFormats", [_described(one) for one in offered])

    def _list_sets(self) -> str:
        if "resumptionToken" in self._request.arguments:
            raise error.BadResumptionTokenError(
                "The list of sets comes whole: no resumptionToken is given for it."
            )
        found = [
            xml.container("set", [xml.element("setSpec", spec), xml.element("setName", name)])
            for spec, name in self._items.every_set(self._reader)
        ]
        if not found:
            raise error.NoSetHierarchyError("There are no records yet, and so no sets.")
        return xml.container("ListSets", found)

    # -- records (sections 4.1, 4.3, 4.5) ------------------------------------------------------

    def _record(self, identifier: str) -> KeptRecord:
        """The record known by an identifier. Raises IdDoesNotExistError."""
        found = self._items.find(self._reader, identifier)
        if found is None:
            raise error.IdDoesNotExistError("There is no record with this identifier.")
        return found

    def _format(self, prefix: str) -> Format:
        found = self._formats.get(prefix)
        if found is None:
            raise error.CannotDisseminateFormatError(
                f"There is no metadata format {prefix} here. There are: {', '.join(self._formats)}."
            )
        return found

    def _get_record(self) -> str:
        format_ = self._format(self._request.get("metadataPrefix"))
        record = self._record(self._request.get("identifier"))
        if not format_.has(record):
            raise error.CannotDisseminateFormatError(
                f"This record is not offered in the metadata format {format_.prefix}."
            )
        return xml.container("GetRecord", self._written(format_, [record]))

    def _list(self) -> _Written:
        request = self._request
        lists = Lists(
            self._reader,
            self._items,
            self._tokens,
            self._store.clock(),
            self._pages,
            repository=self._base_url,
            page_size=self._settings.page_size,
            token_hours=self._settings.token_hours,
        )
        if "resumptionToken" in request.arguments:
            page = lists.further(request.get("resumptionToken"), request.verb, self._format)
        else:
            page = lists.first(request, self._format(request.get("metadataPrefix")))
        own = [f"{one}\n" for one in self._listed(page.format, page.own)]
        before = f"<{request.verb}>\n" + "".join(own)
        after = "".join(f"{one}\n" for one in _resumption(page)) + f"</{request.verb}>"
        return _Written(before, self._stretch(page).piece, after)

    def _stretch(self, page: ListPage) -> Stretch:
        """The records of a page, written, and kept for whoever asks for them next."""
        records = page.records
        if page.written is not None and not records and page.key is None:
            return page.written
        texts = self._listed(page.format, records)
        made = stretch(
            ((one.change_number, f"{text}\n".encode()) for one, text in
             zip(records, texts, strict=True)),
            records[-1].change_number if records else 0,
            full=bool(page.token),
            stamp=page.stamp,
        )  # fmt: skip
        if page.written is not None:
            made = page.written.followed_by(made) if records else page.written
        if page.key and records:
            self._pages.put(page.key, made)
        return made

    def _listed(self, format_: Format, records: Sequence[KeptRecord]) -> list[str]:
        if not records:  # all was written before: nothing is asked of the store
            return []
        if self._request.verb == "ListIdentifiers":
            return self._headers(format_, records)
        return self._written(format_, records)

    def _headers(self, format_: Format, records: Sequence[KeptRecord]) -> list[str]:
        named = self._items.identifiers(self._reader, records)
        sets = self._items.sets_of(self._reader, records)
        return [
            _header(name, one, its, format_.deleted(one))
            for name, one, its in zip(named, records, sets, strict=True)
        ]

    def _written(self, format_: Format, records: Sequence[KeptRecord]) -> list[str]:
        """Record elements; the metadata of those that are current are made in one go."""
        current = [one for one in records if not format_.deleted(one)]
        written = iter(format_.write(self._reader, current))
        heads = self._headers(format_, records)
        as_they_came = [one for one in current if one.format in format_.as_it_came]
        origins = listing.origins(self._reader, as_they_came)
        found = []
        for one, head in zip(records, heads, strict=True):
            inside = ""
            if not format_.deleted(one):
                inside = f"<metadata>{next(written)}</metadata>\n"
                origin = origins.get(one.id)
                inside += about(origin, format_.namespace) if origin else ""
            found.append(f"<record>\n{head}\n{inside}</record>")
        return found


def _error(wrong: error.ErrorBase) -> str:
    return xml.element("error", str(wrong), code=wrong.oainame())


def _described(format_: Format) -> str:
    said = [
        xml.element("metadataPrefix", format_.prefix),
        xml.element("schema", format_.schema),
        xml.element("metadataNamespace", format_.namespace),
    ]
    return xml.container("metadataFormat", said)


def _header(identifier: str, record: KeptRecord, sets: Iterable[str], deleted: bool) -> str:
    """Section 2.5: the item's identifier, datestamp, sets, and whether the record is deleted."""
    said = [
        xml.element("identifier", identifier),
        xml.element("datestamp", xml.datestamp(record.datestamp)),
        *(xml.element("setSpec", spec) for spec in sets),
    ]
    return xml.container("header", said, status="deleted" if deleted else "")


def _resumption(page: ListPage) -> list[str]:
    """The resumptionToken element; none where the first page is the whole list (section 3.5)."""
    if page.alone:
        return []
    return [
        xml.element(
            "resumptionToken",
            page.token,
            expirationDate=xml.datestamp(page.expires) if page.token else "",
            completeListSize=str(page.size),
            cursor=str(page.cursor),
        )
    ]
