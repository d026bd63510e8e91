"""To be filled."""

from flask import Blueprint

blueprint = Blueprint("sparql", __name__)
