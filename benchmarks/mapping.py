"""What mapping a record to DataCite metadata costs: all valid records of a data folder, one core.

    python -m benchmarks.mapping DATA

A record is mapped from its model with its neighbours, which are read before; what reading them
costs is told beside it. A record that lacks what minting needs is mapped as its page gives it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from mappings.to_datacite import Lacking, to_datacite
from mappings.to_datacite_xml import datacite_object
from registry import identifiers
from registry.engines import open_store
from registry.kept_records import models, neighbours
from registry.settings import read_settings

PAGE = "https://registry.example.org"
DOI = "10.5072/abcd-1234"


def measured(data: Path) -> dict[str, float]:
    """Records, how many of them have all that minting needs, and records a second of CPU."""
    store = open_store(read_settings(data))
    count = whole = 0
    mapping = reading = 0.0
    with store.reading() as reader:
        for some in reader.all_records():
            began = time.process_time()
            read = models(reader, [one for one in some if one.verdict == "valid"])
            known = neighbours(
                reader, {identifiers.key(to) for _, one in read for _, to in one.references}
            )
            reading += time.process_time() - began
            began = time.process_time()
            for kept, record in read:
                page = PAGE + identifiers.page_path(kept.key)
                try:
                    to_datacite(record, known, doi=DOI, url=page)
                    whole += 1
                except Lacking:
                    datacite_object(record, known, doi=DOI, page=page, year=2020)
            mapping += time.process_time() - began
            count += len(read)
    store.close()
    return {
        "records": count,
        "of these complete": whole,
        "mapped a second": count / mapping,
        "read and mapped a second": count / (mapping + reading),
    }


if __name__ == "__main__":
    for name, value in measured(Path(sys.argv[1])).items():
        print(f"{name:<26}{value:>10,.0f}")
