"""Settings: read once from the environment, refusing nonsense."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Settings:
    """Everything an installation may choose.

    Attributes:
        data: Folder of the database; created on first start (SHIXIAN_DATA, default ./data).
        host: Address to listen on (SHIXIAN_HOST, default 127.0.0.1).
        port: Port to listen on (SHIXIAN_PORT, default 8000).
        rehearsal: Whether the clock may be set (SHIXIAN_REHEARSAL, 0 or 1).
        database_url: A PostgreSQL database instead of the file (SHIXIAN_DATABASE_URL, postgresql://…).
        secure_cookies: Send cookies over https only (SHIXIAN_SECURE_COOKIES, 0 or 1).
        trusted_proxies: How many proxies of ours stand before us, whose X-Forwarded-For is believed; with too
            great a number anybody may claim any address (SHIXIAN_TRUSTED_PROXIES, default 0).
        smtp: Mail server (SHIXIAN_SMTP, smtp://user:password@host:port?from=address); none keeps mail waiting.
        base_url: Where people find the product, for links in letters (SHIXIAN_BASE_URL, https://…); none, no links.
        least_free_mb: Megabytes of disk below which nothing is written (SHIXIAN_LEAST_FREE_MB, default 256).
        scan: Virus scanner of all files handed in, a command line or clamd:host:port (SHIXIAN_SCAN, default none).
        algorithm: The hash of the history (SHIXIAN_HASH, SHA-256 or SM3); None: as the database was begun.
    """

    data: Path = ROOT / "data"
    host: str = "127.0.0.1"
    port: int = 8000
    rehearsal: bool = False
    secure_cookies: bool = False
    least_free_mb: int = 256
    trusted_proxies: int = 0
    smtp: str | None = None
    base_url: str = ""
    algorithm: str | None = None
    scan: str | None = None
    database_url: str = field(default="", repr=False)  # it holds a password

    @property
    def database(self) -> Path | str:
        """Where rows are: the URL, or else the file."""
        return self.database_url or self.file

    @property
    def file(self) -> Path:
        """The database file; rehearsals have their own."""
        return self.data / ("rehearsal.db" if self.rehearsal else "shixian.db")

    @property
    def notices(self) -> Path:
        """The notices the calendar counts by."""
        return ROOT / "processes" / "calendars" / "notices.yaml"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        ValueError: a value that is none; names the variable, what was expected and what was found.
    """
    return Settings(
        data=Path(environ.get("SHIXIAN_DATA", str(ROOT / "data"))),
        host=environ.get("SHIXIAN_HOST", "127.0.0.1"),
        port=_port(environ.get("SHIXIAN_PORT", "8000")),
        rehearsal=_flag(environ, "SHIXIAN_REHEARSAL"),
        secure_cookies=_flag(environ, "SHIXIAN_SECURE_COOKIES"),
        least_free_mb=_megabytes(environ.get("SHIXIAN_LEAST_FREE_MB", "256")),
        trusted_proxies=_proxies(environ.get("SHIXIAN_TRUSTED_PROXIES", "0")),
        smtp=environ.get("SHIXIAN_SMTP") or None,
        base_url=_base_url(environ.get("SHIXIAN_BASE_URL", "")),
        algorithm=_algorithm(environ.get("SHIXIAN_HASH", "")),
        scan=_scan(environ.get("SHIXIAN_SCAN", "").strip()),
        database_url=_url(environ.get("SHIXIAN_DATABASE_URL", "")),
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(f"SHIXIAN_PORT: expected a port from 1 to 65535, found {text!r}")
    return int(text)


def _algorithm(text: str) -> str | None:
    names = {"sha256": "SHA-256", "sha-256": "SHA-256", "sm3": "SM3", "": None}
    if text.lower() not in names:
        raise ValueError(f"SHIXIAN_HASH: expected SHA-256 or SM3, found {text!r}")
    return names[text.lower()]


def _url(text: str) -> str:
    if text and not text.startswith("postgresql://"):
        raise ValueError("SHIXIAN_DATABASE_URL: expected postgresql://user:password@host/name")
    return text


def _scan(text: str) -> str | None:
    try:
        shlex.split(text)
    except ValueError as fault:
        raise ValueError(f"SHIXIAN_SCAN: expected a command line, found {text!r}: {fault}") from None
    return text or None


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if text and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username
    ):
        raise ValueError(f"SHIXIAN_BASE_URL: expected https://host or https://host/path, found {text!r}")
    return text.rstrip("/")


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "0")
    if text not in ("0", "1"):
        raise ValueError(f"{name}: expected 0 or 1, found {text!r}")
    return text == "1"


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 10:
        raise ValueError(
            f"SHIXIAN_TRUSTED_PROXIES: expected a number of proxies from 0 to 10, found {text!r}"
        )
    return int(text)


def _megabytes(text: str) -> int:
    if not text.isdigit() or int(text) > 10**6:
        raise ValueError(f"SHIXIAN_LEAST_FREE_MB: expected megabytes from 0 to 1000000, found {text!r}")
    return int(text)
