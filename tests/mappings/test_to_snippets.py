"""Code that loads what real records describe: server, dataset, time range, clients."""

from __future__ import annotations

import ast
import random
import shlex
from datetime import datetime

import pytest

from mappings.from_voresource import from_voresource
from mappings.to_snippets import KINDS, Way, time_range, to_snippets
from registry import dates
from registry.model import Access, AccessURL, Parameter, Record, Span
from tests.mappings.real_records import spase, spase_names, spase_root, voresource_roots

ACE = "NASA/NumericalData/ACE/MAG/L2/PT16S"


def code(way: Way, client: str) -> str:
    (found,) = [one.code for one in way.snippets if one.client == client]
    return found


def ways(record: Record, kind: str) -> list[Way]:
    return [one for one in to_snippets(record) if one.kind == kind]


def test_a_hapi_dataset_has_server_id_and_range_as_the_specification_has_them() -> None:
    (way,) = ways(spase(ACE), "HAPI")
    assert way.address == "https://cdaweb.gsfc.nasa.gov/hapi"
    assert way.dataset == "AC_H0_MFI"
    *_, address = shlex.split(code(way, "curl"))
    start, stop = "2012-01-11T00:00:00Z", "2012-01-12T00:00:00Z"
    assert address == (
        f"https://cdaweb.gsfc.nasa.gov/hapi/data?id=AC_H0_MFI&time.min={start}&time.max={stop}"
    )
    # As hapiclient documents its call: server, dataset, parameters, start, stop.
    call = ast.parse(code(way, "hapiclient")).body[-1].value  # type: ignore[attr-defined]
    assert [ast.unparse(one) for one in call.args] == [
        "server", "dataset", "''", f"'{start}'", f"'{stop}'",
    ]  # fmt: skip
    # SUN/253, section 4.3.7.
    assert shlex.split(code(way, "TOPCAT")) == [
        "topcat", f":hapi:{way.address};AC_H0_MFI;start={start};stop={stop}",
    ]  # fmt: skip
    assert dict(way.links)["Autoplot"].startswith("https://autoplot.org/autoplot.jnlp?vap+hapi:")


def test_one_description_of_several_datasets_gives_each() -> None:
    path = "NASA/NumericalData/THEMIS/B/EFI/PT3S"
    found = ways(spase(path), "HAPI")
    keys = [one.text for one in spase_root(path).iter("{*}ProductKey") if "@" in one.text]
    assert [one.dataset for one in found] == list(dict.fromkeys(keys))
    assert len(found) == 6
    # Only the HAPI server knows the parts.
    assert 'get_variable_names("THB_L2_EFI")' in code(found[1], "cdasws")


def test_amda_and_sscweb_and_the_vso_have_their_clients() -> None:
    (amda,) = ways(spase("CNES/NumericalData/CDPP-AMDA/ACE/EPAM/ace-epam-ca60"), "HAPI")
    assert '"amda/ace_epam_ca60_he"' in code(amda, "speasy")
    (sscweb,) = ways(spase("NASA/NumericalData/ACE/Ephemeris/PT12M"), "SSCWeb")
    assert '"ssc/ace/gse"' in code(sscweb, "speasy")
    (vso,) = ways(spase("NASA/NumericalData/SDO/AIA/PT12S"), "VSO")
    assert 'a.Instrument("AIA")' in code(vso, "sunpy")


def test_files_and_folders_are_fetched_as_such() -> None:
    found = {one.kind: one for one in to_snippets(spase(ACE))}
    assert shlex.split(code(found["Files"], "wget"))[-1] == (
        "https://spdf.gsfc.nasa.gov/pub/data/ace/mag/level_2_cdaweb/mfi_h0/"
    )
    assert "--list-only" in code(found["FTP"], "curl")


