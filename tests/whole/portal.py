"""`parhelion serve` in a process of its own, on a port that the system gives."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.whole.running import SECONDS, Installation

_SAID = re.compile(r"answers at (http://\S+)")


@contextmanager
def serving(installation: Installation) -> Iterator[str]:
    """The server's address, as it prints it, while it runs; it has to end well when told to."""
    process = installation.start("serve", "--port", "0", stderr=subprocess.DEVNULL)
    # A server that never says where it is must not hold up the tests for ever.
    patience = threading.Timer(SECONDS, process.kill)
    patience.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        patience.cancel()
        found = _SAID.search(line)
        assert found, f"the server said {line!r}, status {process.poll()}"
        yield found[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    finally:
        patience.cancel()
        process.kill()
        process.communicate()
