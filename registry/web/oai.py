"""To be filled."""

from flask import Blueprint

blueprint = Blueprint("oai", __name__)
