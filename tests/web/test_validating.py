"""What strangers send to `/validate` and its API: judged, mended, never kept."""

from __future__ import annotations

import io
import json
import socket
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from registry.commands.validate import validate
from registry.engines import Engines
from registry.settings import UploadSettings
from registry.validation.choosing import Choice
from registry.web.application import application
from registry.web.judged import Gate, Judging
from registry.web.uploads import Upload
from registry.web.validating import Bench
from tests.web import made
from tests.web.conftest import EXAMPLES, PUBLIC
from tests.web.pages_read import find, page, text

API = "/api/v1/validate"
ACE = EXAMPLES / "spase/PARHELION/NumericalData/ACE/MAG/PT16S.xml"
BROKEN = made.repository("Repository/Sent").replace("GeneralContact", "GenralContact")
"""Invalid in one line: no version has that Role."""
LINE = BROKEN[: BROKEN.index("GenralContact")].count("\n") + 1
WHITE = made.repository("Repository/White").replace("GeneralContact", " generalcontact ")


def send(client: FlaskClient, content: bytes, name: str = "record.xml") -> TestResponse:
    """A file as a browser's form sends it."""
    return client.post("/validate", data={"file": (io.BytesIO(content), name)})


def verdict(root: Any) -> str:
    return text(root, "//h:section[contains(@class, 'verdict')]/h:h2/h:span[1]")


def lines(answer: TestResponse) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


def judged(client: FlaskClient, content: bytes) -> list[dict[str, Any]]:
    return lines(client.post(API, data=content, content_type="application/octet-stream"))


