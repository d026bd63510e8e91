"""One registry for all tests of the web: examples and made records, real engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.commands.ingesting import run
from registry.engines import Engines, opened
from registry.settings import Settings
from registry.web.application import application
from tests.web import made

EXAMPLES = Path(__file__).parents[2] / "examples"
PUBLIC = "https://registry.example.org/helio"


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("web")
    settings = Settings(data=folder / "data", public_url=PUBLIC)
    made.write(folder / "made")
    run(settings, (str(EXAMPLES), str(folder / "made")))
    # Another record at the same place: the one that lay there is deleted.
    other = made.repository("Repository/Instead")
    (folder / "made" / "vanishing.xml").write_text(other, "utf-8")
    run(settings, (str(folder / "made"),))
    with opened(settings) as engines:
        yield engines


@pytest.fixture(scope="session")
def app(engines: Engines) -> Flask:
    return application(engines)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
