"""Words: the split that all engines share, and other spellings."""

from __future__ import annotations

import pytest
import tantivy

from registry.search import words

TOKENS = {
    "ACE Magnetic Field 16-Second": ["ace", "magnetic", "field", "16", "second"],
    "spase://NASA/NumericalData/ACE/MAG/L2/PT16S": [
        *("spase", "nasa", "numericaldata", "ace", "mag", "l2", "pt16s"),
    ],
    "AC_H0_MFI": ["ac", "h0", "mfi"],
    "Étude, Ørsted; Größe": ["etude", "orsted", "grosse"],
    "Andre\u0301 Balogh": ["andre", "balogh"],
    "171 Å": ["171", "a"],
    "nano\u00adtesla": ["nanotesla"],
    "太陽風 γ": ["太陽風", "γ"],
    "İstanbul": ["istanbul"],
    "x²": ["x2"],
    "": [],
    "-- ?!": [],
    "\x00\ud800": [],
}


@pytest.mark.parametrize(("text", "expected"), TOKENS.items(), ids=map(repr, TOKENS))
def test_tokens(text: str, expected: list[str]) -> None:
    assert words.tokens(text) == expected


def test_words_without_end_are_none() -> None:
    assert words.tokens(f"a {'x' * 199} {'y' * 200} b") == ["a", "x" * 199, "b"]


@pytest.mark.parametrize("text", [*TOKENS, "f(x) = 10e-3·nT", "हिन्दी भाषा", "ﬁeld №5", "ｱｲｳ"])
def test_tantivy_splits_as_we_do(text: str) -> None:
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(
        tantivy.Filter.remove_long(words.LONGEST)
    )
    text = text.replace("\ud800", " ")
    split = analyzer.filter(tantivy.Filter.lowercase()).build().analyze(words.folded(text))
    assert split == words.tokens(text)


VARIANTS = {
    "16s": {"16 s", "16 second", "16 seconds", "pt16s"},
    "PT16S": {"16s", "16 s", "16 second"},
    "16-second": {"16s", "16 s", "pt16s"},
    "5min": {"5 minutes", "pt5m"},
    "PT5M": {"5min", "5 minute"},
    "PT1H": {"1h", "1 hour"},
    "P1D": {"1 day", "1d"},
    "MagneticField": {"magnetic field"},
    "THEMIS-A": {"themisa"},
    "themis_a": {"themisa"},
    "KeyParameter": {"key parameter"},
    "CDAWeb": {"cda web"},
    "waves": {"wave"},
    "wave": {"waves"},
    "galaxy": {"galaxies"},
    "galaxies": {"galaxy"},
    "flux": {"fluxes"},
    "fluxes": {"flux"},
}


@pytest.mark.parametrize(("word", "expected"), VARIANTS.items(), ids=VARIANTS)
def test_variants(word: str, expected: set[str]) -> None:
    found = words.variants(word)
    assert expected <= set(found)
    assert " ".join(words.tokens(word)) not in found


@pytest.mark.parametrize("word", ["ACE", "bus", "mass", "axis", "太陽風", "x", "", "16", "-"])
def test_words_without_variants(word: str) -> None:
    assert words.variants(word) == []
