"""A corpus in files, folders and archives, in two states: as first taken in, and as changed later.

Real records where they are at hand, else made ones; beside them what no archive should hold.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.shared import SHARED

EXAMPLES = Path(__file__).parents[2] / "examples"
REAL, MADE = 600, 200

Files = dict[str, bytes]


def spase(
    identifier: str,
    *,
    kind: str = "Person",
    name: str = "Somebody",
    version: str = "2.7.0",
    inside: str = "",
    released: str = "2020-01-01T00:00:00Z",
    description: str = "What it is.",
) -> bytes:
    """A SPASE record: a Person, or a resource with a header (`inside` follows the header)."""
    if kind == "Person":
        body = f"<PersonName>{name}</PersonName><OrganizationName>Nowhere</OrganizationName>"
        released = ""
    else:
        body = (
            f"<ResourceHeader><ResourceName>{name}</ResourceName>"
            f"<ReleaseDate>{released}</ReleaseDate><Description>{description}</Description>"
            "<Contact><PersonID>spase://MADE/Person/0</PersonID><Role>PrincipalInvestigator</Role>"
            f"</Contact></ResourceHeader>{inside}"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Spase xmlns="http://www.spase-group.org/data/schema">\n'
        f"<Version>{version}</Version>\n"
        f"<{kind}><ResourceID>{identifier}</ResourceID>{body}</{kind}>\n"
        "</Spase>\n"
    ).encode()


def observatory(identifier: str, name: str) -> bytes:
    return spase(
        identifier,
        kind="Observatory",
        name=name,
        inside="<Location><ObservatoryRegion>Heliosphere.NearEarth</ObservatoryRegion></Location>",
    )


def instrument(identifier: str, name: str, observatory_id: str) -> bytes:
    return spase(
        identifier,
        kind="Instrument",
        name=name,
        inside="<InstrumentType>Magnetometer</InstrumentType>"
        "<InvestigationName>A</InvestigationName>"
        f"<ObservatoryID>{observatory_id}</ObservatoryID>",
    )


def dataset(
    identifier: str, name: str, *instruments: str, released: str = "2020-01-01T00:00:00Z"
) -> bytes:
    named = "".join(f"<InstrumentID>{one}</InstrumentID>" for one in instruments)
    return spase(
        identifier,
        kind="NumericalData",
        name=name,
        released=released,
        inside="<AccessInformation><RepositoryID>spase://MADE/Repository/0</RepositoryID>"
        "<AccessURL><URL>https://data.example.org/a</URL></AccessURL><Format>CDF</Format>"
        f"</AccessInformation>{named}<MeasurementType>MagneticField</MeasurementType>",
    )


def made(number: int) -> Files:
    """This many records that refer to each other."""
    files: Files = {}
    for count in range(number // 4):
        files[f"Person/{count}.xml"] = spase(f"spase://MADE/Person/{count}", name=f"Person {count}")
        files[f"Observatory/{count}.xml"] = observatory(
            f"spase://MADE/Observatory/{count}", f"Craft {count}"
        )
        files[f"Instrument/{count}.xml"] = instrument(
            f"spase://MADE/Instrument/{count}",
            f"Magnetometer {count}",
            f"spase://MADE/Observatory/{count // 2}",
        )
        files[f"Data/{count}.xml"] = dataset(
            f"spase://MADE/Data/{count}", f"Field {count}", f"spase://MADE/Instrument/{count // 3}"
        )
    return files


def real(number: int, largest: int = 20_000) -> Files:
    """This many of the real records, from every part of every archive, none above `largest` bytes.

    The few very large ones would take most of the time of a test, and show nothing more.
    """
    assert SHARED is not None
    files: Files = {}
    for path in sorted((SHARED / "spase").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            small = [info for info in archive.infolist() if info.file_size <= largest]
            names = [info.filename for info in small if info.filename.endswith(".xml")]
            step = max(1, len(names) * 3 // number)
            files |= {name: archive.read(name) for name in names[::step]}
    return files


def files(number: int | None = None) -> Files:
    """Real records when they are at hand, else made ones."""
    return made(number or MADE) if SHARED is None else real(number or REAL)


@dataclass(slots=True)
class Corpus:
    """The corpus below a folder; `paths` is what `ingest` is given."""

    folder: Path
    records: Files

    @property
    def paths(self) -> list[str]:
        names = ("first.zip", "second.tar.gz", "loose")
        return [str(self.folder / name) for name in names]

    def write(self) -> None:
        """The first state."""
        self._write(self.records)

    def change(self) -> None:
        """The later state: other contents, records gone from their documents, mended, new ones."""
        changed = dict(self.records)
        for name in list(changed)[::7]:
            changed[name] = _renamed(changed[name])
        changed |= {f"new/{n}.xml": spase(f"spase://NEW/Person/{n}") for n in range(30)}
        self._write(changed, later=True)

    def _write(self, records: Files, *, later: bool = False) -> None:
        names = list(records)
        self.folder.mkdir(exist_ok=True)
        packed = {name: records[name] for name in names[0::2]} | _spoilt(later)
        write_zip(self.folder / "first.zip", packed)
        write_tar(self.folder / "second.tar.gz", {name: records[name] for name in names[1::4]})
        loose = self.folder / "loose"
        shutil.rmtree(loose, ignore_errors=True)
        shutil.copytree(EXAMPLES, loose / "examples")
        rest = {name: records[name] for name in names[3::4]}
        # One identifier in two places: the later date is current, whichever comes first.
        rest["twice/a.xml"] = dataset("spase://MADE/Twice", "Older")
        rest["twice/b.xml"] = dataset("spase://MADE/Twice", "Newer", released="2024-01-01T00:00:00")
        rest["several.xml"] = _several(2 if later else 5)
        for name, content in rest.items():
            path = loose / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _renamed(content: bytes) -> bytes:
    for element in (b"ResourceName", b"PersonName"):
        content = content.replace(b"</" + element + b">", b" Revised</" + element + b">", 1)
    return content


def _spoilt(later: bool) -> Files:
    """What goes to the quarantine; one of it is mended later, another is spoilt then."""
    good, cut = spase("spase://MADE/Person/Mended"), b"<Spase><Cut"
    return {
        "spoilt/cut.xml": good if later else cut,
        "spoilt/later.xml": cut if later else spase("spase://MADE/Person/Spoilt"),
        "spoilt/nobody.xml": spase(""),
        "spoilt/binary.xml": bytes(range(256)),
    }


def _several(number: int) -> bytes:
    """Several resources in one document; the later state has fewer."""
    people = b"".join(
        b"<Person><ResourceID>spase://MADE/Several/%d</ResourceID><PersonName>P</PersonName>"
        b"<OrganizationName>O</OrganizationName></Person>\n" % count
        for count in range(number)
    )
    start, end = spase("spase://MADE/Several/0").split(b"<Person>")[0], b"</Spase>"
    return start + people + end


def write_zip(path: Path, content: Files | Iterable[tuple[str, bytes]]) -> Path:
    items = content.items() if isinstance(content, dict) else content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in items:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return path


def write_tar(path: Path, content: Files) -> Path:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, body in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def write_loose(folder: Path, content: Files) -> Sequence[Path]:
    written = []
    for name, body in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        written.append(path)
    return written