def zipped(**members: str | bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return held.getvalue()


def tarred(name: str, content: bytes, mode: str = "w:gz") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


# -- the page --------------------------------------------------------------------------------


def test_the_form_asks_for_text_files_or_a_record(client: FlaskClient) -> None:
    root = page(client.get("/validate"))
    forms = find(root, "//h:section[@class='give']//h:form")
    assert [(one.get("method"), one.get("action")) for one in forms] == [
        ("post", "/helio/validate"), ("get", "/helio/validate"), ("post", "/helio/validate"),
    ]  # fmt: skip
    assert not find(root, "//h:script")


def test_a_finding_stands_at_its_line(client: FlaskClient) -> None:
    root = page(send(client, BROKEN.encode()))
    assert verdict(root) == "invalid"
    (at,) = find(root, "//h:ol[@class='lines']/h:li[@id]")
    assert at.get("id") == f"L{LINE}"
    assert text(at, "h:code") == BROKEN.splitlines()[LINE - 1].strip()
    assert "GenralContact" in text(at, ".//h:li[contains(@class, 'severity-error')]")
    codes = find(root, "//h:ol[@class='lines']/h:li/h:code")
    assert ["".join(one.itertext()) for one in codes] == BROKEN.split("\n")
    # What it is about is marked in the line, and the line and column lead to it.
    assert text(at, "h:code/h:mark") == "<Role>GenralContact</Role>"
    (jump,) = find(root, "//h:ol[@class='jumps']/h:li[contains(@class, 'error')]/h:a")
    column = BROKEN.split("\n")[LINE - 1].index("<Role>") + 1
    assert (jump.get("href"), text(jump)) == (f"#L{LINE}", f"line {LINE}, column {column}")


def test_pasted_text_is_judged_as_it_was_copied(client: FlaskClient) -> None:
    answer = client.post("/validate", data={"text": BROKEN.replace("\n", "\r\n")})
    root = page(answer)
    assert verdict(root) == "invalid"
    assert find(root, "//h:ol[@class='lines']/h:li[@id]")[0].get("id") == f"L{LINE}"
    # It stands in the form again, to be mended by hand.
    assert find(root, "//h:textarea")[0].text.strip() == BROKEN.strip()


def test_pasted_text_may_say_another_encoding(client: FlaskClient) -> None:
    written = made.LATIN.decode("latin-1")
    root = page(client.post("/validate", data={"text": written}))
    assert verdict(root) == "valid"
    assert "Besançon" in text(root, "//h:ol[@class='lines']")


@pytest.mark.parametrize(
    "path", sorted((EXAMPLES / "spase").rglob("*.xml")), ids=lambda one: one.name
)
def test_examples_are_valid(client: FlaskClient, path: Path) -> None:
    assert verdict(page(send(client, path.read_bytes()))) == "valid"


def test_a_record_of_the_registry_by_its_identifier(client: FlaskClient) -> None:
    root = page(client.get("/validate?record=spase://MADE/Repository/Invalid"))
    assert verdict(root) == "invalid"
    assert "NoSuchElement" in text(root, "//h:ol[@class='lines']")
    unknown = client.get("/validate?record=file:///etc/passwd")
    assert unknown.status_code == 404
    assert "There is no record" in text(page(unknown), "//h:p[@role='alert']")


def test_what_records_hold_stays_text(client: FlaskClient) -> None:
    answer = send(client, made.repository("Repository/Odd", name=made.HOSTILE).encode())
    assert made.escaped(made.HOSTILE) in "".join(page(answer).itertext())
    assert b"<script" not in answer.data
    odd = send(client, BROKEN.encode(), '"><script>alert(1)</script>/../../x\x00.xml')
    assert b"<script" not in odd.data
    assert page(odd) is not None
    assert odd.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert odd.headers["Cache-Control"] == "no-store"


def test_references_are_judged_with_the_registry(client: FlaskClient) -> None:
    wrong = made.repository("Repository/X").replace("Person/SPDF", "Person/SPDV")
    (found,) = [one for one in judged(client, wrong.encode())[0]["findings"]
                if one["rule"] == "reference.unknown"]  # fmt: skip
    assert "spase://PARHELION/Person/SPDF" in found["remedy"]
    # What is sent along is known.
    other = made.repository("Repository/X").replace("PARHELION/Person/SPDF", "MADE/Repository/Y")
    told = judged(client, zipped(x=other, y=made.repository("Repository/Y")))
    assert not [f for one in told for f in one["findings"] if f["rule"] == "reference.unknown"]


def test_an_archive_is_told_by_cause_and_by_record(client: FlaskClient) -> None:
    content = zipped(a__good=made.repository("Repository/Good"), a__bad=BROKEN, b=BROKEN, no="no")
    root = page(send(client, content, "all.zip"))
    tallies = [text(one) for one in find(root, "//h:ul[@class='tallies']/h:li")]
    assert sorted(tallies) == ["invalid 2", "not well-formed 1", "valid 1"]
    causes = [text(one) for one in find(root, "//h:ul[@class='causes']/h:li")]
    (role,) = [one for one in causes if "schema.value" in one]
    assert "2 in 2 records" in role
    assert "all.zip!/a/bad.xml" in text(root, "//h:ul[@class='by-record']")


def test_several_files_are_told_together(client: FlaskClient) -> None:
    files = [(io.BytesIO(BROKEN.encode()), "one.xml"), (io.BytesIO(made.LATIN), "two.xml")]
    root = page(client.post("/validate", data={"file": files}))
    tallies = [text(one) for one in find(root, "//h:ul[@class='tallies']/h:li")]
    assert sorted(tallies) == ["invalid 1", "valid 1"]


@pytest.mark.parametrize("data", [{}, {"text": " \r\n"}, {"other": "x"}])
def test_nothing_sent_is_said(client: FlaskClient, data: dict[str, str]) -> None:
    answer = client.post("/validate", data=data)
    assert answer.status_code == 400
    assert "Nothing was sent" in text(page(answer), "//h:p[@role='alert']")


# -- bad input -------------------------------------------------------------------------------

_BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
_OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
_REMOTE = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>'
_NESTED = zipped(inner=zipped(a=BROKEN))


def _climbing() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../../etc/x.xml", BROKEN)
    return held.getvalue()


def _nested() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inner.zip", zipped(a=BROKEN))
    return held.getvalue()


BAD: dict[str, tuple[bytes, str]] = {
    "entity bomb": (f"{_BOMB}]><a>&i;</a>".encode(), "document.dtd"),
    "external entity": (_OUTSIDE.encode(), "document.dtd"),
    "external DTD": (_REMOTE.encode(), "document.dtd"),
    "empty": (b"", "document.empty"),
    "blank": (b" \n ", "document.empty"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "document.binary"),
    "no XML": (b"title: a record\n", "document.not-well-formed"),
    "cut off": (BROKEN[:400].encode(), "document.not-well-formed"),
    "wrong encoding": (made.LATIN.replace(b"ISO-8859-1", b"UTF-8"), "document.encoding"),
    "unknown encoding": (BROKEN.replace("UTF-8", "EBCDIC-XX").encode(), "document.encoding"),
    "deep": (b"<a>" * 5000 + b"</a>" * 5000, "document.too-deep"),
    "something else": (b"<html/>", "document.unrecognised"),
    "climbing out of a zip": (_climbing(), "document.unreadable"),
    "archive in an archive": (_nested(), "document.unreadable"),
    "damaged zip": (zipped(a=BROKEN)[:200], "document.unreadable"),
    "damaged tar": (tarred("a.xml", BROKEN.encode() * 50)[:-40], "document.unreadable"),
    "zip bomb": (zipped(a=b"<a>" + bytes(9_000_000)), "document.too-large"),
    "tar bomb": (tarred("a.xml", b"<a>" + bytes(60_000_000)), "document.too-large"),
    "huge": (b"<a>" + b"x" * 10_000_000, "document.too-large"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_said_in_words_and_leaves_nothing(
    name: str,
    client: FlaskClient,
    engines: Engines,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content, rule = BAD[name]
    opened: list[Any] = []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", lambda *given: opened.append(given))
    with engines.store.reading() as reader:
        before = (reader.last_change(), reader.count_revisions(), reader.count_quarantined())

    answer = send(client, content)
    root = page(answer)
    assert answer.status_code == 200
    assert rule in text(root, "//h:main")
    assert "Traceback" not in text(root)
    told = judged(client, content) if content else []
    if content:
        assert {one["rule"] for each in told for one in each["findings"]} == {rule}
    assert Path("/etc/hostname").read_text().strip() not in json.dumps(told)

    with engines.store.reading() as reader:
        after = (reader.last_change(), reader.count_revisions(), reader.count_quarantined())
    assert after == before
    assert list(tmp_path.iterdir()) == []
    assert opened == []


def test_a_zip_bomb_of_many_members_ends_at_the_sum(client: FlaskClient, app: Flask) -> None:
    limits = UploadSettings(unpacked_bytes=3 * len(BROKEN))
    content = zipped(**{f"m{number}": BROKEN for number in range(9)})
    told = list(Judging([Upload("all.zip", content)], limits, Choice()).reports(None))
    assert [one.verdict for one in told] == ["invalid"] * 3 + ["unrecognised"]
    assert told[-1].findings[0].rule == "document.too-large"


def test_a_million_errors_end_with_a_count(client: FlaskClient) -> None:
    many = made.repository("Repository/Many", after="<Nope>x</Nope>\n" * 200_000)
    (one,) = judged(client, many.encode())
    assert one["verdict"] == "invalid"
    assert len(one["findings"]) < 600
    (more,) = [each for each in one["findings"] if each["rule"] == "schema.more"]
    assert "500" in more["message"]


def test_a_million_findings_beyond_the_schema_do_too(client: FlaskClient) -> None:
    named = "".join(prior(number) for number in range(20_000))
    (one,) = judged(client, made.repository("Repository/Many", header=named).encode())
    found = [each for each in one["findings"] if each["rule"].startswith("reference.")]
    assert len(found) <= 501


def prior(number: int) -> str:
    return f"<Contact><PersonID>spase://MADE/Person/P{number}</PersonID><Role>User</Role></Contact>"


def test_findings_of_one_upload_are_cut_and_counted() -> None:
    content = zipped(**{f"m{number}": BROKEN for number in range(5)})
    every = list(Judging([Upload("a.zip", content)], UploadSettings(), Choice()).reports(None))
    number = sum(len(one.findings) for one in every)
    cut = list(
        Judging([Upload("a.zip", content)], UploadSettings(findings=2), Choice()).reports(None)
    )
    assert [one.verdict for one in cut] == [one.verdict for one in every]
    told = [finding for one in cut for finding in one.findings]
    counted = [int(one.message.split()[0]) for one in told if one.rule == "schema.more"]
    assert len(told) - len(counted) == 2
    assert sum(counted) == number - 2


def test_documents_of_one_upload_are_limited() -> None:
    content = zipped(**{f"m{number}": BROKEN for number in range(5)})
    limits = UploadSettings(documents=2)
    told = list(Judging([Upload("a.zip", content)], limits, Choice()).reports(None))
    assert [one.verdict for one in told] == ["invalid", "invalid", "unrecognised"]
    assert "at most 2 documents" in told[-1].findings[0].message


def test_time_for_one_upload_is_limited() -> None:
    content = zipped(**{f"m{number}": BROKEN for number in range(50)})
    limits = UploadSettings(seconds=1000)
    told = list(
        Judging([Upload("a.zip", content)], limits, Choice(), clock=_ticking(15.0)).reports(None)
    )
    assert 0 < len(told) < 50
    assert "the time for one upload (1000 s) ended" in told[-1].findings[-1].message


def _ticking(step: float) -> Callable[[], float]:
    """A clock that goes on by a step each time it is read."""
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    return clock


def test_an_upload_that_is_too_large_is_refused(engines: Engines) -> None:
    settings = engines.settings.model_copy(update={"upload": UploadSettings(bytes=20_000)})
    client = application(replace(engines, settings=settings)).test_client()
    for answer in (
        send(client, b"<a>" + b"x" * 30_000),
        client.post("/validate", data={"text": "x" * 30_000}),
        client.post(API, data=b"x" * 30_000, content_type="application/xml"),
    ):
        assert answer.status_code == 413
        assert "larger than" in answer.get_data(as_text=True)


def test_other_addresses_stay_small(client: FlaskClient, engines: Engines) -> None:
    large = b"x" * (engines.settings.server.max_body + 1)
    assert len(large) < engines.settings.upload.bytes
    asked = client.post("/sparql", data=large, content_type="application/sparql-query")
    assert asked.status_code == 413


def test_who_comes_while_others_are_judged_is_told_to_wait(engines: Engines) -> None:
    app = application(engines)
    bench = app.extensions["parhelion.bench"]
    app.extensions["parhelion.bench"] = Bench(Gate(1, seconds=0), bench.neighbourhood)
    client = app.test_client()
    leave = app.extensions["parhelion.bench"].gate.enter()
    for answer in (
        send(client, BROKEN.encode()),
        client.post(API, data=BROKEN, content_type="application/xml"),
        client.post("/validate/mend", data={"how": "fix", "text": BROKEN}),
    ):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    leave()
    leave()
    for _ in range(3):
        assert judged(client, BROKEN.encode())[0]["verdict"] == "invalid"


# -- mending ---------------------------------------------------------------------------------


def hidden(root: Any) -> dict[str, str]:
    """The document that the page carries along."""
    fields = find(root, "//h:form[contains(@action, '/validate/mend')]/h:input[@type='hidden']")
    return {one.get("name"): one.get("value") for one in fields}


def test_what_is_certain_is_mended_and_given_back(client: FlaskClient) -> None:
    root = page(send(client, WHITE.encode(), "white.xml"))
    assert verdict(root) == "invalid"
    given = hidden(root)

    shown = page(client.post("/validate/mend", data=given | {"how": "fix"}))
    assert text(shown, "//h:p[@class='before-after']/h:span[contains(@class, 'badge')]") == (
        "invalid valid"
    )
    removed = find(shown, "//h:ol[@class='diff']/h:li[@class='diff-del']")
    added = find(shown, "//h:ol[@class='diff']/h:li[@class='diff-add']")
    assert "generalcontact" in "".join(one.text for one in removed)
    assert "GeneralContact" in "".join(one.text for one in added)

    answer = client.post("/validate/download", data=given | {"how": "fix"})
    assert answer.headers["Content-Disposition"] == "attachment; filename=white-mended.xml"
    assert answer.data.decode() == WHITE.replace(" generalcontact ", "GeneralContact")
    assert verdict(page(send(client, answer.data))) == "valid"

    difference = client.post("/validate/download", data=given | {"how": "fix", "what": "diff"})
    assert difference.mimetype == "text/x-diff"
    assert difference.get_data(as_text=True).startswith("--- a/white.xml\n+++ b/white.xml\n@@")


def test_an_old_record_is_upgraded(client: FlaskClient) -> None:
    old = made.repository("Repository/Age").replace("2.7.1", "2.3.0")
    given = hidden(page(send(client, old.encode(), "old.xml")))
    shown = page(client.post("/validate/mend", data=given | {"how": "upgrade"}))
    assert text(shown, "//h:h1") == "Upgraded to SPASE 2.7.1"
    answer = client.post("/validate/download", data=given | {"how": "upgrade"})
    (told,) = judged(client, answer.data)
    assert (told["version"], told["verdict"]) == ("2.7.1", "valid")


def test_a_page_carries_a_document_byte_by_byte(client: FlaskClient) -> None:
    given = hidden(page(send(client, made.LATIN, "latin.xml")))
    answer = client.post("/validate/download", data=given | {"how": "fix"})
    assert answer.data == made.LATIN


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"how": "guess", "text": BROKEN}, "fix or upgrade"),
        ({"how": "fix"}, "no document"),
        ({"how": "fix", "document": "%%%"}, "damaged"),
        ({"how": "fix", "text": BROKEN, "what": "all"}, "the document or the diff"),
    ],
)
def test_what_cannot_be_mended_is_said(
    client: FlaskClient, data: dict[str, str], said: str
) -> None:
    answer = client.post("/validate/download", data=data)
    assert answer.status_code == 400
    assert said in text(page(answer), "//h:main")


