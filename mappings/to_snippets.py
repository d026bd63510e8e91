"""On to the data: programs that load what a record describes, in the words of people's clients.

Each dataset of each access address is a `Way`: the code that loads it for a time range inside
the record's coverage. Only what the record itself says goes in: server, dataset (ProductKey),
parameters, coverage. HAPI addresses follow the HAPI specification (2.1, section 3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

from mappings.vo_snippets import vo_snippets
from registry import dates
from registry.model import AccessURL, Record, Span

MOST = 40
"""So many datasets are shown; no record here has more than 20 to one address."""
_CDAWEB = "cdaweb.gsfc.nasa.gov"
_AMDA = "amda.irap.omp.eu"
_FILE = re.compile(
    r"\.(?:cdf|nc|csv|txt|asc|dat|tab|fits?|fts|hdf|h5|json|xml|vot|sav|zip|gz|tgz|tar|lst)$", re.I
)
_FOLDER = re.compile(r"/(?:pub|data|ftp|archive)\w*/", re.I)
# The length of the time range goes with the cadence: some hundred to some ten thousand values.
_LENGTHS = ((1.0, 3600.0), (3600.0, 86_400.0), (86_400.0, 30 * 86_400.0))
_LONGEST = 366 * 86_400.0


_LAST = ("FTP", "File", "Files")
"""Files come behind what gives a time range of them."""


@dataclass(slots=True, frozen=True)
class Snippet:
    """A few lines of code; `client` is the package or program that they need."""

    client: str
    language: str
    code: str


@dataclass(slots=True, frozen=True)
class Way:
    """One dataset at one address: what it is, the code that loads it, and links that open it."""

    kind: str
    dataset: str
    address: str
    snippets: list[Snippet] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    span: tuple[str, str] | tuple[()] = ()
    """Start and stop of the time that the code loads, of what can be drawn in a page."""
    keys: tuple[str, ...] = ()
    """What the record calls the parameters that it describes (ParameterKey)."""


@dataclass(slots=True, frozen=True)
class Range:
    """A time range inside the coverage, in UTC."""

    start: datetime
    stop: datetime

    def written(self, form: str = "%Y-%m-%dT%H:%M:%SZ") -> tuple[str, str]:
        # strftime does not pad years before 1000; no coverage of data begins there.
        return self.start.strftime(form), self.stop.strftime(form)


def to_snippets(record: Record) -> list[Way]:
    """The ways to the data of a record, each dataset once, in the record's order.

    A record whose coverage cannot be read has ways without a time range only. Never raises.
    """
    within = time_range(record)
    found: dict[tuple[str, str], Way] = {}
    for access in record.access:
        for url in access.urls:
            for way in _ways(record, url, within):
                found.setdefault((way.kind, way.dataset or way.address), way)
    # What a HAPI server gives has CDAWeb's own clients with it.
    hapi = {way.dataset for way in found.values() if _CDAWEB in way.address and way.kind == "HAPI"}
    ways = [one for one in found.values() if one.kind != "CDAWeb" or one.dataset not in hapi]
    vo = {(way.kind, way.address): way for way in _vo(record)}
    return [*sorted(ways, key=lambda one: one.kind in _LAST), *vo.values()][:MOST]


def time_range(record: Record) -> Range | None:
    """A range that lies in the record's coverage whole, and is of a size for a first look."""
    for span in record.spans:
        start = dates.moment(span.start)
        if start is None:
            continue
        stop = dates.moment(span.stop) or _known_end(record, span, start)
        if stop is None or stop <= start:
            continue
        return _inside(start, stop, _length(record))
    return None


def _known_end(record: Record, span: Span, start: datetime) -> datetime | None:
    # A coverage that goes on had reached the date of its description, less what it lags behind.
    released = dates.moment(record.released)
    if released is None or span.stop:
        return None
    lag = span.relative_stop if span.relative_stop.startswith("-") else ""
    end = dates.shifted(released, lag) if lag else released
    return end if end is not None and end > start else None


def _length(record: Record) -> float:
    text = record.cadence or record.cadence_min
    cadences = [text] if text else [one.cadence for one in record.parameters if one.cadence]
    step = next((s for s in map(dates.seconds, cadences) if s), 60.0)
    return next((length for longest, length in _LENGTHS if step <= longest), _LONGEST)


