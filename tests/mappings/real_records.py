"""Real records of the shared material, read into the model."""

from __future__ import annotations

import zipfile
from functools import lru_cache
from typing import Any

from lxml import etree

from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from registry.model import Record
from tests.shared import shared

ARCHIVES = ("NASA", "SMWG", "CNES")


@lru_cache(maxsize=8)
def _archive(name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(shared("spase", f"{name}.zip"))


def spase_names() -> list[tuple[str, str]]:
    """(archive, name in it) of every SPASE record."""
    return [
        (archive, name)
        for archive in ARCHIVES
        for name in _archive(archive).namelist()
        if name.endswith(".xml")
    ]


def spase_root(path: str) -> Any:
    """The root of a SPASE record, by its path in the archives without `.xml`."""
    return etree.fromstring(_archive(path.partition("/")[0]).read(f"{path}.xml"))


def spase(path: str) -> Record:
    return from_spase(spase_root(path))


def voresource_roots() -> list[Any]:
    files = sorted(shared("ivoa", "records").glob("*.xml"))
    return [etree.parse(file).getroot() for file in files]


def voresource(name: str, digest: str = "*") -> Record:
    """A VOResource record by its file's name, and the digest in it where there are several."""
    (file,) = shared("ivoa", "records").glob(f"{name}--{digest}.xml")
    return from_voresource(etree.parse(file).getroot())
