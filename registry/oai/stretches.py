"""Stretches of lists as they were written: the records with change numbers from one to another.

A record that changes gets a number beyond all others, so a stretch can only lose records, and
each that is left is as it was (docs/decisions.md, section 3). What it loses is cut out of it: the
records lie in blocks that are compressed one by one, and the others stay as they are.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from registry.oai.stitched import Piece

LEVEL = 4
_BLOCK_BYTES = 64_000
"""A block ends when it holds so much: to compress it again is quick, and it packs well enough."""


class DamagedStretch(ValueError):
    """The bytes are no stretch of ours, or not all of one."""


@dataclass(slots=True, frozen=True)
class Stretch:
    """Records written one behind another, up to the change number `last`.

    `numbers` are their change numbers and `sizes` their lengths in bytes; `blocks` are (records,
    bytes in compressed form). `full`: more followed them when it was written. `stamp` is that of
    the change log at `last` (docs/decisions.md, section 8).
    """

    piece: Piece
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    blocks: tuple[tuple[int, int], ...]
    last: int
    full: bool
    stamp: str = ""

    @property
    def count(self) -> int:
        return len(self.numbers)

    def only(self, numbers: Iterable[int]) -> Stretch:
        """The stretch with these of its records alone."""
        return _stretch(self._blocks_of(set(numbers)), self.last, full=self.full, stamp=self.stamp)

    def followed_by(self, other: Stretch) -> Stretch:
        """Both as one; `other` begins where this one ends."""
        blocks = [*self._every_block(), *other._every_block()]
        return _stretch(blocks, other.last, full=other.full, stamp=other.stamp)

    def _every_block(self) -> Iterator[_Block]:
        record = place = 0
        for count, size in self.blocks:
            there = slice(record, record + count)
            deflated = self.piece.deflated[place : place + size]
            yield _Block(self.numbers[there], self.sizes[there], deflated)
            record, place = record + count, place + size

    def _blocks_of(self, wanted: Collection[int]) -> Iterator[_Block]:
        for block in self._every_block():
            kept = [number for number in block.numbers if number in wanted]
            if len(kept) == len(block.numbers):
                yield block
            elif kept:
                yield from _blocks(block.only(wanted))

    # -- as a file ------------------------------------------------------------------------------

    def as_bytes(self) -> bytes:
        """The stretch as `from_bytes` reads it."""
        said = {
            "numbers": self.numbers, "sizes": self.sizes, "blocks": self.blocks,
            "last": self.last, "full": self.full, "stamp": self.stamp,
            "checksum": self.piece.known_checksum, "size": self.piece.size,
            "packed": zlib.crc32(self.piece.deflated),
        }  # fmt: skip
        return json.dumps(said, separators=(",", ":")).encode() + b"\n" + self.piece.deflated


@dataclass(slots=True, frozen=True)
class _Block:
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    deflated: bytes
    text: bytes | None = None
    """What it holds, where that is at hand."""

    def only(self, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """(change number, text) of the records that are wanted."""
        text, place = Piece(self.deflated, sum(self.sizes)).plain(), 0
        for number, size in zip(self.numbers, self.sizes, strict=True):
            if number in wanted:
                yield number, text[place : place + size]
            place += size


def stretch(
    records: Iterable[tuple[int, bytes]], last: int, *, full: bool, stamp: str = ""
) -> Stretch:
    """A stretch of (change number, text) records."""
    return _stretch(_blocks(records), last, full=full, stamp=stamp)


def from_bytes(content: bytes) -> Stretch:
    """What `as_bytes` wrote. Raises DamagedStretch."""
    head, _, deflated = content.partition(b"\n")
    try:
        said = json.loads(head)
        if said.pop("packed") != zlib.crc32(deflated):
            raise DamagedStretch("the records are not those that were written")
        piece = Piece(deflated, said.pop("size"), said.pop("checksum"))
        for name in ("numbers", "sizes"):
            said[name] = tuple(said[name])
        said["blocks"] = tuple((count, size) for count, size in said["blocks"])
        return Stretch(piece=piece, **said)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedStretch(str(error)) from error


def _stretch(blocks: Iterable[_Block], last: int, *, full: bool, stamp: str) -> Stretch:
    every = list(blocks)
    checksum: int | None = 0
    for block in every:
        # What has to be unpacked for it waits until somebody asks for it compressed.
        known = checksum is not None and block.text is not None
        checksum = zlib.crc32(block.text or b"", checksum or 0) if known else None
    sizes = tuple(size for block in every for size in block.sizes)
    return Stretch(
        Piece(b"".join(block.deflated for block in every), sum(sizes), checksum),
        tuple(number for block in every for number in block.numbers),
        sizes,
        tuple((len(block.numbers), len(block.deflated)) for block in every),
        last,
        full,
        stamp,
    )


def _blocks(records: Iterable[tuple[int, bytes]]) -> Iterator[_Block]:
    some: list[tuple[int, bytes]] = []
    size = 0
    for one in records:
        some.append(one)
        size += len(one[1])
        if size >= _BLOCK_BYTES:
            yield _block(some)
            some, size = [], 0
    if some:
        yield _block(some)


def _block(records: Sequence[tuple[int, bytes]]) -> _Block:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    text = b"".join(one[1] for one in records)
    deflated = packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)
    numbers, sizes = tuple(one[0] for one in records), tuple(len(one[1]) for one in records)
    return _Block(numbers, sizes, deflated, text)
