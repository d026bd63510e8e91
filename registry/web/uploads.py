"""What a request brings to be judged: pasted text, files, archives; held in memory, never kept."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from harvesters import packed
from harvesters.documents import Document, Limits, Unreadable, too_large
from registry.settings import UploadSettings

NDJSON = "application/x-ndjson"
"""A JSON object on each line."""
PASTED = "pasted.xml"
FORM = ("application/x-www-form-urlencoded", "multipart/form-data")
TAKEN = (
    "application/xml",
    "text/xml",
    "application/zip",
    "application/x-tar",
    "application/gzip",
    "application/octet-stream",
    "multipart/form-data",
)
"""Media types of a body; what it is says its content. Any `…+xml` is taken too."""

_ALSO = frozenset(("application/x-gzip", "application/x-zip-compressed", "application/x-bzip2",
                   "application/x-xz", "application/x-compressed-tar", ""))  # fmt: skip
_DECLARED = re.compile(r"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z][\w.:-]*)")
_ENCODINGS = re.compile(r"utf-16|us-ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)
_UNFIT = re.compile(r"[^\w.+() -]")
_LONGEST = 120


@dataclass(slots=True, frozen=True)
class Upload:
    """One file as it came. `name` is the last step of the name that its sender gave."""

    name: str
    content: bytes

    @property
    def archive(self) -> bool:
        """Whether it is a zip or tar archive, by its first bytes."""
        return bool(packed.kind_of(self.content[:512]))


def allow(request: Request, settings: UploadSettings) -> None:
    """Lets this request be as large as an upload may be; others stay small."""
    request.max_content_length = settings.bytes
    # Text that is pasted or carried from page to page comes in fields, not in files.
    request.max_form_memory_size = settings.bytes
    request.max_form_parts = 1000


def from_form(request: Request) -> list[Upload]:
    """What a form brings: files, text that was pasted, or a document carried from a page before.

    Raises BadRequest where a document carried along is no base64.
    """
    found = [
        Upload(file_name(file.filename or ""), content)
        for name in ("file", "files")
        for file in request.files.getlist(name)
        if (content := file.read()) or file.filename
    ]
    text = request.form.get("text", "")
    if text.strip():
        found.append(Upload(PASTED, encoded(text)))
    carried = request.form.get("document", "")
    if carried:
        found.append(Upload(file_name(request.form.get("name", "")), decoded(carried)))
    return found


def from_body(request: Request) -> list[Upload]:
    """What a program sends: the body itself, or the files of multipart/form-data.

    Raises UnsupportedMediaType and BadRequest, in words.
    """
    kind = request.mimetype
    if kind == "multipart/form-data":
        files = [one for _, some in request.files.lists() for one in some]
        found = [Upload(file_name(one.filename or ""), one.read()) for one in files]
        if not found:
            raise BadRequest("The form holds no file: send each document or archive as a file.")
        return found
    if kind not in TAKEN and kind not in _ALSO and not kind.endswith("+xml"):
        raise UnsupportedMediaType(
            f"A body of type {kind[:100]} is not judged: send the document or archive itself and "
            f"say one of {', '.join(TAKEN)} in Content-Type."
        )
    content = request.get_data(cache=False)
    if not content:
        raise BadRequest("The body is empty: send a document or an archive.")
    return [Upload("upload", content)]


def documents(uploads: list[Upload], settings: UploadSettings) -> Iterator[Document | Unreadable]:
    """The documents of uploads, those in archives one after the other; nothing is unpacked twice
    as much as the settings allow. Raises nothing for what they hold."""
    limits = Limits(
        document=settings.document_bytes,
        members=max(1000, 2 * settings.documents),
        total=settings.unpacked_bytes,
    )
    for upload in uploads:
        if upload.archive:
            yield from packed.held(upload.content, upload.name, limits)
        elif len(upload.content) > limits.document:
            yield too_large(upload.name, len(upload.content), limits)
        else:
            yield Document(upload.name, upload.content)


def file_name(given: str) -> str:
    """A name for a file, made of what a stranger calls it: no folders, nothing unprintable."""
    last = re.split(r"[/\\]", given)[-1]
    return _UNFIT.sub("_", last).strip(". ")[-_LONGEST:] or "upload"


def encoded(text: str) -> bytes:
    """Pasted text as the document it was copied from: a form's line ends are CR LF always."""
    plain = text.replace("\r\n", "\n").removeprefix("\ufeff")
    found = _DECLARED.match(plain)
    if found and _ENCODINGS.fullmatch(found[1]):
        try:
            return plain.lstrip().encode(found[1])
        except UnicodeEncodeError:
            pass  # the parser says which character is not of that encoding
    return plain.encode("utf-8", "surrogatepass")


def carried(content: bytes) -> str:
    """A document for a hidden field: a form must not change a byte of it."""
    return base64.b64encode(content).decode("ascii")


def decoded(field: str) -> bytes:
    """The document of such a field. Raises BadRequest."""
    try:
        return base64.b64decode(field, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The document that the form carries along is damaged.") from error


def shown(content: bytes) -> str:
    """A document's characters for people, whatever they are; never raises."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace").removeprefix("\ufeff")
    found = _DECLARED.match(content[:400].decode("latin-1").removeprefix("ï»¿"))
    name = found[1] if found else "utf-8"
    try:
        if not codecs.lookup(name)._is_text_encoding:
            name = "utf-8"
        return content.decode(name, "replace").removeprefix("\ufeff")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
