"""gzip made of pieces that were compressed before (RFC 1951, RFC 1952).

A piece ends at a byte and looks back to nothing before it, so that pieces stand one behind another
in one stream; the checksum of the whole follows from theirs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache

try:  # unpacks twice as fast; there are wheels of it for the usual machines, and no need of it
    from isal.isal_zlib import decompress
except ImportError:  # pragma: no cover - on other machines
    from zlib import decompress

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END = b"\x03\x00"
"""An empty last block."""


class Piece:
    """Bytes in compressed form, with their length in plain."""

    __slots__ = ("_checksum", "deflated", "size")

    def __init__(self, deflated: bytes, size: int, checksum: int | None = None) -> None:
        """`checksum` is the CRC-32 of the plain bytes, where it is known already."""
        self.deflated = deflated
        self.size = size
        self._checksum = checksum

    @property
    def checksum(self) -> int:
        if self._checksum is None:
            self._checksum = zlib.crc32(self.plain())
        return self._checksum

    @property
    def known_checksum(self) -> int | None:
        """The checksum, unless it has to be found out."""
        return self._checksum

    def plain(self) -> bytes:
        return plain([self])


def piece(content: bytes, level: int = 6) -> Piece:
    """A piece that holds this content; with level 0 it is not made any smaller."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)
    return Piece(packed, len(content), zlib.crc32(content))


def plain(pieces: Iterable[Piece]) -> bytes:
    """The content of all pieces, in order."""
    every = list(pieces)
    packed = b"".join([*(one.deflated for one in every), _END])
    # With room for all of it from the beginning nothing large is copied, which costs most.
    return decompress(packed, -15, max(sum(one.size for one in every), 1))


def gzipped(pieces: Iterable[Piece]) -> bytes:
    """One gzip member with the content of all pieces, in order."""
    parts, checksum, size = [_HEAD], 0, 0
    for one in pieces:
        parts.append(one.deflated)
        checksum = _joined(checksum, one.checksum, one.size)
        size += one.size
    tail = checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join([*parts, _END, tail])


def _joined(first: int, second: int, size: int) -> int:
    """The CRC-32 of two contents one behind the other; `size` is the second's in bytes."""
    return _times(_power(8 * size), first) ^ second


def _times(one: int, other: int) -> int:
    """The product of two polynomials over GF(2), modulo CRC-32's, in its reflected order."""
    product, bit = 0, _ONE
    while one:
        if one & bit:
            product ^= other
            one ^= bit
        bit >>= 1
        other = (other >> 1) ^ _POLYNOMIAL if other & 1 else other >> 1
    return product


@cache
def _squares() -> list[int]:
    """x, x², x⁴, x⁸ …"""
    found = [1 << 30]
    while len(found) < 64:
        found.append(_times(found[-1], found[-1]))
    return found


def _power(exponent: int) -> int:
    """x to this power."""
    found, place = _ONE, 0
    while exponent:
        if exponent & 1:
            found = _times(_squares()[place], found)
        exponent >>= 1
        place += 1
    return found
