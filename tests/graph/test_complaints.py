"""Where a query is wrong, from the words that oxigraph 0.5 gave for it."""

from __future__ import annotations

import pytest

from registry.graph.complaints import complaint


@pytest.mark.parametrize(
    ("query", "words", "place", "said"),
    [
        # Brackets, strings and prefixes are found without the engine's place.
        ("ASK {\n ?s ?p ?o", 'error at 2:10: expected one of ",", [_]', (1, 5), "not closed"),
        ("ASK {\n ?s ] ?o }", "error at 2:10: expected OPTIONAL", (2, 5), "']'"),
        ("ASK { }\n}", "error at 2:2: expected [_]", (2, 1), "closes nothing"),
        ('ASK {\n ?s ?p "x }', 'error at 2:12: expected "\\""', (2, 8), "string"),
        (
            "ASK {\n ?s a foo:x }",
            "error at 2:12: expected one of Prefix not found, ['%']",
            (2, 7),
            "PREFIX foo: <…>",
        ),
        # Keywords are compared whole: the fault lies before the place by their length.
        ("SELEKT", "error at 1:7: expected one of PREFIX, SELECT, [_]", (1, 1), "'SELEKT'"),
        ("SELECT * {} ORDER\n?x", "error at 2:3: expected BY", (2, 1), "'?x'"),
        (
            "ASK {\n FILTER(?x = ) }",
            "error at 2:17: expected one of ABS, IRI, STRBEFORE, [_], isLITERAL",
            (2, 14),
            "')",
        ),
        # Signs are compared where they stand.
        ("ASK { ?x\nunknown ?y }", 'error at 2:8: expected one of ".", ":"', (2, 1), "'unknown"),
        # What is wrong beyond grammar is said in the engine's words.
        (
            "SELECT ?x (COUNT(*) AS ?n)\n{ ?x a ?y }",
            "error at 2:12: expected one of The SELECT contains a variable that is unbound, [_]",
            (2, 12),
            "The SELECT contains a variable that is unbound",
        ),
    ],
)
def test_the_fault_is_found_where_it_is(
    query: str, words: str, place: tuple[int, int], said: str
) -> None:
    found = complaint(words, query)
    assert found is not None
    assert (found.line, found.column) == place
    assert said in str(found)
    assert "OPTIONAL" not in str(found)


@pytest.mark.parametrize("words", ["broken", "error at 9:1: expected }", "line 1, column 2: no"])
def test_words_of_others_are_left_to_others(words: str) -> None:
    assert complaint(words, "ASK {") is None


def test_a_prefix_declared_is_no_fault() -> None:
    query = "PREFIX a: <http://a/> PREFIX : <http://b/> ASK { a:b :c ?d ?e }"
    found = complaint('error at 1:61: expected "}"', query)
    assert found is not None
    assert "PREFIX" not in str(found)