def test_every_snippet_of_real_records_can_be_read_and_lies_in_the_coverage() -> None:
    names = [name for _, name in spase_names() if "Data/" in name]
    random.Random(5).shuffle(names)
    seen = set()
    for name in names[:250]:
        record = spase(name.removesuffix(".xml"))
        within = time_range(record)
        if within:
            assert within.start < within.stop
            starts = [dates.moment(one.start) for one in record.spans]
            stops = [dates.moment(one.stop) for one in record.spans]
            assert any(
                start and start <= within.start and (stop is None or within.stop <= stop)
                for start, stop in zip(starts, stops, strict=True)
            ), name
        for way in to_snippets(record):
            assert way.kind in KINDS
            for one in way.snippets:
                seen.add(one.client)
                if one.language == "Python":
                    ast.parse(one.code)
                elif one.language == "shell":
                    assert shlex.split(one.code)[0] in ("curl", "wget", "topcat")
    assert seen >= {"hapiclient", "pyspedas", "speasy", "cdasws", "sunpy", "SPEDAS", "curl", "wget"}


def test_sunpy_reads_what_is_asked_of_it() -> None:
    pytest.importorskip("bs4", reason="sunpy's clients of the net need beautifulsoup4")
    from sunpy.net import attrs as a
    from sunpy.net.cdaweb import CDAWEBClient

    (way,) = ways(spase(ACE), "HAPI")
    tree = ast.parse(code(way, "sunpy"))
    search = tree.body[1].value  # type: ignore[attr-defined]
    query = [eval(ast.unparse(one), {"a": a}) for one in search.args]
    assert CDAWEBClient._can_handle_query(*query)
    assert query[0].start.isot == "2012-01-11T00:00:00.000"


def test_tap_services_are_asked_for_a_table_of_theirs() -> None:
    found = [way for root in voresource_roots() for way in to_snippets(from_voresource(root))]
    tap = [one for one in found if one.kind in ("TAP", "EPN-TAP")]
    assert tap
    for one in tap:
        tree = ast.parse(code(one, "pyvo"))
        assert ast.unparse(tree.body[1]).startswith("service = pyvo.dal.TAPService('http")


def made(url: str, *, start: str = "2003-10-28", stop: str = "2003-10-29T12:00:00.5Z",
         **more: object) -> Record:  # fmt: skip
    record = Record("spase://X/Y", "spase", "NumericalData", cadence="PT16S")
    record.spans = [Span(start, stop)]
    record.parameters = [Parameter(key="Epoch"), Parameter(key='B"); import os')]
    record.access = [Access(urls=[AccessURL(url, **more)])]  # type: ignore[arg-type]
    return record


@pytest.mark.parametrize("hostile", ["'; rm -rf ~'", 'x"); import os; ("', "a\nb", "$(reboot)"])
def test_nothing_in_a_record_becomes_code(hostile: str) -> None:
    for url, style in (
        ("https://example.org/hapi", "HAPI"),
        (f"https://example.org/{hostile}/hapi", "HAPI"),
        ("https://cdaweb.gsfc.nasa.gov/index.html", ""),
        (f"https://example.org/data/{hostile}.cdf", "File"),
        (f"ftp://example.org/{hostile}/", ""),
    ):
        for way in to_snippets(made(url, style=style, product_keys=[hostile])):
            for one in way.snippets:
                if one.language == "Python":
                    names = {
                        alias.name
                        for node in ast.walk(ast.parse(one.code))
                        if isinstance(node, ast.Import)
                        for alias in node.names
                    }
                    assert names <= {"speasy", "pyspedas"}
                elif one.language == "shell":
                    assert shlex.split(one.code, posix=True)[0] in ("curl", "wget", "topcat")
                    assert len(one.code.strip().splitlines()) == 1


def test_a_range_is_cut_to_a_short_coverage() -> None:
    within = time_range(made("https://example.org/hapi", start="2003-10-28T01:00:00.25Z",
                             stop="2003-10-28T02:30:00Z"))  # fmt: skip
    assert within
    assert within.start == datetime.fromisoformat("2003-10-28T01:00:01Z")
    assert within.stop == datetime.fromisoformat("2003-10-28T02:30:00Z")


def test_without_a_coverage_there_is_no_range() -> None:
    record = made("https://example.org/hapi", start="", stop="", product_keys=["X"], style="HAPI")
    assert time_range(record) is None
    (way,) = to_snippets(record)
    assert "time.min" not in code(way, "curl")
