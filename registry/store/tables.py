"""The tables of the store (docs/decisions.md says what each row is)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False, default=""),
    Column("prefix", Text, nullable=False, default=""),
    Column("set_spec", Text, nullable=False, default=""),
    Column("precedence", Integer, nullable=False, default=100),
    Column("added", Integer, nullable=False),
    Column("state", Text, nullable=False, default="{}"),
    Column("last_started", Integer),
    Column("last_finished", Integer),
    Column("last_error", Text, nullable=False, default=""),
    Column("last_counts", Text, nullable=False, default="{}"),
    Column("every", Integer, nullable=False, default=0),
    Column("next_due", Integer),
    Column("mirror", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("lease", Text, nullable=False, default=""),
    Column("lease_until", Float, nullable=False, default=0),
)

managed = Table(
    "managed",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("source_id", Integer, nullable=False),
)
"""The naming authorities that a source's vg:Registry manages (RegistryInterfaces 1.1)."""

harvest = Table(
    "harvest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, nullable=False),
    Column("started", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("ended", Integer),
    Column("outcome", Text, nullable=False),
    Column("message", Text, nullable=False, default=""),
    Column("counts", Text, nullable=False, default="{}"),
)
Index("harvest_source", harvest.c.source_id)

harvest_log = Table(
    "harvest_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("harvest_id", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
)
Index("harvest_log_harvest", harvest_log.c.harvest_id)

withheld = Table(
    "withheld",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("content", LargeBinary),
)
"""What a harvest under way would delete, until the deletion guard has seen all of it."""

listed = Table(
    "listed",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("path", Text, primary_key=True),
)
"""What a full harvest under way has seen of a source."""

lineage = Table(
    "lineage",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("stamp", Text, nullable=False),
)
"""A random stamp for the last change of each write: a log that went another way has others."""

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("identifier", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("released", Text, nullable=False),
    Column("doi", Text, nullable=False),
    Column("deleted", Integer, nullable=False, default=0),
    Column("deleted_why", Text, nullable=False, default=""),
    Column("was_valid", Integer, nullable=False, default=0),
    Column("revision_id", Integer, nullable=False),
    Column("place_id", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("change_number", BigInteger, nullable=False),
    Column("datestamp", Integer, nullable=False),
    Column("owner_id", Integer, nullable=False, default=0),
    Column("former_kinds", Text, nullable=False, server_default=""),
)
"""`former_kinds`: resource types that it had before, each between spaces."""
Index("record_change", record.c.change_number)
LISTED = (
    Index("record_datestamp_change", record.c.datestamp, record.c.change_number),
    Index("record_format_change", record.c.format, record.c.change_number),
    Index("record_kind_change", record.c.format, record.c.kind, record.c.change_number),
    Index("record_authority_change", record.c.format, record.c.authority, record.c.change_number),
)
"""What lists for OAI-PMH go by, so that a page costs what it holds."""
Index(
    "record_former_kinds_change",
    record.c.change_number,
    sqlite_where=record.c.former_kinds != literal_column("''"),
)
"""The few records that have left a resource type."""
Index("record_doi", record.c.doi, sqlite_where=record.c.doi != "")

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record_id", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("canonical", LargeBinary),
    Column("body", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("received", Integer, nullable=False),
    Column("released", Text, nullable=False),
    Column("facts", Text, nullable=False),
)
Index("revision_record", revision.c.record_id)

place = Table(
    "place",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("record_id", Integer, nullable=False),
    Column("revision_id", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("datestamp", Text, nullable=False, default=""),
    Column("provenance", Text, nullable=False, default=""),
    UniqueConstraint("source_id", "path", "part"),
)
Index("place_record", place.c.record_id)

finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision_id", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("column", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("replacement", Text),
)
Index("finding_revision", finding.c.revision_id)
Index("finding_rule", finding.c.rule)

reference = Table(
    "reference",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record_id", Integer, nullable=False),
    Column("element", Text, nullable=False),
    Column("target", Text, nullable=False),
)
Index("reference_target", reference.c.target)
Index("reference_record", reference.c.record_id)

change = Table(
    "change",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("record_id", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Integer, nullable=False),
    sqlite_autoincrement=True,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("column", Integer, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("body", LargeBinary),
    Column("seen", Integer, nullable=False),
    UniqueConstraint("source_id", "path", "part"),
)

archive = Table(
    "archive",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("taken", Integer, nullable=False),
    UniqueConstraint("source_id", "path"),
)

open_write = Table(
    "open_write",
    metadata,
    Column("id", Text, primary_key=True),
    Column("process", Text, nullable=False),
    Column("started", Float, nullable=False),
)

doi = Table(
    "doi",
    metadata,
    Column("record_id", Integer, primary_key=True),
    Column("doi", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("url", Text, nullable=False, default=""),
    Column("digest", Text, nullable=False, default=""),
    Column("chosen", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("year", Integer, nullable=False, default=0),
    Column("adopted", Integer, nullable=False, default=0),
    Column("compared", Integer, nullable=False, default=0),
)
"""`digest`: of what DataCite last took. `year`: of publication, where a curator gave it.
`compared`: the change number at which the record was last looked at for something to send."""

doi_order = Table(
    "doi_order",
    metadata,
    Column("record_id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("year", Integer, nullable=False, default=0),
    Column("forced", Integer, nullable=False, default=0),
    Column("tries", Integer, nullable=False, default=0),
    Column("due", Float, nullable=False, default=0),
    Column("stuck", Integer, nullable=False, default=0),
    Column("said", Text, nullable=False, default=""),
    Column("lease", Text, nullable=False, default=""),
)
"""What is to be done at DataCite: one order a record, the newest; `number` tells two apart."""
Index("doi_order_due", doi_order.c.stuck, doi_order.c.due)

tombstone = Table(
    "tombstone",
    metadata,
    Column("record_id", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("replaced_by", Text, nullable=False, default=""),
    Column("who", Text, nullable=False),
    Column("at", Integer, nullable=False),
)
"""What a curator says of a deleted record: why it is gone, and what replaces it."""

token = Table(
    "token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created", Integer, nullable=False),
    Column("expires", Integer, nullable=False, default=0),
    Column("revoked", Integer, nullable=False, default=0),
)
session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("token_id", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("expires", Integer, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
Index("audit_subject", audit.c.subject)

doi_attempt = Table(
    "doi_attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("doi", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("answer", Text, nullable=False),
)
Index("doi_attempt_doi", doi_attempt.c.doi)

request = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("progress", Text, nullable=False, default=""),
    Column("done", Integer, nullable=False, default=0),
)

refused = Table(
    "refused",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Integer, nullable=False),
)
