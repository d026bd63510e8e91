"""What became of the elements and values that the newest SPASE version no longer has.

The version tables say what went when, and what came in its place; this says which of it is the
same thing under another name. A test holds it against the tables: everything that any version
has and the newest has not stands here.
"""

from __future__ import annotations

RENAMED: dict[tuple[str, str], str] = {
    ("TimeSpan", "EndDate"): "StopDate",
    ("TimeSpan", "RelativeEndDate"): "RelativeStopDate",
    ("Catalog", "PhysicalParameter"): "Parameter",
    ("DisplayData", "PhysicalParameter"): "Parameter",
    ("NumericalData", "PhysicalParameter"): "Parameter",
    ("Parameter", "Photon"): "Wave",
    ("Field", "FieldQualifier"): "Qualifier",
    ("Particle", "ParticleQualifier"): "Qualifier",
    ("Wave", "PhotonQualifier"): "Qualifier",
    ("Wave", "PhotonQuantity"): "WaveQuantity",
    ("DataExtent", "Bytes"): "Quantity",
    ("RenderingHints", "Format"): "ValueFormat",
    ("Software", "Platform"): "ExecutionEnvironment",
    ("AccessInformation", "rightsList"): "RightsList",
}
"""(container, element) → the element's new name; the container under its own new name."""

RESTRUCTURED: frozenset[tuple[str, str]] = frozenset((
    ("Spase", "Extension"),
    ("ResourceHeader", "AssociationID"),
    ("Structure", "StructureType"),
    ("Element", "Component"),
    ("Granule", "URL"),
    ("Granule", "Checksum"),
    ("Granule", "DataExtent"),
    ("Observatory", "ObservatoryGroup"),
    ("RightsList", "rights"),
    ("RightsList", "Note"),
    ("Parameter", "Measured"),
))  # fmt: skip
"""What stands elsewhere now, or in another form: `restructuring` has a function for each."""

WITHOUT_PLACE: frozenset[tuple[str, str]] = frozenset((
    ("EnergyRange", "SpectralRange"),
    ("Granule", "Extension"),
))  # fmt: skip
"""What nothing took the place of: kept as a comment, and reported."""

CONTAINERS = {
    "PhysicalParameter": "Parameter",
    "Photon": "Wave",
    "Platform": "ExecutionEnvironment",
    "rightsList": "RightsList",
    "Measured": "Parameter",
}
"""Containers that went → under which name their content is looked up above."""

VALUES: dict[tuple[str, str], str] = {
    ("ConfidenceRating", "Extreme"): "Strong",
    ("InstrumentType", "TimeofFlight"): "TimeOfFlight",
    ("MeasurementType", "RadioSoundings"): "Waves.Active",
    ("MeasurementType", "RadioandPlasmaWaves"): "Waves",
    ("MixedQuantity", "PlasmaFrequencyToGyrofreque"): "FrequencyToGyrofrequencyRatio",
    ("MixedQuantity", "FrequencyToGyrofrequencyRat"): "FrequencyToGyrofrequencyRatio",
    ("Qualifier", "Component.X"): "Component.I",
    ("Qualifier", "Component.Y"): "Component.J",
    ("Qualifier", "Component.Z"): "Component.K",
    ("Qualifier", "LineofSight"): "LineOfSight",
    ("ScaleType", "Linear"): "LinearScale",
    ("ScaleType", "Log"): "LogScale",
    ("SpectralRange", "HardXrays"): "HardXRays",
}
"""(enumeration, value) → the value that took its place in the same version of SPASE."""

TO_DECIDE: dict[tuple[str, str], tuple[str, ...]] = {
    ("ConfidenceRating", "Good"): ("Strong", "Probable"),
    ("DocumentType", "Paper"): ("Report", "Specification", "TechnicalNote", "WhitePaper"),
    ("FieldQuantity", "CrossSpectrum"): ("Electric", "Magnetic", "Electromagnetic"),
    ("InstrumentType", "Ephemeris"): ("Platform", "Experiment"),
    ("MeasurementType", "ChargedParticleFlux"): ("EnergeticParticles", "ThermalPlasma"),
    ("MixedQuantity", "ThermalPressure"): ("TotalPressure", "Other"),
    ("ModelProduct", "TimeSeries"): (),
    ("ParameterQuantity", "TimeSeries"): (),
    ("SavedQuantity", "TimeSeries"): (),
    ("ParticleQuantity", "Flux"): ("NumberFlux", "EnergyFlux"),
    ("ParticleType", "Neutral"): ("Atom", "Molecule", "Neutron"),
    ("ProcessingLevel", "MachineLearning"): ("ValueAdded",),
    ("ProcessingLevel", "MachineLearning.Training"): ("ValueAdded",),
    ("ProcessingLevel", "MachineLearning.Validation"): ("ValueAdded",),
    ("ProcessingLevel", "MachineLearning.Test"): ("ValueAdded",),
    ("Qualifier", "Component.Phi"): ("Component.J", "Component.K"),
    ("Qualifier", "Component.R"): ("Component.I",),
    ("Qualifier", "Component.Theta"): ("Component.J", "Component.K"),
    ("WaveQuantity", "Flux"): ("EnergyFlux", "Intensity"),
}
"""(enumeration, value) → values of which one may be meant: a person has to say which."""

TO_MIXED = frozenset(("AlfvenMachNumber", "PlasmaBeta"))
"""ParticleQuantity values that are quantities of `Mixed` since 1.3.5."""

MIME_TYPES = {
    "CSV": "text/csv",
    "GIF": "image/gif",
    "HTML": "text/html",
    "JPEG": "image/jpeg",
    "JSON": "application/json",
    "PDF": "application/pdf",
    "PNG": "image/png",
    "Postscript": "application/postscript",
    "TIFF": "image/tiff",
    "Text": "text/plain",
    "Text.ASCII": "text/plain",
    "Text.Unicode": "text/plain",
    "XML": "application/xml",
}
"""Format → MIMEType (IANA media types), for documents that say the one and need the other."""
