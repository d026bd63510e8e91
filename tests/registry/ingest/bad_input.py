"""What no archive should hold, each with the words in which it is refused."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.whole.corpus import spase

DTD = (
    "the document has a document type definition (<!DOCTYPE), which no metadata record needs and "
    "which can name files and grow without bound: it is not read"
)
LINK = "it is a link or a device, not a file; it is not read"


@dataclass(slots=True, frozen=True)
class Bad:
    """A document that is refused: its name, its bytes, and what is said of it."""

    name: str
    content: bytes
    reason: str
    message: str
    line: int = 0


def person(name: str, inside: bytes = b"Nowhere") -> bytes:
    """A valid record, with other text in it."""
    return spase(f"spase://BAD/Person/{name}").replace(b"Nowhere", inside)


def _declared(subset: bytes, inside: bytes = b"Nowhere") -> bytes:
    return person("dtd", inside).replace(b"<Spase", b"<!DOCTYPE Spase " + subset + b">\n<Spase", 1)


def _encoded(name: bytes, inside: bytes) -> bytes:
    return person("encoding", inside).replace(b"UTF-8", name)


def _identified(old: bytes, new: bytes) -> bytes:
    return person("x").replace(old, new)


_ID = b"<ResourceID>spase://BAD/Person/x</ResourceID>"
_DEEP = b"<a>" * 100_000 + b"</a>" * 100_000
_BOMB = b'[<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 10 + b'"><!ENTITY c "' + b"&b;" * 10
_COLUMN = len("<Person><ResourceID>spase://BAD/Person/?</ResourceID><PersonName>Somebody</PersonName>"
              "<OrganizationName>No") + 1  # fmt: skip

DOCUMENTS = [
    Bad("empty.xml", b"", "empty", "the document is empty"),
    Bad("blank.xml", b" \r\n\t", "empty", "the document is empty"),
    Bad("truncated.xml", person("truncated").partition(b"here</Org")[0], "not-well-formed",
        "the document breaks off in line 4: <OrganizationName>, begun in line 4, has no end", 4),
    Bad("text.xml", b"not XML at all", "not-well-formed",
        "the document is no XML: it begins with 'not XML at all' and not with <", 1),
    Bad("binary.xml", b"\x89PNG\r\n\x1a\n" + bytes(100), "binary",
        "the document is no text: it begins with the bytes 89 50 4e 47 0d 0a 1a 0a"),
    Bad("unknown-encoding.xml", _encoded(b"EBCDIC-XX", b"N"), "encoding",
        "the document says that its encoding is EBCDIC-XX, which is not known here", 1),
    Bad("lying-utf-16.xml", _encoded(b"UTF-16", b"N"), "encoding",
        "the document says UTF-16, but its characters are single bytes", 1),
    Bad("nul.xml", person("n", b"No\0where"), "not-well-formed",
        f"the control character U+0000 in line 4, column {_COLUMN} may not stand in XML", 4),
    Bad("control.xml", person("c", b"No\x1bwhere"), "not-well-formed",
        f"the control character U+001B in line 4, column {_COLUMN} may not stand in XML", 4),
    Bad("dtd.xml", _declared(b'SYSTEM "http://127.0.0.1:9/x.dtd"'), "dtd", DTD, 2),
    Bad("entity-bomb.xml", _declared(_BOMB + b'">]', b"&c;"), "dtd", DTD, 2),
    Bad("external-entity.xml", _declared(b'[<!ENTITY x SYSTEM "file:///etc/passwd">]', b"&x;"),
        "dtd", DTD, 2),
    Bad("deep.xml", _DEEP, "too-deep", "elements are nested more than 256 levels deep at line 1",
        1),
    Bad("deep-inside.xml", person("deep", _DEEP), "too-deep",
        "elements are nested more than 256 levels deep at line 4", 4),
    Bad("no-identifier.xml", _identified(_ID, b""), "no-identifier",
        "the Person record has no ResourceID", 4),
    Bad("empty-identifier.xml", spase(""), "no-identifier",
        "the record's ResourceID, '', cannot be one: it is empty", 4),
    Bad("two-identifiers.xml", _identified(_ID, _ID + _ID.replace(b"/x<", b"/y<")), "identifier",
        "the record has 2 of ResourceID, where one is needed: spase://BAD/Person/x, "
        "spase://BAD/Person/y", 4),
    Bad("newline-identifier.xml", _identified(b"/x<", b"/x\ny<"), "identifier",
        "the record's ResourceID, 'spase://BAD/Person/x\\ny', cannot be one: it contains '\\n' at "
        "position 21", 4),
    Bad("unknown-namespace.xml", _identified(b"spase-group", b"example"), "unrecognised",
        "the root element Spase in the namespace http://www.example.org/data/schema is of no known "
        "kind; SPASE's root is Spase in the namespace http://www.spase-group.org/data/schema", 2),
    Bad("no-namespace.xml", _identified(b' xmlns="http://www.spase-group.org/data/schema"', b""),
        "unrecognised", "the root element Spase in no namespace is of no known kind; SPASE's root "
        "is Spase in the namespace http://www.spase-group.org/data/schema", 2),
    Bad("html.xml", b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "unrecognised",
        "the root element html in the namespace http://www.w3.org/1999/xhtml is of no known kind",
        1),
    Bad("voresource-0.10.xml", b'<VOResource xmlns="http://www.ivoa.net/xml/VOResource/v0.10"/>',
        "obsolete", "VOResource 0.10 is obsolete: VOResource 1.0 replaced it in 2008, and "
        "registries of today do not read it", 1),
]  # fmt: skip

ARCHIVED = {
    "huge.zip!/huge.xml": "the document has 300,000,000 bytes; at most 50,000,000 are read",
    "bomb.zip!/bomb.xml": "it unpacks to 40,000,000 bytes from ",
    "climbing.zip!/../../climbed.xml": "its path climbs out of the archive; it is not read",
    "climbing.zip!//absolute.xml": "its path is absolute; it is not read",
    "climbing.zip!/link.xml": LINK,
    "links.tar.gz!/soft.xml": LINK,
    "links.tar.gz!/hard.xml": LINK,
    "links.tar.gz!/../up.xml": "its path climbs out of the archive; it is not read",
    "cut.zip": "the archive cannot be read: File is not a zip file",
    "cut.tar.gz": "the archive is damaged or cut off after the beginning: ",
    "text.zip": "the archive cannot be read: it does not begin as a zip or tar archive does",
    "empty.zip": "the archive cannot be read: it does not begin as a zip or tar archive does",
}
"""Where something in an archive is refused → how the message begins."""


def write(folder: Path) -> list[str]:
    """Writes all of it, good records before, between and after; gives the good ones' names."""
    good = ["before", "in-huge", "in-bomb", "in-climbing", "in-links", "zz-after"]
    for name in ("before", "zz-after"):
        (folder / f"{name}.xml").write_bytes(person(name))
    for bad in DOCUMENTS:
        (folder / bad.name).write_bytes(bad.content)
    _write_zips(folder)
    _write_tars(folder)
    (folder / "text.zip").write_bytes(b"this is no zip")
    (folder / "empty.zip").write_bytes(b"")
    return [f"spase://BAD/Person/{name}" for name in good]


