"""`make shapes`: pySHACL over the triples of all valid records of ../shared, in batches.

    python -m benchmarks.shapes [--every N]

Prints what does not conform, with the record; ends with 1 if there is anything.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import rdflib
from pyshacl import validate
from rdflib.namespace import SH

from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from mappings.to_rdf import to_rdf
from registry.validation.verdicts import judge
from schemas.documents import parts
from tests.shared import SHARED

BATCH = 100


def shapes() -> rdflib.Graph:
    """The shapes of `mappings/shapes.ttl`."""
    text = files("mappings").joinpath("shapes.ttl").read_text("utf-8")
    return rdflib.Graph().parse(data=text, format="turtle")


def conforms(lines: list[str], shacl: rdflib.Graph) -> list[str]:
    """What the triples do not conform to, one line each: node, path, value, reason."""
    graph = rdflib.Graph().parse(data="\n".join(lines) + "\n", format="nt")
    ok, report, _ = validate(graph, shacl_graph=shacl, inplace=True)
    if ok:
        return []
    assert isinstance(report, rdflib.Graph)
    return sorted(
        _told(report, one) for one in report.subjects(rdflib.RDF.type, SH.ValidationResult)
    )


def _told(report: rdflib.Graph, result: Any) -> str:
    said = (SH.focusNode, SH.resultPath, SH.value, SH.resultMessage)
    return " | ".join(str(report.value(result, one)) for one in said)


def valid_records(every: int = 1) -> Iterator[list[str]]:
    """The triples of each valid record of the shared material, or of every so many."""
    import zipfile

    assert SHARED is not None
    contents: list[bytes] = []
    for archive in sorted(SHARED.joinpath("spase").glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            names = [name for name in opened.namelist() if name.endswith(".xml")]
            contents += [opened.read(name) for name in names[::every]]
    for path in sorted(SHARED.joinpath("ivoa", "records").glob("*.xml"))[::every]:
        contents.append(path.read_bytes())
    for content in contents:
        for part in parts(content):
            if part.refusal is None and judge(part).verdict == "valid":
                read = from_spase if part.format == "spase" else from_voresource
                yield to_rdf(read(part.element), {}, "https://registry.example.org")


def batches(records: Iterator[list[str]], size: int = BATCH) -> Iterator[list[str]]:
    """The lines of so many records at a time; two of the same name never stand together."""
    held: dict[str, list[str]] = {}
    for lines in records:
        subject = lines[0].partition(" ")[0]
        if len(held) == size or subject in held:
            yield [line for one in held.values() for line in one]
            held = {}
        held[subject] = lines
    if held:
        yield [line for one in held.values() for line in one]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every so many records")
    every = parser.parse_args().every
    if SHARED is None:
        sys.exit("the shared records are missing: set PARHELION_SHARED or put them into ../shared")
    shacl, began, count, triples = shapes(), time.process_time(), 0, 0
    faults: list[str] = []
    for lines in batches(valid_records(every)):
        triples += len(lines)
        count += sum("isPrimaryTopicOf>" in line for line in lines)
        faults += conforms(lines, shacl)
    for fault in faults:
        print(fault)
    taken = time.process_time() - began
    print(f"{count:,} valid records, {triples:,} triples: {len(faults)} faults ({taken:.0f} CPU s)")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
