"""What the lexer lets through, held against SPARQL's grammar and against the engine itself."""

from __future__ import annotations

import http.client
import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.graph import child, lexer

CALLS = {
    "plain": "SELECT * { SERVICE <E> {?s ?p ?o} }",
    "any case": "SELECT * { sErViCe <E> {?s ?p ?o} }",
    "silent": "SELECT * { SERVICE SILENT <E> {?s ?p ?o} }",
    "nothing between": "SELECT * { SERVICE<E>{?s ?p ?o} }",
    "keywords glued": "SELECT * { SERVICESILENT<E>{?s ?p ?o} }",
    "keyword and empty prefix": "PREFIX : <E> SELECT * { SERVICE:{?s ?p ?o} }",
    "keyword and prefix": "PREFIX x: <E> SELECT * { SERVICEx:{?s ?p ?o} }",
    "prefix of that name": "PREFIX SERVICE: <E> SELECT * { SERVICE SERVICE:{?s ?p ?o} }",
    "two comparisons as an IRI": (
        "SELECT * { VALUES (?a ?b) {(1 2)} FILTER(?a<?b)SERVICE#>\n<E>{?s ?p ?o} }"
    ),
    "a string begun in an IRI": (
        "SELECT * { VALUES ?a {'a'} FILTER(?a<STR('z>'))SERVICE <E> {?s ?p ?o} #'\n }"
    ),
    "glued to a literal": "SELECT * { OPTIONAL {?s ?q trueSERVICE<E>{?s ?p ?o}} }",
    "a comment between": "SELECT * { SERVICE#'\n<E> {?s ?p ?o} }",
    "a comment ended by CR": "SELECT * { #\rSERVICE <E> {?s ?p ?o}\n }",
    "in EXISTS": "ASK { FILTER EXISTS { SERVICE <E> {?s ?p ?o} } }",
    "after a string with quotes": "SELECT * { BIND('''it''s''' AS ?x) SERVICE <E> {?s ?p ?o} }",
    "after escaped quotes": r"""SELECT * { BIND("\"" AS ?x) SERVICE <E> {?s ?p ?o} # " """ + "\n}",
    "address in a variable": "SELECT * { VALUES ?e {<E>} SERVICE ?e {?s ?p ?o} }",
    # These the engine does not understand today; the recommendation does (section 19.2).
    "escaped letter": r"SELECT * { \u0053ERVICE <E> {?s ?p ?o} }",
    "long escape": r"SELECT * { \U00000053ERVICE <E> {?s ?p ?o} }",
    "escaped quote": r'SELECT * { BIND("a\u0022 AS ?x) SERVICE <E> {?s ?p ?o} #")}' + "\n}",
    "escaped line feed": "SELECT * { # \\u000A SERVICE <E> {?s ?p ?o} \n}",
}

HARMLESS = {
    "comment": "SELECT * { ?s ?p ?o # SERVICE <x> {\n}",
    "short strings": "SELECT * { ?s ?p 'SERVICE', \"SERVICE\" }",
    "long strings": "SELECT * { ?s ?p '''a 'SERVICE' {''', \"\"\"SERVICE <x> {\"\"\" }",
    "string with escapes": r"""SELECT * { ?s ?p "\" SERVICE <x> {" }""",
    "IRI": "SELECT * { ?s a <http://example.org/SERVICE#SERVICE> }",
    "variable": "SELECT ?service $SERVICE { ?service ?p $SERVICE }",
    "local name": "PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT * { ?s dcat:service ?o }",
    "prefix": "PREFIX service: <http://x/> SELECT * { ?s service:a ?o ; a service:B . }",
    "graph": "PREFIX service: <http://x/> SELECT * { GRAPH service:g {?s ?p ?o} }",
    "language": "SELECT * { ?s ?p 'a'@service }",
    "blank node": "SELECT * { _:service ?p ?o }",
    "comparison": "SELECT * { ?service ?p ?o FILTER(?o<5 && ?o>3) }",
}