def _inside(start: datetime, stop: datetime, length: float) -> Range:
    whole = timedelta(seconds=length)
    if stop - start <= whole:
        # A second where microseconds would be cut off: rounding never leaves the coverage.
        first = start.replace(microsecond=0) + timedelta(seconds=bool(start.microsecond))
        return Range(first.astimezone(UTC), max(stop.replace(microsecond=0), first).astimezone(UTC))
    middle = (start + (stop - start) / 2).astimezone(UTC)
    day = middle.replace(hour=0, minute=0, second=0, microsecond=0)
    first = day if day >= start and day + whole <= stop else start.replace(microsecond=0)
    first += timedelta(seconds=first < start)
    return Range(first.astimezone(UTC), min(first + whole, stop).astimezone(UTC))


def _ways(record: Record, url: AccessURL, within: Range | None) -> Iterator[Way]:
    address = url.url.strip()
    if re.search(r"[\s\x00-\x1f'\"<>`\\]", address):
        return
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    host = (parts.hostname or "").lower()
    if url.style == "HAPI" or re.search(r"/hapi(?:/|$)", parts.path):
        yield from _hapi(record, url, within)
    elif host == _CDAWEB and url.product_keys:
        for dataset in _datasets(url):
            yield _cdaweb(record, dataset, address, within)
    elif host == "sscweb.gsfc.nasa.gov" and url.product_keys:
        for dataset in _datasets(url):
            yield Way("SSCWeb", dataset, address, _sscweb(dataset, within))
    elif host.endswith("virtualsolar.org") and "instrument=" in parts.query:
        yield from _vso(address, within)
    elif "server=dataset" in parts.query or "/das2" in parts.path:
        yield from _das2(url, within)
    else:
        yield from _files(url, parts.scheme.lower(), host, parts.path)


def _datasets(url: AccessURL) -> list[str]:
    # A key with spaces in it, or an address, names no dataset.
    keys = (one.strip() for one in url.product_keys)
    return [one for one in dict.fromkeys(keys) if one and not re.search(r"[\s\"'<>\\]", one)]


# -- HAPI --------------------------------------------------------------------------------------


def _hapi(record: Record, url: AccessURL, within: Range | None) -> Iterator[Way]:
    address = url.url.strip()
    server = re.sub(r"(/hapi)(?:[/?#].*)?$", r"\1", address).rstrip("/")
    query = parse_qs(urlsplit(address).query)
    datasets = _datasets(url) or query.get("dataset", query.get("id", []))[:1]
    span = within.written() if within else ()
    for dataset in datasets:
        made = _hapi_dataset(record, server, dataset, within)
        yield Way("HAPI", dataset, server, *made, span, tuple(_keys(record)[:MOST]))
    if not datasets:
        listing = Snippet("curl", "shell", f"curl -fsS {_shell(server + '/catalog')}\n")
        code = f"from hapiclient import hapi\n\ncatalog = hapi({_text(server)})\n"
        yield Way("HAPI", "", server, [Snippet("hapiclient", "Python", code), listing])


def _hapi_dataset(
    record: Record, server: str, dataset: str, within: Range | None
) -> tuple[list[Snippet], list[tuple[str, str]]]:
    named = quote(dataset, safe="@:/")
    if within is None:
        info = f"curl -fsS {_shell(f'{server}/info?id={named}')}\n"
        code = f"from hapiclient import hapi\n\nmeta = hapi({_text(server)}, {_text(dataset)})\n"
        return [Snippet("hapiclient", "Python", code), Snippet("curl", "shell", info)], []
    start, stop = within.written()
    call = f"server = {_text(server)}\ndataset = {_text(dataset)}\n"
    snippets = [
        Snippet("hapiclient", "Python",
                f"from hapiclient import hapi\n\n{call}"
                f"data, meta = hapi(server, dataset, \"\", {_text(start)}, {_text(stop)})\n"),
        Snippet("pyspedas", "Python",
                "import pyspedas\n\n"
                f"names = pyspedas.hapi(\n    trange=[{_text(start)}, {_text(stop)}],\n"
                f"    server={_text(server)},\n    dataset={_text(dataset)},\n)\n"),
    ]  # fmt: skip
    host = (urlsplit(server).hostname or "").lower()
    if host == _CDAWEB:
        snippets += _cdaweb_clients(record, dataset, within)
    if host == _AMDA:
        snippets += [_speasy(f"amda/{key}", start, stop) for key in _keys(record)[:1]]
    snippets += [
        _spedas(server, dataset, within),
        _topcat(server, dataset, within),
        _curl_hapi(server, named, start, stop),
    ]
    return snippets, _openers(server, dataset, within)


