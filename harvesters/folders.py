"""A folder of this machine as a source: its documents under their paths inside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from harvesters.documents import Document, Limits, Task, Unreadable
from harvesters.files import read, tasks


def folder_tasks(folder: str, limits: Limits | None = None) -> Iterator[Task]:
    """The documents of a folder, and of the archives in it, as tasks; hidden ones left out."""
    root = os.path.realpath(folder)
    inside = root.rstrip(os.sep) + os.sep
    for task in tasks([root], limits=limits or Limits()):
        if task.members:
            prefix, name = task.prefix.removeprefix(inside), task.name.removeprefix(inside)
            yield replace(task, prefix=prefix, name=name)
        else:
            ready = tuple(_inside(one, inside) for one in read(task))
            yield replace(task, names=(), ready=ready)


def _inside(found: Document | Unreadable, inside: str) -> Document | Unreadable:
    found.path = found.path.removeprefix(inside)
    return found
