"""Queries that nobody asks in earnest: seeded, so that the same number gives the same queries."""

from __future__ import annotations

import random
from collections.abc import Iterator

from registry.web.sparql_examples import examples

HEAVY = 0.06
"""The share of queries that no engine finishes: each costs its whole time limit."""

_SIGNS = list("{}()[]<>\"'\\?$:;,.|/^*+-!=&#@_ \n\t\x00\u2028é\U0001f31e")
_WORDS = (
    "SELECT", "WHERE", "OPTIONAL", "FILTER", "UNION", "MINUS", "GRAPH", "BIND", "VALUES", "LIMIT",
    "SERVICE", "DROP ALL", "INSERT DATA", "EXISTS", "NOT", "UNDEF", "a", "true", "1e400", "0x1",
    "<http://[x>", "'''", '"""', "?", "FROM <file:///etc/passwd>", "BASE <x>", "PREFIX : <:>",
)  # fmt: skip


def queries(seed: int, number: int) -> Iterator[str]:
    """So many queries of all kinds."""
    source = random.Random(seed)
    known = [one.query for one in examples()]
    for _ in range(number):
        if source.random() < HEAVY:
            yield source.choice(_HEAVY)(source)
        else:
            yield source.choice(_LIGHT)(source, source.choice(known))


def _cut(source: random.Random, known: str) -> str:
    begin, end = sorted(source.randrange(len(known) + 1) for _ in range(2))
    return known[:begin] + known[end:]


def _garbled(source: random.Random, known: str) -> str:
    """A question with some of its characters replaced, doubled, or by words in wrong places."""
    text = list(known)
    for _ in range(source.randint(1, 30)):
        text[source.randrange(len(text))] = source.choice(_SIGNS + list(_WORDS))
    return "".join(text)


def _noise(source: random.Random, known: str) -> str:
    return " ".join(source.choice(_WORDS + tuple(_SIGNS)) for _ in range(source.randint(1, 200)))


def _deep(source: random.Random, known: str) -> str:
    """Brackets, operators or paths within each other, some thousand times."""
    depth = source.choice((50, 99, 101, 1000, 20_000))
    opening, closing, inside = source.choice(
        (("{", "}", ""), ("(", ")", "1"), ("!", "", "true"), ("^(", ")", "<x:p>"), ("[", "]", ""))
    )
    body = opening * depth + inside + closing * depth
    return source.choice(
        ("SELECT * {{ {} }}", "ASK {{ ?s {} ?o }}", "ASK {{ FILTER({}) }}")
    ).format(body)


def _long(source: random.Random, known: str) -> str:
    """Many small pieces, or one large one, up to more than a query may have."""
    number = source.choice((500, 3000, 20_000))
    piece = source.choice(
        ("?s ?p ?o . ", "{} UNION ", "OPTIONAL {} ", "FILTER(1) ", "VALUES ?x {1} ", "?s|", "\\")
    )
    return "ASK { " + piece * number + "{} }"


def _odd(source: random.Random, known: str) -> str:
    return source.choice(
        (
            "", "\x00", "\ufeffASK {}", "ASK {} ASK {}", "SELECT", "DESCRIBE *",
            "LOAD <file:///etc/passwd>", "CLEAR ALL", "ASK FROM <file:///etc/passwd> { ?s ?p ?o }",
            "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
            'ASK { FILTER(REGEX("' + "a" * 5000 + '!", "(a+)+$")) }',
            'ASK { FILTER(REGEX("a", "' + "(" * 200 + "a" + ")" * 200 + '")) }',
            'ASK { FILTER(REGEX("a", "(a{1000}){1000}")) }',
            'SELECT (REPLACE("a", "", "' + "x" * 9000 + '") AS ?y) {}',
            "SELECT * { ?s ?p ?o } LIMIT 99999999999999999999",
            "SELECT * { ?s ?p ?o } OFFSET 18446744073709551615 LIMIT 1",
            "SELECT (1/0 AS ?x) (1e308*1e308 AS ?y) (99999999999*99999999999 AS ?z) {}",
        )
    )  # fmt: skip


def _product(source: random.Random) -> str:
    patterns = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(source.randint(3, 9)))
    return source.choice(
        (
            f"SELECT (COUNT(*) AS ?n) {{ {patterns} }}",
            f"SELECT * {{ {patterns} }} ORDER BY ?c0 LIMIT 5",
            f"SELECT DISTINCT ?a0 ?c2 {{ {patterns} FILTER(?c0 < ?c1) }}",
            f"CONSTRUCT {{ ?a0 ?b1 ?c2 }} WHERE {{ {patterns} }}",
        )
    )


def _path(source: random.Random) -> str:
    step = source.choice(("!<x:a>", "(!<x:a>|^!<x:a>)", "(!<x:a>/!<x:b>)", "(^!<x:a>/!<x:a>)"))
    return f"SELECT (COUNT(*) AS ?n) {{ ?a {step}* ?b . ?b {step}+ ?c . ?c {step}* ?d }}"


def _grown(source: random.Random) -> str:
    """A text that doubles, or an aggregate over a product."""
    doubled = " ".join(
        f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(source.randint(30, 60))
    )
    return source.choice(
        (
            f'SELECT (STRLEN(?x30) AS ?n) {{ BIND("0123456789" AS ?x0) {doubled} }}',
            "SELECT (GROUP_CONCAT(?c) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
            "SELECT (COUNT(DISTINCT *) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        )
    )


def _optional(source: random.Random) -> str:
    depth = source.randint(4, 20)
    return "SELECT * { ?a ?b ?c " + "OPTIONAL { ?d ?e ?f " * depth + "}" * depth + " }"


_LIGHT = (_cut, _garbled, _garbled, _noise, _deep, _long, _odd)
_HEAVY = (_product, _path, _grown, _optional)
