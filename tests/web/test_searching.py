"""The search page: what is found, what is in force, and the way on, without a script."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.web.pages_read import find, page, text


def titles(client: FlaskClient, address: str) -> list[str]:
    root = page(client.get(address))
    return [text(one) for one in find(root, "//h:ol[@class='hits']/h:li/h:h3/h:a")]


def count(client: FlaskClient, address: str) -> int:
    return int(text(page(client.get(address)), "//h:h2[@id='results']").split()[0])


def inside(address: str) -> str:
    """A link of a page as the test's client asks for it."""
    return address.removeprefix("/helio")


def test_a_dataset_is_found_by_its_words(client: FlaskClient) -> None:
    assert titles(client, "/search?q=ACE+magnetic+field+16+second&kind=NumericalData")[0] == (
        "ACE MAG Level 2, magnetic field, 16 s averages"
    )


def test_a_hit_says_what_it_is(client: FlaskClient) -> None:
    root = page(client.get("/search?q=spase://PARHELION/NumericalData/ACE/MAG/PT16S&sort=name"))
    hit = text(find(root, "//h:ol[@class='hits']/h:li")[0])
    for fact in ("Numerical Data", "HAPI", "DOI", "1997-09-02 to 2 months ago",
                 "ACE Magnetometer", "Heliosphere, Near Earth"):  # fmt: skip
        assert fact in hit


@pytest.mark.parametrize("text_", [
    "", " ", '"', '"""', "(", ")) AND ((", "kind:", ":", "-", "--", "*", "~", "a~9", "[1 TO 2]",
    "\\", "/", "<script>", "&&||!", "%", "\x00", "\ud7ff￿", "日本語", "a" * 5000, "+ - ^ {}",
    "kind:NoSuchKind", "nosuchfield:x", "spase://", "ivo://x/y?z#w",
])  # fmt: skip
def test_every_text_is_a_legal_query(client: FlaskClient, text_: str) -> None:
    answer = client.get("/search", query_string={"q": text_})
    assert answer.status_code == 200
    box = find(page(answer), "//h:input[@name='q']/@value")[0]
    if text_.isprintable() and "\ud7ff" not in text_:
        assert box.strip() == text_.strip()


@pytest.mark.parametrize(("query", "said"), [
    ("kidn=Person", "'kidn'; did you mean 'kind'?"),
    ("q=x&verdict=good", "valid, invalid, no-schema"),
    ("from=yesterday", "'from' is 'yesterday', which is no date"),
    ("from=2004&to=2003", "later than"),
    ("limit=-1", "'limit'"),
    ("sort=size", "'sort'"),
    ("after=nonsense", "after"),
])  # fmt: skip
def test_what_does_not_exist_is_refused_in_words(
    client: FlaskClient, query: str, said: str
) -> None:
    answer = client.get(f"/search?{query}")
    assert answer.status_code == 400
    assert said in text(page(answer), "//h:main")


def test_a_facet_s_count_is_what_its_link_finds(client: FlaskClient) -> None:
    root = page(client.get("/search?q=ACE"))
    choices = find(root, "//h:li[contains(@class, 'choice')]")
    assert len(choices) > 8
    for choice in choices[:12]:
        link = inside(find(choice, "h:a[@class='choice-name']/@href")[0])
        assert count(client, link) == int(text(choice, "h:span[@class='choice-count']"))


def test_a_value_can_be_left_out(client: FlaskClient) -> None:
    everything = count(client, "/search?q=ACE")
    root = page(client.get("/search?q=ACE"))
    choice = find(root, "//h:li[contains(@class, 'choice')]")[0]
    without = inside(find(choice, "h:a[@class='choice-without']/@href")[0])
    number = int(text(choice, "h:span[@class='choice-count']"))
    assert count(client, without) == everything - number


def test_restrictions_can_be_removed_one_by_one(client: FlaskClient) -> None:
    address = "/search?q=field&kind=NumericalData&kind=Instrument&region=-Sun&from=1998&to=2003-05"
    chips = find(page(client.get(address)), "//h:a[contains(@class, 'chip ') or @class='chip']")
    shown = [text(one).removesuffix(" × (remove)") for one in chips]
    assert shown == [
        "Resource type: Numerical Data",
        "Resource type: Instrument",
        "Observed region not: Sun",
        "Coverage from: 1998",
        "Coverage to: 2003-05",
    ]
    given = parse_qsl(urlsplit(address).query)
    left = [set(given) - set(parse_qsl(urlsplit(one.get("href")).query)) for one in chips]
    assert left == [
        {("kind", "NumericalData")}, {("kind", "Instrument")}, {("region", "-Sun")},
        {("from", "1998")}, {("to", "2003-05")},
    ]  # fmt: skip


def test_the_form_keeps_the_restrictions(client: FlaskClient) -> None:
    root = page(client.get("/search?q=a&kind=Person&kind=Instrument&sort=name&after="))
    kept = find(root, "//h:form[@class='search-form']//h:input[@type='hidden']")
    assert [(one.get("name"), one.get("value")) for one in kept] == [
        ("kind", "Person"), ("kind", "Instrument"), ("sort", "name"),
    ]  # fmt: skip


def test_pages_follow_each_other_without_gap_or_repeat(client: FlaskClient) -> None:
    address = "/search?kind=Person&kind=Instrument&sort=name&limit=7"
    everything = titles(client, address.replace("limit=7", "limit=500"))
    assert len(everything) > 20
    seen: list[str] = []
    while address:
        seen += titles(client, address)
        following = find(page(client.get(address)), "//h:a[@rel='next']/@href")
        address = inside(following[0]) if following else ""
    assert seen == everything


def test_nothing_found_says_what_can_be_done(client: FlaskClient) -> None:
    answer = client.get("/search?q=xyzzyxyzzy")
    assert answer.status_code == 200
    assert "Nothing was found." in text(page(answer))


def test_records_of_one_name_are_told_apart_by_their_authority(client: FlaskClient) -> None:
    root = page(client.get("/search?authority=MADE&authority=PARHELION"))
    for facet in find(root, "//h:details[@class='facet']"):
        names = [text(one) for one in find(facet, ".//h:a[@class='choice-name']")]
        assert len(names) == len(set(names))
