"""A record's DOI for a curator who is signed in: what there is to say, and what can be done.

The panel stands on the record's own page (and on a tombstone); what it asks for goes into the
outbox, as from the command line.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from registry import identifiers
from registry.access import CURATE, SEE, AccessError, Actor, form_token
from registry.doi.account import MintingOff, account
from registry.doi.asking import ACTS, Asked, Overtaken, ask, standing
from registry.doi.minting import Refused
from registry.doi.preflight import Remark, preflight
from registry.doi.waiting import waiting
from registry.store import access, dois
from registry.store.doi_orders import order_of
from registry.store.kept import KeptDoi, KeptOrder, KeptRecord, KeptTombstone
from registry.web.presentation import page_of, render
from registry.web.sessions import actor, checked_form, secret
from registry.web.site import site

blueprint = Blueprint("dois", __name__)

SETTLED_SECONDS = 5.0
_SHOWN = 20


@dataclass(slots=True)
class Panel:
    """What a curator is shown of a record's DOI. `off`: why nothing can be minted here."""

    who: Actor
    form_token: str
    seen: str
    own: KeptDoi | None
    order: KeptOrder | None
    tombstone: KeptTombstone | None
    attempts: list[tuple[int, str, str]]
    acts: list[access.Act]
    remarks: list[Remark] = field(default_factory=list)
    off: str = ""

    @property
    def curates(self) -> bool:
        return self.who.may(CURATE) and not self.off

    @property
    def errors(self) -> list[Remark]:
        return [one for one in self.remarks if one.severity == "error"]

    @property
    def warnings(self) -> list[Remark]:
        return [one for one in self.remarks if one.severity == "warning"]

    @property
    def lacks_year(self) -> bool:
        return any("year of publication" in one.message for one in self.remarks)

    @property
    def mintable(self) -> bool:
        """Whether nothing stands in the way, or only a year that can be given here."""
        return all("year of publication" in one.message for one in self.errors)

    @property
    def state(self) -> str:
        return self.own.state if self.own else ""


@blueprint.app_context_processor
def _given() -> dict[str, Any]:
    return {"doi_panel": panel, "tombstone_of": tombstone_of}


def tombstone_of(kept: KeptRecord) -> KeptTombstone | None:
    """What a curator says of a deleted record."""
    with site().store.reading() as reader:
        return dois.tombstone_of(reader.connection, kept.id)


def panel(kept: KeptRecord) -> Panel | None:
    """The panel of a record; None for who is not signed in."""
    who = actor()
    if not who.may(SEE):
        return None
    here_site = site()
    with here_site.store.reading() as reader:
        connection = reader.connection
        own = dois.doi_of(connection, kept.id)
        found = Panel(
            who, form_token(secret()), standing(reader, kept.id), own,
            order_of(connection, kept.id), dois.tombstone_of(connection, kept.id),
            dois.attempts(connection, own.doi)[-_SHOWN:] if own else [],
            access.acts(connection, subject=kept.key, limit=_SHOWN),
        )  # fmt: skip
        try:
            there = account(here_site.settings)
        except MintingOff as error:
            found.off = str(error)
            return found
        if not kept.deleted:
            year = own.year if own else 0
            found.remarks = preflight(reader, kept, there, year=year or None).remarks
    return found


@blueprint.post("/curate/doi")
def curate() -> AnyResponse:
    """Asks for something to be done with a record's DOI, and leads back to the record."""
    who = checked_form()
    key = identifiers.key(request.form.get("record", ""))
    here_site = site()
    with here_site.store.reading() as reader:
        if reader.record(key) is None:
            raise BadRequest(f"There is no record {key[:200]} here.")
    try:
        order = ask(here_site.store, account(here_site.settings), who, key, _wanted())
    except Refused as refused:
        return _refused(422, key, refused.reasons)
    except Overtaken as error:
        return _refused(409, key, [str(error)])
    except AccessError as error:
        return _refused(403, key, [str(error)])
    except MintingOff as error:
        return _refused(503, key, [str(error)])
    if order is not None:
        _settled(order)
    return Response(status=303, headers={"Location": f"{page_of(key)}#doi"})


@blueprint.get("/curate")
def overview() -> Response:
    """What waits, and what was done: for who is signed in."""
    who = actor()
    if not who.may(SEE):
        return render("sign_in.html", 403, who=who, form_token="", to="/curate", said="")
    here_site = site()
    with here_site.store.reading() as reader:
        off = ""
        try:
            account(here_site.settings)
        except MintingOff as error:
            off = str(error)
        return render(
            "curate.html", who=who, form_token=form_token(secret()), off=off,
            states=dois.count_states(reader.connection), waiting=waiting(reader),
            acts=access.acts(reader.connection, limit=50),
        )  # fmt: skip


def _wanted() -> Asked:
    """What the form asks for. Raises BadRequest."""
    what = request.form.get("what", "")
    if what not in ACTS:
        raise BadRequest(f"There is nothing called {what[:40]!r} to be done with a DOI.")
    year = request.form.get("year", "").strip()
    if year and not (year.isascii() and year.isdecimal() and 1000 <= int(year) <= 2999):
        raise BadRequest("The year of publication is a number of four digits.")
    return Asked(
        what,
        int(year or 0),
        request.form.get("force") == "yes",
        " ".join(request.form.get("reason", "").split())[:1000],
        request.form.get("replaced_by", "").strip()[:1000],
        request.form.get("seen", ""),
    )


def _settled(order: KeptOrder) -> None:
    """Gives the worker a moment, so that the page says what came of it."""
    worker = current_app.extensions.get("parhelion.dois")
    if worker is None or not worker.is_alive():
        return
    worker.wake()
    until = time.monotonic() + SETTLED_SECONDS
    while time.monotonic() < until:
        with site().store.reading() as reader:
            now = order_of(reader.connection, order.record_id)
        if now is None or now.number != order.number or now.tries > order.tries:
            return
        time.sleep(0.1)


def _refused(status: int, key: str, reasons: list[str]) -> Response:
    return render("doi_refused.html", status, key=key, reasons=reasons)
