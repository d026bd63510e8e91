"""Every setting, typed, with its default: data only (docs/settings.md lists them all).

Read from, the later winning: defaults, `parhelion.toml` in the data folder (or the file that
PARHELION_CONFIG names), environment variables PARHELION_… (`PARHELION_SEARCH__ENGINE`).
"""

from __future__ import annotations

import ipaddress
import os
import sys
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class SettingsError(Exception):
    """A setting is wrong; the message says which, and what it may be."""


class Section(BaseModel):
    """A group of settings; a name that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class ServerSettings(Section):
    host: str = Field("127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that `serve` listens on.")
    threads: int = Field(8, ge=1, le=256, description="Threads that answer requests.")
    max_body: int = Field(
        10_000_000, ge=1000, description="Largest request body that is read, in bytes."
    )


class ApiSettings(Section):
    """The interfaces for programs: `/api/` and `/WS/`."""

    requests: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Requests that one client may make to `/api/` and `/WS/` in a minute, in each "
        "process; 0: as many as it likes.",
    )
    proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="Proxies in front, each of which names who asked it in X-Forwarded-For; the "
        "client is told by these.",
    )


class SearchSettings(Section):
    engine: Literal["tantivy", "elasticsearch"] = Field(
        "tantivy",
        description="The search engine: `tantivy`, in the data folder, or `elasticsearch`, a "
        "cluster of version 8 or 9.",
    )
    url: list[str] = Field(
        default_factory=list, description="Addresses of the Elasticsearch cluster's nodes."
    )
    username: str = Field("", description="Account at the cluster.")
    password: SecretStr = Field(SecretStr(""), description="Its password.")
    api_key: SecretStr = Field(
        SecretStr(""), description="API key for the cluster, instead of an account."
    )
    ca: Path | None = Field(
        None, description="File with the certificate that signs the cluster's, in PEM."
    )
    prefix: str = Field(
        "parhelion",
        pattern=r"^[a-z][a-z0-9_-]{0,99}$",
        description="Name of the alias in the cluster, and what the names of its indexes begin "
        "with: one of its own for each registry.",
    )
    shards: int = Field(1, ge=1, le=256, description="Parts that an index is cut into.")
    seconds: float = Field(
        10.0, gt=0, le=600, description="Longest time that the cluster may take to answer a search."
    )
    wait_seconds: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="How long writing waits for a cluster that is busy, full, red or gone.",
    )

    @model_validator(mode="after")
    def _reachable(self) -> SearchSettings:
        if self.engine != "elasticsearch":
            return self
        if not self.url:
            raise ValueError("engine is elasticsearch, and url names no cluster")
        if self.ca is not None and not self.ca.is_file():
            raise ValueError(f"ca names {self.ca}, and there is no such file")
        secret = self.password.get_secret_value() or self.api_key.get_secret_value()
        for url in self.url:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("url is no address: https://search.example.org:9200 is one")
            if parts.username or parts.password:
                raise ValueError("url holds credentials: username and password are their places")
            if self.ca is not None and parts.scheme == "http":
                raise ValueError("url is not https, and ca is for https alone")
            if secret and parts.scheme == "http" and not _is_loopback(parts.hostname):
                raise ValueError("url is not https, and credentials would be sent in the clear")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class GraphSettings(Section):
    engine: Literal["oxigraph", "sparql"] = Field(
        "oxigraph",
        description="The graph engine: our own child process, or `sparql` for a SPARQL 1.1 "
        "service that somebody else runs.",
    )
    query_url: str = Field("", description="Of a service: where it answers queries.")
    update_url: str = Field("", description="Of a service: where it takes updates.")
    store_url: str = Field("", description="Of a service: its Graph Store.")
    authorization: SecretStr = Field(
        SecretStr(""), description="Of a service: the Authorization header to send, if any."
    )
    query_seconds: float = Field(
        20.0, gt=0, le=3600, description="Longest time that one SPARQL query may take."
    )
    memory_bytes: int = Field(
        3_000_000_000, ge=200_000_000, description="Address space of the graph's process, in bytes."
    )
    answer_bytes: int = Field(
        50_000_000, ge=1000, description="Largest answer to a SPARQL query, in bytes."
    )
    parallel_queries: int = Field(
        4, ge=1, le=64, description="SPARQL queries answered at the same time."
    )
    kept_bytes: int = Field(
        64_000_000,
        ge=0,
        description="Memory for answers that are given again to the same query while the graph "
        "does not change, in bytes; 0: none are kept.",
    )


class OaiSettings(Section):
    repository_name: str = Field(
        "Parhelion", description="repositoryName that Identify gives at /oai."
    )
    admin_email: str = Field(
        "", description="adminEmail of Identify; OAI-PMH asks for one, so set it."
    )
    page_size: int = Field(500, ge=1, le=5000, description="Records on a page of a list.")
    token_hours: int = Field(24, ge=1, le=8760, description="Life of a resumption token.")
    pages_bytes: int = Field(
        64_000_000,
        ge=0,
        description="Memory for pages that were written before, in bytes; 0: none are kept.",
    )
    pages_disk_bytes: int = Field(
        500_000_000,
        ge=0,
        description="Room in the data folder for pages that were written before, in bytes; 0: they "
        "are kept in memory only.",
    )


class IvoaSettings(Section):
    """The IVOA publishing registry, `/oai/ivoa`."""

    authority: str = Field(
        "",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._~-]{2,})?$",
        description="The naming authority under which SPASE records have their ivoids; never to "
        "be changed once it is in use. Empty: a test authority.",
    )
    managed_authorities: list[str] = Field(
        default_factory=list,
        description="Further naming authorities that this registry manages: VOResource records "
        "of theirs that originate here are in the set `ivo_managed`.",
    )
    title: str = Field("", description="Title of the registry's own record; empty: from `title`.")
    publisher: str = Field(
        "", description="The organisation that runs the registry; empty: as `title`."
    )
    contact: str = Field(
        "", description="Who answers for the registry, by name; empty: the publisher."
    )
    description: str = Field("", description="What the registry's own record says of it.")
    full: bool = Field(
        False, description="Whether the registry claims to hold all records of the VO."
    )


class HarvestSettings(Section):
    contact: str = Field("", description="Address that our User-Agent names to peers.")
    allow_private: bool = Field(
        False, description="Whether private and loopback addresses may be fetched."
    )
    connect_seconds: float = Field(10.0, gt=0, description="Time limit for a connection.")
    read_seconds: float = Field(60.0, gt=0, description="Time limit for the next bytes.")
    total_seconds: float = Field(1800.0, gt=0, description="Time limit for one whole answer.")
    max_bytes: int = Field(
        1_000_000_000, ge=1000, description="Largest answer of a peer that is read, in bytes."
    )
    interval_seconds: float = Field(
        0.0, ge=0, le=3600, description="Time between the starts of two requests to one source."
    )
    intervals: dict[str, float] = Field(
        default_factory=dict, description="The same for single sources, by their names."
    )
    deletion_guard: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of a source's records above which deletions need `--accept-deletions`.",
    )
    deletion_floor: int = Field(
        3,
        ge=0,
        description="So many deletions pass whatever their share, unless they are all records that "
        "a source has.",
    )
    ours_from: list[str] = Field(
        default_factory=list,
        description="Sources that may bring VOResource records of naming authorities that are "
        "managed here; from all others they are refused.",
    )
    scheduled: bool = Field(True, description="Whether `serve` harvests the sources that are due.")
    parallel: int = Field(
        2, ge=1, le=32, description="Sources that `serve` harvests at a time, one a host."
    )
    full_days: int = Field(
        180, ge=1, description="Days after which a peer is asked for all its records again."
    )
    full_days_without_deletions: int = Field(
        7, ge=1, description="The same for a peer that does not keep what it deleted."
    )


class DoiSettings(Section):
    prefix: str = Field("", description="DOI prefix that DataCite gave you; empty: no minting.")
    api: str = Field("https://api.test.datacite.org", description="Address of DataCite's REST API.")
    username: str = Field("", description="Repository account at DataCite.")
    password: SecretStr = Field(SecretStr(""), description="Its password.")
    authorities: list[str] = Field(
        default_factory=list, description="Naming authorities whose records may be minted."
    )
    suffix: Literal["random", "identifier"] = Field(
        "random",
        description="How suffixes are made: `random`, short and checkable, or from the record's "
        "`identifier`.",
    )
    requests_per_second: float = Field(
        2.0, gt=0, le=10, description="Requests to DataCite a second, over all processes."
    )
    automatic: bool = Field(
        True,
        description="Whether `serve` works through what waits, and sends DataCite what changed.",
    )


class ValidationSettings(Section):
    severities: dict[str, Literal["error", "warning", "advice", "off"]] = Field(
        default_factory=dict,
        description="Severities of rules, by their ids or what these begin with: `error`, "
        "`warning`, `advice`, or `off`. The verdict stays the schema's.",
    )


class PagesSettings(Section):
    """Pages of records that are kept after they were made."""

    bytes: int = Field(
        512_000_000, ge=0, description="What the kept pages may take, in bytes, compressed."
    )
    prepare: bool = Field(
        True,
        description="Whether `serve` makes the pages that many records lack before they are asked "
        "for, in a process of the lowest priority.",
    )


class UploadSettings(Section):
    """What a stranger may have judged at `/validate`, in one request."""

    bytes: int = Field(50_000_000, ge=1000, description="Largest upload to `/validate`, in bytes.")
    unpacked_bytes: int = Field(
        500_000_000, ge=1000, description="What an uploaded archive may unpack to, in bytes."
    )
    document_bytes: int = Field(
        10_000_000, ge=1000, description="Largest document in an upload, in bytes."
    )
    documents: int = Field(50_000, ge=1, description="Documents that one upload may hold.")
    findings: int = Field(20_000, ge=1, description="Findings told of one upload.")
    seconds: float = Field(60.0, gt=0, description="Longest time that one upload is judged for.")
    parallel: int = Field(2, ge=1, le=64, description="Uploads judged at the same time.")


class IngestSettings(Section):
    workers: int = Field(
        0, ge=0, le=256, description="Processes that parse and validate; 0: one a core."
    )
    document_bytes: int = Field(
        50_000_000, ge=1000, description="Largest document that is taken in, in bytes."
    )


class Settings(BaseSettings):
    """All settings of an installation."""

    model_config = SettingsConfigDict(
        env_prefix="PARHELION_", env_nested_delimiter="__", extra="forbid"
    )

    data: Path = Field(
        default_factory=lambda: default_data_folder(), description="The data folder."
    )
    public_url: str = Field(
        "",
        description="Scheme, host and path prefix under which the world reaches this registry: "
        "the only source of every absolute address.",
    )
    title: str = Field("Parhelion", description="Name of the registry on its pages.")
    server: ServerSettings = ServerSettings()
    api: ApiSettings = ApiSettings()
    search: SearchSettings = SearchSettings()
    graph: GraphSettings = GraphSettings()
    oai: OaiSettings = OaiSettings()
    ivoa: IvoaSettings = IvoaSettings()
    harvest: HarvestSettings = HarvestSettings()
    validation: ValidationSettings = ValidationSettings()
    pages: PagesSettings = PagesSettings()
    upload: UploadSettings = UploadSettings()
    ingest: IngestSettings = IngestSettings()
    doi: DoiSettings = DoiSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _config_file)

    def base_url(self) -> str:
        """`public_url` without a slash at its end; where none is set, the server's own address."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"http://{self.server.host}:{self.server.port}"

    def public_url_fault(self) -> str:
        """Why `public_url` cannot stand in anything that lasts; '' if it can."""
        if not self.public_url:
            return "public_url is not set"
        parts = urlsplit(self.public_url)
        if parts.scheme != "https":
            return f"public_url {self.public_url} is not https"
        host = parts.hostname or ""
        if not host or "." not in host or host.endswith((".local", ".localhost", ".internal")):
            return f"public_url {self.public_url} names no public host"
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return ""
        return "" if address.is_global else f"public_url {self.public_url} is a private address"


_config_file: Path | None = None


def default_data_folder() -> Path:
    """`parhelion` in the user's data directory, as the platform has it."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/parhelion"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "parhelion"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "parhelion"


def read_settings(data: Path | None = None, **given: Any) -> Settings:
    """The settings in force; `data` and `given` are the command line's. Raises SettingsError."""
    global _config_file  # the library asks for the file's name before there is an instance
    folder = data or Path(os.environ.get("PARHELION_DATA") or default_data_folder())
    named = os.environ.get("PARHELION_CONFIG")
    file = Path(named) if named else folder / "parhelion.toml"
    if named and not file.is_file():
        raise SettingsError(f"PARHELION_CONFIG names {file}, and there is no such file.")
    _config_file = file if file.is_file() else None
    try:
        return Settings(**({"data": folder} | given))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from error
    except ValidationError as error:
        said = [
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise SettingsError("Wrong settings: " + "; ".join(said) + ".") from error