@pytest.mark.parametrize("name", ["entity bomb", "binary", "no XML", "deep", "something else"])
@pytest.mark.parametrize("how", ["fix", "upgrade"])
def test_bad_input_is_not_mended(client: FlaskClient, name: str, how: str) -> None:
    content, rule = BAD[name]
    data = {"how": how, "file": (io.BytesIO(content), "bad.xml")}
    root = page(client.post("/validate/mend", data=data))
    assert rule in text(root, "//h:main")
    data = {"how": how, "file": (io.BytesIO(content), "bad.xml")}
    assert client.post("/validate/download", data=data).data == content


# -- the API ---------------------------------------------------------------------------------


def test_the_api_says_what_the_command_line_says(
    client: FlaskClient, engines: Engines, tmp_path: Path
) -> None:
    content = zipped(a=BROKEN, b=made.repository("Repository/Other"), c="<no", d=ACE.read_bytes())
    path = tmp_path / "all.zip"
    path.write_bytes(content)
    said = CliRunner().invoke(
        validate, ["--format", "json", "--processes", "1", str(path)], obj=engines.settings
    )
    command = [json.loads(line) for line in said.stdout.splitlines()]
    web = judged(client, content)
    for one in (*command, *web):
        one["file"] = one["file"].rpartition("!/")[2]
        # Among what was looked is said in other words.
        one["findings"] = [each for each in one["findings"] if each["rule"] != "reference.unknown"]
        # Those of one place stand in any order.
        one["findings"].sort(key=lambda each: (each["line"], each.get("column", 0), each["rule"]))
    assert web == command
    assert [one["verdict"] for one in web] == ["invalid", "valid", "not-well-formed", "valid"]


