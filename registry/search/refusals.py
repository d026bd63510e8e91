"""Finding what an engine refuses in a batch that it refused as a whole."""

from __future__ import annotations

from collections.abc import Callable


def refused_by(keys: list[str], accepts: Callable[[list[str]], bool]) -> list[str]:
    """The keys whose documents `accepts` refuses, found by halving.

    For n documents of which few are at fault that takes about log2(n) trials for each.
    """
    if not keys or accepts(keys):
        return []
    if len(keys) == 1:
        return keys
    middle = len(keys) // 2
    return refused_by(keys[:middle], accepts) + refused_by(keys[middle:], accepts)
