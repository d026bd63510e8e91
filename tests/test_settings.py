"""Every setting is documented, and what is documented is a setting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from registry.settings import Settings, SettingsError, read_settings

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"


def names(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str]]:
    """(dotted name, description) of every setting."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from names(kind, f"{before}{name}.")
        else:
            yield before + name, field.description or ""


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `([\w.]+)` \|", DOCS.read_text("utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(name for name, _ in names(Settings))


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, description in names(Settings) if not description] == []


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parhelion.toml").write_text("title = 'File'\n[server]\nport = 1234\n")
    monkeypatch.setenv("PARHELION_TITLE", "Environment")
    settings = read_settings(tmp_path)
    assert (settings.title, settings.server.port) == ("Environment", 1234)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nport = 'x'\n", "server.port"),
        ("[server]\nprot = 1\n", "server.prot"),
        ("= 1", "is not TOML"),
        ("[search]\nengine = 'solr'\n", "search.engine"),
        ("[search]\nengine = 'elasticsearch'\n", "search: .*names no cluster"),
        ("[search]\nengine = 'elasticsearch'\nurl = ['es:9200']\n", "search: .*no address"),
        (
            "[search]\nengine = 'elasticsearch'\nurl = ['https://me:secret@es.org']\n",
            "search: .*holds credentials",
        ),
        (
            "[search]\nengine = 'elasticsearch'\nurl = ['http://es.org']\napi_key = 'x'\n",
            "search: .*in the clear",
        ),
        (
            "[search]\nengine = 'elasticsearch'\nurl = ['https://es.org']\nca = '/no/such'\n",
            "search: .*/no/such",
        ),
        ("[search]\nprefix = 'Über'\n", "search.prefix"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "parhelion.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", "not set"),
        ("http://registry.example.org", "not https"),
        ("https://localhost", "no public host"),
        ("https://10.0.0.1", "private"),
        ("https://127.0.0.1:8443", "private"),
        ("https://registry.example.org/hp", ""),
    ],
)
def test_which_public_url_can_stand_in_what_lasts(tmp_path: Path, url: str, fault: str) -> None:
    said = read_settings(tmp_path, public_url=url).public_url_fault()
    assert fault in said
    assert bool(said) == bool(fault)
