"""To be filled."""

from flask import Blueprint

blueprint = Blueprint("searching", __name__)
