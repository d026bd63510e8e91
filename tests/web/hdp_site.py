"""A registry served over HTTP on loopback, for clients of HDP's web services."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

from registry.commands.ingesting import run
from registry.engines import Engines, opened
from registry.settings import Settings
from registry.web.application import application
from registry.web.serving import server
from tests.shared import shared

SPASE = "http://www.spase-group.org/data/schema"
ENDPOINT = "/WS/hdp/1/"

SOFTWARE = f"""<?xml version="1.0" encoding="UTF-16"?>
<Spase xmlns="{SPASE}">
  <Version>2.7.1</Version>
  <Software>
    <ResourceID>spase://MADE/Software/Tracer</ResourceID>
    <ResourceHeader>
      <ResourceName>Tracer</ResourceName>
      <ReleaseDate>2024-01-02T03:04:05Z</ReleaseDate>
      <Description>Follows lines of force through models of the magnetosphere.</Description>
      <Contact>
        <PersonID>spase://MADE/Person/Nobody</PersonID><Role>Developer</Role>
      </Contact>
    </ResourceHeader>
    <ApplicationInterface>CLI</ApplicationInterface>
    <CodeLanguage> Python </CodeLanguage>
    <Prerequisites>none</Prerequisites>
    <ExecutionEnvironment>
      <OperatingSystem>any</OperatingSystem><Installer>pip</Installer>
    </ExecutionEnvironment>
  </Software>
</Spase>
""".encode("utf-16")


def data(
    path: str,
    *,
    coverage: str = "",
    description: str = "Made for a test.",
    after: str = "",
    keywords: tuple[str, ...] = (),
    prior: str = "",
) -> str:
    """A NumericalData record of the authority MADE; `coverage` stands behind the time span."""
    priors = f"<PriorID>{prior}</PriorID>" if prior else ""
    words = "".join(f"<Keyword>{one}</Keyword>" for one in keywords)
    return f"""<!-- said before -->
<Spase xmlns="{SPASE}"><Version>2.7.1</Version><NumericalData>
<ResourceID>spase://MADE/{path}</ResourceID>
<ResourceHeader><ResourceName>{path}</ResourceName><ReleaseDate>2024-01-01</ReleaseDate>
<Description>{description}</Description>
<Contact><PersonID>spase://MADE/Person/Nobody</PersonID><Role>GeneralContact</Role></Contact>
{priors}</ResourceHeader>
<AccessInformation><RepositoryID>spase://MADE/Repository/None</RepositoryID>
<AccessURL><URL>https://example.org/</URL>{after}</AccessURL><Format>CDF</Format>
</AccessInformation>
<TemporalDescription><TimeSpan><StartDate>2001-01-01T00:00:00Z</StartDate>
<StopDate>2001-12-31T00:00:00Z</StopDate></TimeSpan>{coverage}</TemporalDescription>
{words}</NumericalData></Spase>
"""


MADE: dict[str, str | bytes] = {
    "software.xml": SOFTWARE,
    "hourly.xml": data("NumericalData/Hourly", coverage="<Cadence>PT60M</Cadence>",
                       keywords=("Solar  wind &#38; ions", "Ærø")),
    "ranged.xml": data("NumericalData/Ranged", prior="spase://MADE/NumericalData/Earlier",
                       coverage="<CadenceMin>PT1S</CadenceMin><CadenceMax>PT2H</CadenceMax>",
                       keywords=("solar wind &amp; IONS",)),
    "git.xml": data("NumericalData/Git", after="<Style>&#71;it</Style>", keywords=("solar",)),
    "first.xml": data("NumericalData/First", prior="spase://MADE/NumericalData/Split"),
    "second.xml": data("NumericalData/Second", prior="spase://MADE/NumericalData/Split"),
    "gone.xml": data("NumericalData/Gone"),
}  # fmt: skip

EXAMPLES = Path(__file__).parents[2] / "examples/spase"


def make(folder: Path) -> Settings:
    """A registry of the SPASE examples and the made records, one of which was deleted."""
    place = folder / "made"
    place.mkdir()
    for name, content in MADE.items():
        written = content if isinstance(content, bytes) else content.encode()
        (place / name).write_bytes(written)
    settings = Settings(data=folder / "data")
    run(settings, (str(EXAMPLES), str(place)))
    (place / "gone.xml").write_text(data("NumericalData/Instead"), "utf-8")
    run(settings, (str(place),))
    return settings


def unpacked(folder: Path, *starts: str) -> Path:
    """The real records whose paths (`NASA/Catalog/ISTP/`) begin so, unpacked into a folder."""
    for name in {start.partition("/")[0] for start in starts}:
        with ZipFile(shared("spase", f"{name}.zip")) as archive:
            wanted = [one for one in archive.namelist() if one.startswith(starts)]
            archive.extractall(folder, wanted)
    return folder


@contextmanager
def served(settings: Settings) -> Iterator[tuple[Engines, str]]:
    """The engines, and the endpoint for clients, of a registry that answers on loopback.

    Its clock stands ten seconds ahead, so that no commit lies in the second that runs.
    """
    os.environ.pop("HTTP_PROXY", None)
    with opened(settings) as engines:
        clock = engines.store.clock
        engines.store.clock = lambda: clock() + 10
        bound = socket.create_server(("127.0.0.1", 0))
        running = server(application(engines), settings, sockets=[bound])
        thread = threading.Thread(target=running.run, daemon=True)
        thread.start()
        try:
            yield engines, f"http://127.0.0.1:{bound.getsockname()[1]}{ENDPOINT}"
        finally:
            # Closed by its own thread, whose loop ends when nothing is left to listen to.
            running.trigger.pull_trigger(lambda: running.asyncore.close_all(running._map))
            running.task_dispatcher.shutdown()
            thread.join(10)
