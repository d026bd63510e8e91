"""A sample of hostile queries (`make hostile` asks thousands): refused or ended, never a fault."""

from __future__ import annotations

from registry.engines import Engines
from tests.graph.hostile import queries
from tests.web.sparql_site import limited

ALLOWED = {200, 400, 403, 406, 503}
PLAIN = "SELECT (COUNT(*) AS ?n) { ?s a <http://www.w3.org/ns/dcat#Dataset> }"


def test_hostile_queries_do_no_harm(engines: Engines) -> None:
    client, patient = limited(engines, seconds=0.3), limited(engines)
    told: dict[int, int] = {}
    for text in queries(7, 60):
        body = text.encode("utf-8", "replace")
        answer = client.post("/sparql", data=body, content_type="application/sparql-query")
        told[answer.status_code] = told.get(answer.status_code, 0) + 1
        assert answer.status_code in ALLOWED, text
        if answer.status_code != 200:
            assert answer.mimetype == "application/problem+json"
            assert answer.get_json()["detail"]
        if answer.status_code == 503:
            # The child that had to be ended is there again, however busy the machine is.
            after = patient.post("/sparql", data={"query": PLAIN})
            assert after.status_code == 200, text
    assert {400, 503} <= set(told)
