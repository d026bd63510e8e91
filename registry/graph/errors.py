"""What can go wrong between a question to the graph and its answer; every message is for users."""

from __future__ import annotations


class GraphError(Exception):
    """Any of the errors below; `status` is the HTTP status that says it."""

    status = 500


class BadSPARQL(GraphError):
    """The query is malformed (SPARQL 1.1 Protocol, section 2.1.6: 400).

    `line` and `column` count from 1; 0 where the engine does not say.
    """

    status = 400

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class BadRequest(GraphError):
    """A request that the SPARQL 1.1 Protocol does not know; `status` is 400, 405 or 415."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class QueryRefused(GraphError):
    """A well-formed request that is not carried out here: an update, or SERVICE."""

    status = 403


class AnswerTooLarge(QueryRefused):
    """The answer is larger than one answer may be."""


class NotAcceptable(GraphError):
    """None of the media types asked for can be given for this form of query."""

    status = 406


class GraphUnavailable(GraphError):
    """The graph does not answer now, or not within the limits of time and memory."""

    status = 503