def _curl_hapi(server: str, named: str, start: str, stop: str) -> Snippet:
    # These names of the parameters are understood by servers of HAPI 2 and 3 alike.
    query = f"{server}/data?id={named}&time.min={start}&time.max={stop}"
    return Snippet("curl", "shell", f"curl -fsS -o data.csv {_shell(query)}\n")


def _spedas(server: str, dataset: str, within: Range) -> Snippet:
    start, stop = within.written("%Y-%m-%d/%H:%M:%S")
    code = (
        f"hapi_load_data, trange=['{start}', '{stop}'], $\n"
        f"  server='{_idl(server)}', dataset='{_idl(dataset)}'\n"
    )
    return Snippet("SPEDAS", "IDL", code)


def _openers(server: str, dataset: str, within: Range) -> list[tuple[str, str]]:
    start, stop = within.written()
    span = f"{start}/{stop}"
    uri = f"vap+hapi:{server}?id={quote(dataset, safe='@:/')}&timerange={span}"
    named = quote(dataset, safe="@:/")
    return [
        ("Autoplot", f"https://autoplot.org/autoplot.jnlp?{uri}"),
        ("As CSV", f"{server}/data?id={named}&time.min={start}&time.max={stop}"),
        ("What it holds, as JSON", f"{server}/info?id={named}"),
    ]


def _topcat(server: str, dataset: str, within: Range) -> Snippet:
    # How TOPCAT and STILTS name a table at a HAPI server (SUN/253, section 4.3.7).
    start, stop = within.written()
    table = f":hapi:{server};{dataset};start={start};stop={stop}"
    return Snippet("TOPCAT", "shell", f"topcat {_shell(table)}\n")


# -- CDAWeb, SSCWeb, VSO, das2 -----------------------------------------------------------------


def _cdaweb(record: Record, dataset: str, address: str, within: Range | None) -> Way:
    snippets = _cdaweb_clients(record, dataset, within) if within else []
    return Way("CDAWeb", dataset, address, snippets)


def _cdaweb_clients(record: Record, dataset: str, within: Range) -> list[Snippet]:
    start, stop = within.written()
    # CDAWeb's HAPI server parts datasets by their times (THB_L2_EFI@1); others know them whole.
    dataset = dataset.partition("@")[0]
    found = [
        Snippet("cdasws", "Python",
                "from cdasws import CdasWs\n\ncdas = CdasWs()\n"
                f"variables = cdas.get_variable_names({_text(dataset)})\n"
                f"status, data = cdas.get_data(\n    {_text(dataset)}, variables,\n"
                f"    {_text(start)}, {_text(stop)},\n)\n"),
        Snippet("sunpy", "Python",
                "from sunpy.net import Fido, attrs as a\n\n"
                f"found = Fido.search(\n    a.Time({_text(start[:-1])}, {_text(stop[:-1])}),\n"
                f"    a.cdaweb.Dataset({_text(dataset)}),\n)\n"
                "files = Fido.fetch(found)\n"),
    ]  # fmt: skip
    for key in _keys(record)[:1]:
        found.insert(1, _speasy(f"cda/{dataset}/{key}", start, stop))
    return found


def _keys(record: Record) -> list[str]:
    # Times are not data: they come with every parameter.
    keys = [one.key for one in record.parameters]
    return [one for one in keys if re.fullmatch(r"(?!(?i:epoch|time))[\w.%-]+", one)]


def _speasy(path: str, start: str, stop: str) -> Snippet:
    code = (
        "import speasy as spz\n\n"
        f"data = spz.get_data({_text(path)}, {_text(start)}, {_text(stop)})\n"
    )
    return Snippet("speasy", "Python", code)


