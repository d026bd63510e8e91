"""The web application: made from explicit settings and engines, one blueprint a protocol."""

from __future__ import annotations

import importlib
from urllib.parse import unquote, urlsplit

from flask import Flask

from registry.engines import Engines
from registry.web import answering, faults, page_cache, presentation
from registry.web.site import Site

BLUEPRINTS = (
    "health",
    "pages",
    "sitemaps",
    "opensearch",
    "searching",
    "records",
    "terms",
    "api",
    "api_records",
    "oai",
    "hdp",
    "sparql",
    "graph",
    "validating",
    "mending",
    "quality",
    "sessions",
    "dois",
    "sources",
)
A_YEAR = 31_536_000


def application(engines: Engines) -> Flask:
    """The application; engines are opened and closed by who calls."""
    app = Flask("registry.web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = engines.settings.server.max_body
    # Addresses of static files carry the build, so that they can be kept for long.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_YEAR
    site = Site(engines)
    app.extensions["parhelion"] = site
    app.url_map.strict_slashes = False
    # Two slashes may stand in an identifier.
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    presentation.prepare(app)
    answering.register(app)
    faults.register(app)
    for name in BLUEPRINTS:
        module = importlib.import_module(f"registry.web.{name}")
        app.register_blueprint(module.blueprint)
    page_cache.prepare(app, site)
    prefix = unquote(urlsplit(engines.settings.base_url()).path)
    if prefix.strip("/"):
        app.wsgi_app = answering.Prefixed(app.wsgi_app, prefix)  # type: ignore[method-assign,assignment]
    return app