@pytest.mark.parametrize("text", CALLS.values(), ids=CALLS)
def test_service_is_found(text: str) -> None:
    assert "SERVICE" in lexer.refusal(text.replace("<E>", "<http://127.0.0.1/>"))


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_like_service_passes(text: str) -> None:
    assert lexer.refusal(text) == ""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# select\nASK {}", "ASK"),
        ("BASE <http://x/> prefix a: <b#> PREFIX : <c>\nconstruct {} where {}", "CONSTRUCT"),
        ("DESCRIBE<http://x/>", "DESCRIBE"),
        (r"\u0041SK {}", "ASK"),
        ("PREFIX select: <x:> ASK {}", "ASK"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "UPDATE"),
        ("PREFIX a: <a:> delete where { ?s ?p ?o }", "UPDATE"),
        ("LOAD <http://x/>", "UPDATE"),
        ("WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "UPDATE"),
        ("", ""),
        ("hello", ""),
        ("{ SELECT * {} }", ""),
        ("'SELECT'", ""),
    ],
)
def test_the_form_of_a_query(text: str, form: str) -> None:
    assert lexer.form(text) == form


def test_updates_are_refused_in_words() -> None:
    assert "update" in lexer.refusal("DROP ALL")


def test_terminals() -> None:
    text = "?a<http://x/>'''b'c'''@en-GB,$d e:f\\-g.;_:h#i\n^^\"\\\"\""
    assert [(token.kind, token.text) for token in lexer.tokens(text)] == [
        ("variable", "?a"),
        ("iri", "<http://x/>"),
        ("string", "'''b'c'''"),
        ("language", "@en-GB"),
        ("mark", ","),
        ("variable", "$d"),
        ("name", "e:f\\-g."),
        ("mark", ";"),
        ("blank", "_:h"),
        ("mark", "^"),
        ("mark", "^"),
        ("string", '"\\""'),
    ]


def test_brackets_within_brackets() -> None:
    most = "ASK " + "{" * lexer.MAX_DEPTH + "}" * lexer.MAX_DEPTH
    assert lexer.too_deep(most) == -1
    assert lexer.too_deep("#" + "{" * 200 + "\nASK { ?s ?p '" + "{" * 200 + "' }") == -1
    deep = "ASK\n " + "{" * (lexer.MAX_DEPTH + 1)
    assert lexer.place(deep, lexer.too_deep(deep)) == (2, lexer.MAX_DEPTH + 2)


class Listener:
    """Counts who connects to it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.connections = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def connects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Whether the bare engine, without any guard of ours, connects somewhere for a query."""
    folder: Path = tmp_path_factory.mktemp("bare")
    port = child._free_port()
    engine = subprocess.Popen(
        [child.binary(), "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert engine.stderr is not None
    for line in engine.stderr:
        if line.startswith("Listening"):
            break
    listener = Listener()

    def ask(text: str) -> bool:
        before = listener.connections
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        body = text.replace("<E>", f"<{listener.address}>").encode()
        connection.request("POST", "/query", body, {"Content-Type": "application/sparql-query"})
        connection.getresponse().read()
        connection.close()
        return listener.connections > before

    yield ask
    listener.close()
    engine.kill()
    engine.communicate()


def test_the_engine_does_call_services(connects) -> None:
    """Else the next test could not fail."""
    assert connects(CALLS["plain"])
    assert connects(CALLS["keyword and empty prefix"])
    assert connects(CALLS["two comparisons as an IRI"])


def test_what_passes_makes_the_engine_call_nobody(connects) -> None:
    """Pieces of SPARQL thrown together: whenever the engine calls, the lexer has refused."""
    pieces = [
        *["SERVICE", "SERVICE", "service", "SILENT", "<E>", "<E>", ":", "x:", "service:", "?e"],
        *["{?s ?p ?o}", "{}", "'", '"', "'''", "''", "#", "#>", "\n", "\r", " ", " ", "<", ">"],
        *["<?b)", "?a", "1", "true", ".", ";", "FILTER(?a<1)", "FILTER(1<2)", "OPTIONAL {", "}"],
        *["BIND('a' AS ?x)", "BIND(1<'>' AS ?y)", "\\u0053ERVICE", "\\u0027", "VALUES ?a {1}"],
    ]
    chance = random.Random(20260808)
    called = 0
    for _ in range(3000):
        middle = "".join(chance.choices(pieces, k=chance.randint(1, 6)))
        call = chance.choice(
            ["SERVICE <E> {}", "SERVICE:{}", "service x:{?s ?p ?o}", "SERVICE<E>{}"]
        )
        text = f"PREFIX : <E> PREFIX x: <E> SELECT * {{ {middle}{call} {chance.choice(pieces)}\n}}"
        if connects(text):
            called += 1
            assert lexer.refusal(text), text
    assert called > 20
