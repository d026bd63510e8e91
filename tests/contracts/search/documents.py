"""The documents that the contract suite searches: few, each there for a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

OPEN = 1e12


def at(year: int, month: int = 1, day: int = 1) -> float:
    return datetime(year, month, day, tzinfo=UTC).timestamp()


def days_ago(days: float) -> float:
    return (datetime.now(UTC) - timedelta(days=days)).timestamp()


def document(key: str, **given: Any) -> dict[str, object]:
    made: dict[str, object] = {
        "key": key,
        "identifier": key,
        "digest": f"digest of {key}",
        "format": ["spase"],
        "kind": ["NumericalData"],
        "status": ["active"],
        "verdict": ["valid"],
        "authority": [key.split("/")[2]],
        "path": key,
    }
    return made | given


MAG_16 = "spase://NASA/NumericalData/ACE/MAG/L2/PT16S"
MAG_HOUR = "spase://NASA/NumericalData/ACE/MAG/L2/PT1H"
SWEPAM = "spase://NASA/NumericalData/ACE/SWEPAM/PT64S"
WIND = "spase://NASA/NumericalData/Wind/MFI/PT3S"
THEMIS = "spase://NASA/NumericalData/THEMIS/A/FGM"
THEMIS_PLOT = "spase://NASA/DisplayData/THEMIS/A/FGM/Daily"
ETUDE = "spase://CNES/NumericalData/Oersted/Etude"
OLD = "spase://NASA/NumericalData/ACE/MAG/Old"
WITHDRAWN = "spase://NASA/NumericalData/Wind/Withdrawn"
BALOGH = "spase://SMWG/Person/Andre.Balogh"
ACE = "spase://SMWG/Observatory/ACE"
ACE_MAG = "spase://SMWG/Instrument/ACE/MAG"
CDAWEB = "spase://SMWG/Repository/CDAWeb"
SERVICE = "ivo://vo.example/tap"
NAMELESS = "spase://CNES/NumericalData/Nameless"
LONG = "spase://CNES/Catalog/Long"

_ACE_WORDS = ["ACE Magnetometer", "ACE MAG", "ACE", "Advanced Composition Explorer"]

DOCUMENTS: list[dict[str, object]] = [
    document(
        MAG_16,
        name="ACE Magnetic Field 16-Second Level 2 Data",
        source=["local"],
        description="Averages of the interplanetary magnetic field, from one instrument.",
        related=_ACE_WORDS,
        people=["Charles W. Smith"],
        keywords=["MagneticField Magnetic Field", "Heliosphere.NearEarth Heliosphere Near Earth"],
        parameters=["B_GSE Bmagnitude", "PT16S 16s 16 s 16 sec 16 second 16 seconds"],
        measurement=["MagneticField"],
        region=["Heliosphere.NearEarth"],
        instrument=[ACE_MAG],
        instrument_names=["ACE Magnetometer"],
        observatory=[ACE],
        repository=[CDAWEB],
        person=["spase://SMWG/Person/Charles.W.Smith"],
        access=["Open"],
        has_hapi=["yes"],
        doi=["10.48322/e0dc-0h53"],
        also=["spase://VHO/NumericalData/ACE/MAG/L2_PT16S", "10.48322/e0dc-0h53"],
        start=at(1997, 9, 2),
        relative_stop=["-P2M"],
        released=at(2021, 4, 27),
        cadence=["10 s to 1 min"],
        cadence_seconds=[[16.0, 16.0]],
        frame=["GSE", "RTN"],
    ),
    document(
        MAG_HOUR,
        name="ACE Magnetic Field 1-Hour Level 2 Data",
        source=["local"],
        description="Hourly averages.",
        related=_ACE_WORDS,
        keywords=["MagneticField Magnetic Field"],
        parameters=["B_GSE Bmagnitude", "PT1H 1h 1 h 1 hr 1 hour 1 hours 60min 60 minutes"],
        measurement=["MagneticField"],
        region=["Heliosphere.NearEarth"],
        instrument=[ACE_MAG],
        observatory=[ACE],
        repository=[CDAWEB],
        access=["Open"],
        has_hapi=["yes"],
        start=at(1997, 9, 2),
        stop=OPEN,
        released=at(2022, 1, 1),
        cadence=["1 h to 1 d"],
        cadence_seconds=[[3600.0, 3600.0]],
    ),
    document(
        SWEPAM,
        name="ACE Solar Wind Electron Proton Alpha Monitor",
        description="The solar wind: density, speed, temperature. Not the magnetic field.",
        related=["SWEPAM", "ACE", "Advanced Composition Explorer"],
        keywords=["ThermalPlasma Thermal Plasma", "solar wind"],
        measurement=["ThermalPlasma"],
        region=["Heliosphere.NearEarth", "Heliosphere.Inner"],
        instrument=["spase://SMWG/Instrument/ACE/SWEPAM"],
        observatory=[ACE],
        repository=[CDAWEB],
        access=["Restricted"],
        has_hapi=["no"],
        start=at(1998, 2, 4),
        stop=at(2019, 12, 31),
        released=at(2020, 6, 1),
        cadence=["10 s to 1 min", "1 min to 10 min"],
        cadence_seconds=[[64.0, 128.0]],
        particle_energy=[[1.6, 1350.0], [260.0, 36000.0]],
    ),
    document(
        WIND,
        name="Wind MFI 3-Second Magnetic Field",
        description="Wind blown through the magnetosheath; solar plasma and wind data.",
        related=["Wind", "MFI"],
        keywords=["MagneticField Magnetic Field"],
        measurement=["MagneticField"],
        region=["Heliosphere.NearEarth", "Earth.Magnetosheath"],
        instrument=["spase://SMWG/Instrument/Wind/MFI"],
        observatory=["spase://SMWG/Observatory/Wind"],
        repository=[CDAWEB],
        access=["Open"],
        has_hapi=["yes"],
        verdict=["invalid"],
        cadence_seconds=[[3.0, 3.0], [60.0, 60.0]],
        spectrum=[[20e3, 1040e3], [4e3, 256e3]],
        start=at(1994, 11, 13),
        stop=OPEN,
        released=at(2021, 4, 27),
    ),
    document(
        THEMIS,
        name="THEMIS-A: Fluxgate Magnetometer (FGM), spin-averaged",
        description="Fields in the magnetosphere of the Earth.",
        aliases=["THA FGM", "P5"],
        related=["THEMIS-A", "THA"],
        keywords=["MagneticField Magnetic Field"],
        measurement=["MagneticField", "ElectricField"],
        region=["Earth.Magnetosphere"],
        observatory=["spase://SMWG/Observatory/THEMIS/A"],
        access=["Open"],
        start=at(2007, 2, 23),
        relative_stop=["-P1D"],
        released=at(2010, 1, 1),
    ),
    document(
        THEMIS_PLOT,
        kind=["DisplayData"],
        name="THEMIS-A FGM daily plots",
        source=["voparis"],
        description="Plots, one a day.",
        related=["THEMIS-A", "THA"],
        measurement=["MagneticField"],
        region=["Earth.Magnetosphere"],
        observatory=["spase://SMWG/Observatory/THEMIS/A"],
        access=["Open"],
        start=at(2007, 2, 23),
        stop=at(2010, 3, 1),
        # 17.1 and 30.4 nm.
        spectrum=[[1.75317e16, 1.75317e16], [9.8616e15, 9.8616e15]],
        has_preview=["yes"],
    ),
    document(
        ETUDE,
        name="Étude du champ: Ørsted, Größe der Naïveté",
        description="Données en français; ﬁeld in a ligature; Α Β Γ in Greek; 太陽風.",
        measurement=["MagneticField"],
        region=["Earth.NearSurface"],
        verdict=["no-schema"],
        start=-OPEN,
        stop=at(1990, 6, 1),
        released=at(2015, 5, 5),
    ),
    document(
        OLD,
        name="ACE magnetic field, superseded",
        status=["deprecated"],
        measurement=["MagneticField"],
        observatory=[ACE],
        start=at(1997, 9, 2),
        stop=at(2000),
    ),
    document(WITHDRAWN, name="Wind magnetic field, withdrawn", status=["withdrawn"]),
    document(
        BALOGH,
        kind=["Person"],
        name="André Balogh",
        people=["Imperial College"],
        also=["0000-0001-2345-6789"],
        released=at(2009, 3, 3),
    ),
    document(
        ACE,
        kind=["Observatory"],
        name="ACE",
        aliases=["Advanced Composition Explorer", "Explorer 71"],
        called=["ace", "advancedcompositionexplorer", "explorer71"],
        description="A spacecraft at L1 that looks at particles.",
        start=at(1997, 8, 25),
        stop=OPEN,
        released=at(2019, 1, 1),
    ),
    document(
        ACE_MAG,
        kind=["Instrument"],
        name="ACE Magnetometer",
        aliases=["MAG"],
        called=["acemagnetometer", "mag"],
        related=["ACE", "Advanced Composition Explorer"],
        observatory=[ACE],
        released=at(2019, 1, 1),
    ),
    document(CDAWEB, kind=["Repository"], name="Coordinated Data Analysis Web", aliases=["CDAWeb"]),
    document(
        SERVICE,
        format=["voresource"],
        kind=["CatalogService"],
        identifier="ivo://VO.example/TAP",
        name="Solar-system tables by TAP",
        source=["voparis"],
        description="Tables of small bodies.",
        keywords=["minor-planets"],
        path="ivo://VO.example/TAP",
        verdict=["valid"],
        released=at(2023, 7, 7),
    ),
    document(
        NAMELESS, description="A record whose name is missing.", start=at(1980), stop=at(1985)
    ),
    document(
        LONG,
        kind=["Catalog"],
        name="A long description",
        description="word " * 300 + "needle",
        start=at(2003, 10, 28),
        stop=at(2003, 10, 29),
        released=at(2021, 4, 27),
    ),
]

EVERY = {str(one["key"]) for one in DOCUMENTS}
HIDDEN = {OLD, WITHDRAWN}
SEEN = EVERY - HIDDEN