def test_the_api_answers_as_described(client: FlaskClient) -> None:
    description = json.loads(client.get("/api/openapi.json").data)
    post = description["paths"]["/api/v1/validate"]["post"]
    schema = post["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    report = Draft202012Validator({**schema, "components": description["components"]})
    content = zipped(**{name.replace(" ", "_"): bad for name, (bad, _) in BAD.items() if
                        len(bad) < 100_000}, broken=BROKEN, white=WHITE)  # fmt: skip
    told = judged(client, content)
    assert len(told) > 10
    for one in told:
        report.validate(one)
    problem = Draft202012Validator(description["components"]["schemas"]["Problem"])
    for status, answer in (
        (400, client.post(API, data=b"", content_type="application/xml")),
        (400, client.post(API + "?sort=x", data=BROKEN, content_type="application/xml")),
        (415, client.post(API, data={"text": BROKEN})),
        (415, client.post(API, data="{}", content_type="application/json")),
    ):
        assert answer.status_code == status
        assert str(status) in post["responses"]
        assert answer.mimetype == "application/problem+json"
        problem.validate(json.loads(answer.data))


@pytest.mark.parametrize(
    "media_type",
    ["application/xml", "text/xml; charset=utf-8", "application/rdf+xml", "application/zip", ""],
)
def test_a_body_is_what_its_content_says(client: FlaskClient, media_type: str) -> None:
    assert lines(client.post(API, data=BROKEN, content_type=media_type))[0]["verdict"] == "invalid"
    packed = tarred("a/record.xml", BROKEN.encode())
    (told,) = lines(client.post(API, data=packed, content_type=media_type))
    assert (told["file"], told["verdict"]) == ("upload!/a/record.xml", "invalid")


def test_files_of_a_form_are_judged_one_after_the_other(client: FlaskClient) -> None:
    files = {
        "one": (io.BytesIO(BROKEN.encode()), "broken.xml"),
        "two": (io.BytesIO(zipped(a=made.repository("Repository/A"))), "all.zip"),
    }
    told = lines(client.post(API, data=files))
    assert {one["file"]: one["verdict"] for one in told} == {
        "broken.xml": "invalid", "all.zip!/a.xml": "valid",
    }  # fmt: skip


def test_rules_can_be_chosen(client: FlaskClient) -> None:
    def rules(query: str) -> set[str]:
        answer = client.post(f"{API}?{query}", data=BROKEN, content_type="application/xml")
        return {one["rule"] for one in lines(answer)[0]["findings"]}

    every = rules("")
    assert "schema.value" in every
    assert rules("select=schema.value") == {"schema.value"}
    assert rules("ignore=schema.value") == every - {"schema.value"}


def test_the_answer_is_streamed_and_open_to_scripts(client: FlaskClient) -> None:
    answer = client.post(API, data=BROKEN, content_type="application/xml")
    assert answer.is_streamed
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    before = client.options(API)
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in before.headers["Access-Control-Allow-Headers"]


def test_the_page_names_the_api(client: FlaskClient) -> None:
    assert PUBLIC + API in text(page(client.get("/validate")), "//h:p[@id='api']")