def _member(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _write_zips(folder: Path) -> None:
    with zipfile.ZipFile(folder / "huge.zip", "w") as archive:
        start, end = person("huge", b"|").split(b"|")
        with archive.open(_member("huge.xml"), "w") as file:
            file.write(start)
            file.write(b"a" * (300_000_000 - len(start) - len(end)))
            file.write(end)
        archive.writestr(_member("beside.xml"), person("in-huge"))
    with zipfile.ZipFile(folder / "bomb.zip", "w") as archive:
        bomb = person("bomb", b"a" * 40_000_000)
        archive.writestr(_member("bomb.xml"), bomb[: 40_000_000 - 100] + bomb[-100:])
        archive.writestr(_member("beside.xml"), person("in-bomb"))
    with zipfile.ZipFile(folder / "climbing.zip", "w") as archive:
        archive.writestr(_member("../../climbed.xml"), person("climbed"))
        archive.writestr(_member("/absolute.xml"), person("absolute"))
        archive.writestr(_member("link.xml", 0o120777), "/etc/passwd")
        archive.writestr(_member("beside.xml"), person("in-climbing"))
    whole = (folder / "climbing.zip").read_bytes()
    (folder / "cut.zip").write_bytes(whole[: len(whole) // 2])


def _write_tars(folder: Path) -> None:
    with tarfile.open(folder / "links.tar.gz", "w:gz") as archive:
        for name, kind, target in (
            ("soft.xml", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard.xml", tarfile.LNKTYPE, "../x.xml"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
        for name, body in (("../up.xml", person("up")), ("beside.xml", person("in-links"))):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    whole = (folder / "links.tar.gz").read_bytes()
    (folder / "cut.tar.gz").write_bytes(whole[:-30])
