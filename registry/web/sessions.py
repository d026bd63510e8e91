"""`/sign-in`, `/sign-out`: who looks at a page, by a cookie that only these pages are given.

The cookie is a session's secret (HttpOnly, SameSite=Strict, Secure where the site is https); the
store has its hash. A form of a session carries a token that follows from that secret, so that no
page of others can send it. Answers to somebody who is signed in are kept by no cache.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from registry.access import (
    NOBODY,
    SESSION_SECONDS,
    AccessError,
    Actor,
    form_token,
    is_form_token,
    sign_in,
    sign_out,
    signed_in,
)
from registry.web.presentation import here, render
from registry.web.site import site

blueprint = Blueprint("sessions", __name__)

COOKIE = "parhelion_session"
_LONGEST = 200


def secret() -> str:
    """The secret that the request brings; '' if none."""
    return request.cookies.get(COOKIE, "")[:_LONGEST]


def actor() -> Actor:
    """Who asks; NOBODY for strangers. Asked of the store each time: a token may be revoked."""
    given = secret()
    if not given:
        return NOBODY
    here_site = site()
    with here_site.store.reading() as reader:
        return signed_in(reader, given, int(here_site.store.clock()))


def checked_form() -> Actor:
    """Who sends this form. Raises Forbidden unless it is a page of ours that was sent."""
    own_pages_only()
    who = actor()
    if not who.name:
        raise Forbidden("You are not signed in, or no longer: sign in, and send it again.")
    if not is_form_token(secret(), request.form.get("form_token", "")):
        raise Forbidden("This form is not of this session: load the page again, and send it again.")
    return who


def own_pages_only() -> None:
    """Raises Forbidden where a browser says that another site sends the request."""
    fetched = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "")
    known = {_origin(site().settings.base_url()), _origin(request.host_url)}
    if fetched not in ("same-origin", "none") or (origin and _origin(origin) not in known):
        raise Forbidden("A page of another site sends this: open the page here, and send it again.")


@blueprint.get("/sign-in")
def form() -> Response:
    """The form, or who is signed in."""
    return _page()


@blueprint.post("/sign-in")
def begin() -> AnyResponse:
    """Begins a session with a token."""
    own_pages_only()
    try:
        made, _ = sign_in(site().store, request.form.get("token", "")[:_LONGEST])
    except AccessError as error:
        return _page(403, str(error))
    answer = _on(request.form.get("to", ""))
    base = urlsplit(site().settings.base_url())
    answer.set_cookie(
        COOKIE, made, max_age=SESSION_SECONDS, path=base.path or "/",
        secure=base.scheme == "https", httponly=True, samesite="Strict",
    )  # fmt: skip
    return answer


@blueprint.post("/sign-out")
def end() -> AnyResponse:
    """Ends the session."""
    checked_form()
    sign_out(site().store, secret())
    answer = _on("")
    answer.delete_cookie(COOKIE, path=urlsplit(site().settings.base_url()).path or "/")
    return answer


@blueprint.before_app_request
def _look_anew() -> None:
    # A page kept from before the sign-in lacks what a curator is shown.
    if secret():
        request.environ.pop("HTTP_IF_NONE_MATCH", None)
        request.environ.pop("HTTP_IF_MODIFIED_SINCE", None)


@blueprint.after_app_request
def _keep_private(answer: Response) -> Response:
    if secret() or request.path == "/sign-in":
        answer.headers["Cache-Control"] = "private, no-store"
        answer.vary.add("Cookie")
    return answer


def _page(status: int = 200, said: str = "") -> Response:
    who = actor()
    token = form_token(secret()) if who.name else ""
    to = request.values.get("to", "")
    return render("sign_in.html", status, who=who, form_token=token, to=_inside(to), said=said)


def _on(to: str) -> Response:
    return Response(status=303, headers={"Location": here(_inside(to) or "/sign-in")})


def _inside(to: str) -> str:
    """A path of this site to go on to; '' for anything else."""
    parts = urlsplit(to)
    good = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.netloc
    return to if good and to.isprintable() and "\\" not in to else ""


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None
