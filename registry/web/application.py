"""The web application: made from explicit settings and engines, one blueprint a protocol."""

from __future__ import annotations

import importlib

from flask import Flask

from registry.engines import Engines
from registry.web.site import Site

BLUEPRINTS = ("health", "pages", "searching", "records", "api", "oai", "sparql")


def application(engines: Engines) -> Flask:
    """The application; engines are opened and closed by who calls."""
    app = Flask("registry.web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = engines.settings.server.max_body
    app.extensions["parhelion"] = Site(engines)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for name in BLUEPRINTS:
        module = importlib.import_module(f"registry.web.{name}")
        app.register_blueprint(module.blueprint)
    return app
