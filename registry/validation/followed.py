"""The references that are followed from record to record, to find those that run in a circle."""

FOLLOWED = ("PriorID", "ObservatoryGroupID", "InstrumentGroupID", "ParentID", "InputResourceID")
"""Elements by which a record names what comes before or above it: none may lead back."""
