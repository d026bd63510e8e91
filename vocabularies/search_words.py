"""Words that mean the same to who searches: concepts in English, French and German; nicknames.

A table of our own, made from the terms that SPASE's lists use and from the words in descriptions.
"""

from __future__ import annotations

CONCEPTS: tuple[tuple[str, ...], ...] = (
    ("magnetic field", "magnetometer", "champ magnétique", "Magnetfeld", "magnétomètre"),
    ("electric field", "champ électrique", "elektrisches Feld", "E-field"),
    ("solar wind", "vent solaire", "Sonnenwind", "interplanetary plasma"),
    ("coronal mass ejection", "CME", "éjection de masse coronale", "koronaler Massenauswurf"),
    ("interplanetary coronal mass ejection", "ICME"),
    ("solar flare", "éruption solaire", "Sonneneruption"),
    ("aurora", "auroral", "northern lights", "aurore", "aurore boréale", "Polarlicht", "Nordlicht"),
    ("sunspot", "tache solaire", "taches solaires", "Sonnenfleck", "Sonnenflecken"),
    ("cosmic rays", "galactic cosmic rays", "GCR", "rayons cosmiques", "kosmische Strahlung"),
    ("energetic particles", "particules énergétiques", "energiereiche Teilchen"),
    ("solar energetic particles", "SEP", "solar energetic particle event"),
    ("radiation belt", "Van Allen belt", "ceinture de radiation", "Strahlungsgürtel"),
    ("magnetosphere", "magnétosphère", "Magnetosphäre"),
    ("magnetopause", "magnétopause"),
    ("magnetotail", "queue magnétique", "Magnetschweif"),
    ("ionosphere", "ionosphère", "Ionosphäre"),
    ("thermosphere", "thermosphère", "Thermosphäre"),
    ("plasmasphere", "plasmasphère", "Plasmasphäre"),
    ("corona", "couronne", "couronne solaire", "Korona", "Sonnenkorona"),
    ("photosphere", "photosphère", "Photosphäre"),
    ("bow shock", "onde de choc", "Bugstoßwelle"),
    ("interplanetary shock", "choc interplanétaire"),
    ("heliosphere", "héliosphère", "Heliosphäre"),
    ("total electron content", "TEC"),
    ("extreme ultraviolet", "EUV", "extrême ultraviolet"),
    ("ultraviolet", "UV"),
    ("X-rays", "X-ray", "rayons X", "Röntgenstrahlung"),
    ("energetic neutral atoms", "ENA", "neutral atom images"),
    ("radio waves", "radio emission", "ondes radio", "Radiowellen"),
    ("radio burst", "type II burst", "type III burst", "sursaut radio"),
    ("plasma waves", "ondes de plasma", "Plasmawellen"),
    ("geomagnetic storm", "magnetic storm", "orage magnétique", "magnetischer Sturm"),
    ("substorm", "sous-orage"),
    ("geomagnetic index", "activity index", "indice géomagnétique"),
    ("ephemeris", "trajectory", "spacecraft position", "éphéméride", "Bahndaten"),
    ("quicklook", "quick look", "browse plot", "survey plot"),
    ("spacecraft", "satellite", "sonde", "Raumsonde", "Satellit"),
    ("ground station", "station au sol", "Bodenstation"),
    ("particle", "particule", "Teilchen"),
    ("electron density", "densité électronique", "Elektronendichte"),
    ("density", "densité", "Dichte"),
    ("velocity", "speed", "vitesse", "Geschwindigkeit"),
    ("temperature", "température", "Temperatur"),
    ("pressure", "pression", "Druck"),
    ("proton", "protons", "Protonen"),
    ("sun", "soleil", "Sonne"),
    ("earth", "terre", "Erde"),
    ("moon", "lunar", "lune", "Mond"),
    ("mars", "martian"),
    ("jupiter", "jovian"),
    ("saturn", "saturnian", "kronian"),
    ("mercury", "mercure", "Merkur"),
    ("venus", "vénus"),
)
"""Phrases of one line mean the same; what was typed itself counts most."""

NICKNAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "EUV images of the Sun": {
        "spectral_range": ("ExtremeUltraviolet",),
        "measurement": ("ImageIntensity", "Irradiance"),
    },
    "magnetograms": {"measurement": ("Magnetogram",)},
    "coronagraph images": {
        "spectral_range": ("WhiteLight",),
        "measurement": ("ImageIntensity",),
    },
    "white light images": {
        "spectral_range": ("WhiteLight", "Optical"),
        "measurement": ("ImageIntensity",),
    },
    "solar images": {"measurement": ("ImageIntensity",), "region": ("Sun",)},
    "solar wind magnetic field": {
        "measurement": ("MagneticField",),
        "region": ("Heliosphere.NearEarth", "Heliosphere.Inner", "Heliosphere.Outer"),
    },
    "solar wind plasma": {
        "measurement": ("ThermalPlasma",),
        "region": ("Heliosphere.NearEarth", "Heliosphere.Inner", "Heliosphere.Outer"),
    },
    "radio spectrograms": {
        "measurement": ("Spectrum", "Waves.Passive"),
        "spectral_range": ("RadioFrequency",),
    },
    "solar irradiance": {"measurement": ("Irradiance",)},
    "solar X-ray flux": {
        "spectral_range": ("SoftXRays", "HardXRays", "XRays", "X-ray"),
    },
    "aurora images": {
        "measurement": ("ImageIntensity",),
        "region": ("Earth.NearSurface.AuroralRegion",),
    },
    "ground magnetometers": {
        "measurement": ("MagneticField",),
        "region": ("Earth.Surface", "Earth.NearSurface"),
    },
    "event lists": {"kind": ("Catalog",)},
    "ENA images": {"measurement": ("NeutralAtomImages",)},
}
"""What people call a kind of data, and the facets that say it."""