def _sscweb(satellite: str, within: Range | None) -> list[Snippet]:
    if within is None:
        return []
    start, stop = within.written()
    code = (
        "from sscws.sscws import SscWs\n\nssc = SscWs()\n"
        f"result = ssc.get_locations([{_text(satellite)}], [{_text(start)}, {_text(stop)}])\n"
    )
    return [_speasy(f"ssc/{satellite}/gse", start, stop), Snippet("sscws", "Python", code)]


def _vso(address: str, within: Range | None) -> Iterator[Way]:
    for instrument in parse_qs(urlsplit(address).query).get("instrument", [])[:1]:
        if within is None or re.search(r"[^\w/ .-]", instrument):
            continue
        start, stop = within.written("%Y-%m-%dT%H:%M:%S")
        code = (
            "from sunpy.net import Fido, attrs as a\n\n"
            f"found = Fido.search(\n    a.Time({_text(start)}, {_text(stop)}),\n"
            f"    a.Instrument({_text(instrument)}),\n)\nfiles = Fido.fetch(found[:, :1])\n"
        )
        yield Way("VSO", instrument, address, [Snippet("sunpy", "Python", code)])


def _das2(url: AccessURL, within: Range | None) -> Iterator[Way]:
    address = url.url.strip()
    query = parse_qs(urlsplit(address).query)
    root = address.partition("?")[0]
    for dataset in _datasets(url) or query.get("dataset", [])[:1]:
        if within is None:
            continue
        start, stop = within.written("%Y-%m-%dT%H:%M:%S")
        asked = (
            f"{root}?server=dataset&dataset={quote(dataset, safe='/')}"
            f"&start_time={start}&end_time={stop}"
        )
        code = f"curl -fsS -o data.d2s {_shell(asked)}\n"
        yield Way("das2", dataset, root, [Snippet("curl", "shell", code)])


# -- files -------------------------------------------------------------------------------------


def _files(url: AccessURL, scheme: str, host: str, path: str) -> Iterator[Way]:
    address = url.url.strip()
    if not host or "#" in address:
        return
    folder = path.endswith("/")
    if not holds_files(url):
        return
    if scheme in ("ftp", "ftps"):
        code = f"curl -fsS {'--list-only' if folder else '-O'} {_shell(address)}\n"
        yield Way("FTP", "", address, [Snippet("curl", "shell", code)])
    elif not folder:
        yield Way("File", "", address, [Snippet("curl", "shell", f"curl -fLO {_shell(address)}\n")])
    else:
        code = f"wget --recursive --no-parent --level=2 --reject 'index.html*' {_shell(address)}\n"
        yield Way("Files", "", address, [Snippet("wget", "shell", code)])


def holds_files(url: AccessURL) -> bool:
    """Whether files are at the address, or a folder of them, as far as it shows."""
    scheme, _, rest = url.url.strip().partition("://")
    path = "/" + rest.partition("/")[2].partition("?")[0]
    if scheme.lower() in ("ftp", "ftps"):
        return True
    if scheme.lower() not in ("http", "https") or url.style in ("HAPI", "Search", "Overview"):
        return False
    if path.endswith("/"):
        return url.style == "Listing" or bool(_FOLDER.search(path))
    return url.style == "File" or bool(_FILE.search(path))


# -- the Virtual Observatory -------------------------------------------------------------------


def _vo(record: Record) -> Iterator[Way]:
    for kind, dataset, address, code in vo_snippets(record):
        yield Way(kind, dataset, address, [Snippet("pyvo", "Python", code)])


def _text(value: str) -> str:
    """The value as a string of Python, whatever is in it."""
    return json.dumps(value, ensure_ascii=False)


def _shell(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def _idl(value: str) -> str:
    return value.replace("'", "''")


KINDS: dict[str, str] = {
    "HAPI": "HAPI server",
    "CDAWeb": "CDAWeb",
    "SSCWeb": "SSCWeb, where spacecraft are",
    "VSO": "Virtual Solar Observatory",
    "das2": "das2 server",
    "FTP": "FTP",
    "File": "A file",
    "Files": "A folder of files",
    "TAP": "TAP, queries in ADQL",
    "EPN-TAP": "EPN-TAP, queries in ADQL",
    "Cone search": "Cone search",
    "SIA": "Simple Image Access",
    "SSA": "Simple Spectral Access",
}
"""What the kinds of ways are called for people."""
