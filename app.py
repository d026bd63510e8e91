"""Parhelion: the command line `parhelion`, and the web application made from settings."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask

    from registry.settings import Settings

COMMANDS = {
    "ingest": ("ingesting", "ingest", "Take files, folders and archives in."),
    "validate": ("validate", "validate", "Say what is wrong with records; store nothing."),
    "fix": ("mending", "fix", "Mend in records what is certain."),
    "upgrade": ("mending", "upgrade", "Bring SPASE records to the newest version."),
    "schema": ("schema", "schema", "Add official schemas of new SPASE versions."),
    "source": ("sources", "source", "Add, list and remove sources to harvest."),
    "harvest": ("sources", "harvest", "Harvest sources."),
    "serve": ("serving", "serve", "Serve pages, API, OAI-PMH and SPARQL."),
    "status": ("operating", "status", "Say what the registry holds and how far it has come."),
    "reindex": ("operating", "reindex", "Build the search index or the graph anew."),
    "check": ("operating", "check", "Compare the store with index and graph."),
    "export": ("exporting", "export", "Write the records out as RDF."),
    "vocabulary": ("vocabulary", "vocabulary", "Say which words have no match; propose new terms."),
    "doi": ("doi", "doi", "Mint DOIs at DataCite, and keep them in step."),
    "access": ("access", "access", "Say who may sign in; read what was done."),
}
"""Each command's module in registry/commands, imported when it is called, and its short help."""


class Commands(click.Group):
    """The commands by name; a module is imported only when its command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        command = getattr(importlib.import_module(f"registry.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in COMMANDS.items()])


@click.command(cls=Commands)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data folder (else PARHELION_DATA, else one in your user's data directory).",
)
@click.version_option(package_name="parhelion")
@click.pass_context
def parhelion(ctx: click.Context, data: Path | None) -> None:
    """One registry for heliophysics: SPASE and IVOA records, validated, joined and served."""
    from registry.settings import read_settings

    if ctx.invoked_subcommand is not None:
        ctx.obj = read_settings(data)


def main() -> None:
    """Runs the command line; what is the user's to mend is said in words, with exit status 2."""
    try:
        status = parhelion.main(standalone_mode=False)
        # A command that ends with a status of its own has it given back, not raised.
        sys.exit(status if isinstance(status, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was committed stays; the next run goes on.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from registry.commands.errors import in_words

        said = in_words(error)
        if said is None:
            raise
        click.echo(said, err=True)
        sys.exit(2)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application, with followers, due harvests and the outbox of DOIs beside it, until
    the process ends.

    To be called in the process that answers: a forked one has no followers of its own.
    Raises StoreError, SettingsError, GraphUnavailable.
    """
    import atexit
    from contextlib import ExitStack
    from functools import partial

    from registry.doi.account import account
    from registry.doi.running import DoisThread
    from registry.engines import opened
    from registry.followers.running import FollowersThread
    from registry.settings import read_settings
    from registry.sources.running import HarvestsThread
    from registry.web.application import application

    stack = ExitStack()
    atexit.register(stack.close)
    engines = stack.enter_context(opened(settings or read_settings(), lasting=True))
    followers = FollowersThread(
        engines.store, partial(engines.take_lock, lasting=True), engines.following
    )
    stack.callback(followers.stop)
    followers.start()
    if engines.settings.harvest.scheduled:
        harvests = HarvestsThread(engines.store, engines.settings)
        stack.callback(harvests.stop)
        harvests.start()
    dois = DoisThread(engines.store, partial(account, engines.settings))
    if engines.settings.doi.automatic:
        stack.callback(dois.stop)
        dois.start()
    app = application(engines)
    app.extensions["parhelion.dois"] = dois
    return app


if __name__ == "__main__":
    main()
