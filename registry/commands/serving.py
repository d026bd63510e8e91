"""`parhelion serve`: pages, API, OAI-PMH and SPARQL, with the followers beside them."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from functools import partial
from typing import Any

import click

from registry.doi.account import account
from registry.doi.running import DoisThread
from registry.doi.trial_beside import TrialBeside
from registry.engines import opened
from registry.followers.running import FollowersThread
from registry.settings import Settings
from registry.sources.running import HarvestsThread


class PortTaken(click.ClickException):
    """Another program listens there already."""


@click.command()
@click.option("--host", help="Address to listen on (else the setting server.host).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on (else the setting server.port); 0: a free one, which is printed.",
)
@click.option(
    "--trial-doi",
    is_flag=True,
    help="Start a stand-in for DataCite on this machine, to try minting out (docs/dois.md).",
)
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None, trial_doi: bool) -> None:
    """Serve the portal until it is interrupted."""
    server = settings.server.model_copy(
        update={
            "host": host or settings.server.host,
            "port": settings.server.port if port is None else port,
        }
    )
    run(settings.model_copy(update={"server": server}), trial_doi=trial_doi)


def run(settings: Settings, *, trial_doi: bool = False) -> None:
    """Serves until SIGINT or SIGTERM. Raises PortTaken, StoreError, GraphUnavailable, TrialOff."""
    from registry.web.application import application
    from registry.web.preparing import PagesThread
    from registry.web.serving import server as server_of

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("waitress").setLevel(logging.ERROR)
    listening: dict[str, Any] = {"host": settings.server.host, "port": settings.server.port}
    if not settings.server.port:
        # Addresses in answers name the port, so it has to be known before anything is made of it.
        settings, bound = _with_free_port(settings)
        listening = {"sockets": [bound]}
    with opened(settings, lasting=True) as engines:
        followers = FollowersThread(
            engines.store, partial(engines.take_lock, lasting=True), engines.following
        )
        app = application(engines)
        try:
            server = server_of(app, settings, **listening)
        except OSError as error:
            raise PortTaken(_why_not(settings, error)) from error
        trial = TrialBeside(settings, engines.store) if trial_doi else None
        if trial:
            click.echo(trial.start())
        dois = DoisThread(engines.store, partial(account, settings))
        app.extensions["parhelion.dois"] = dois
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _interrupt)
        followers.start()
        harvests = HarvestsThread(engines.store, settings)
        pages = PagesThread(engines.store, settings)
        if settings.pages.prepare:
            pages.start()
        if settings.harvest.scheduled:
            harvests.start()
        if settings.doi.automatic or trial:
            dois.start()
        where = f"http://{settings.server.host}:{settings.server.port}"
        click.echo(f"Parhelion answers at {where} (Ctrl-C ends it).")
        try:
            server.run()
        except KeyboardInterrupt:
            click.echo("Ending.")
        finally:
            server.close()
            dois.stop()
            if trial:
                trial.stop()
            harvests.stop()
            pages.stop()
            followers.stop()


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _with_free_port(settings: Settings) -> tuple[Settings, socket.socket]:
    """The settings with a port that the system gives, and the socket that holds it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.server.host, 0, type=socket.SOCK_STREAM
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.bind(address)
    except OSError as error:
        raise PortTaken(_why_not(settings, error)) from error
    server = settings.server.model_copy(update={"port": bound.getsockname()[1]})
    return settings.model_copy(update={"server": server}), bound


def _why_not(settings: Settings, error: OSError) -> str:
    where = f"{settings.server.host}:{settings.server.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"Another program listens on {where} already. End it, or name another port with "
            "--port (or PARHELION_SERVER__PORT)."
        )
    if error.errno == errno.EACCES:
        return f"The system does not let you listen on {where}: choose a port above 1023."
    return f"Cannot listen on {where}: {error.strerror or error}."
