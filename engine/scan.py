"""The virus scanner: every file that comes in goes through it, and nothing is let through unscanned."""

import shlex
import socket
import subprocess

from engine import commands as c
from engine.errors import InvalidInput

PATIENCE = 60.0
"""Seconds that one file may take."""
_CLAMD = "clamd:"
_PIECE = 64 * 1024


class Infected(InvalidInput):
    """The scanner found something in a file; it was not kept."""

    code = "infected"


class ScanFailed(InvalidInput):
    """The scanner gave no verdict; the file was not kept."""

    code = "scan_failed"


class Scanner:
    """Asks a scanner about files before they are kept.

    Args:
        how: A command line that takes the content on its standard input and ends with 0 for a clean file and 1
            for an infected one; or `clamd:` with a socket's path, or host and port. None scans nothing.

    Raises:
        ValueError: a command line that cannot be read.
    """

    def __init__(self, how: str | None, patience: float = PATIENCE) -> None:
        self._how, self._patience = how, patience
        self._command = shlex.split(how) if how and not how.startswith(_CLAMD) else []

    def check(self, command: c.Command) -> None:
        """Refuse a command that brings an infected file, or one that could not be scanned.

        Raises:
            Infected, ScanFailed: with the name of the file.
        """
        if self._how is None:
            return
        if isinstance(command, c.StoreAttachments):
            for name, content in command.files:
                self._must_be_clean(name, content)
        elif isinstance(command, c.StoreRecords):
            self._must_be_clean(command.name, command.content)

    def _must_be_clean(self, name: str, content: bytes) -> None:
        try:
            clean = self._ask_clamd(content) if not self._command else self._run(content)
        except (OSError, subprocess.TimeoutExpired, ValueError) as fault:
            raise ScanFailed(
                f"附件“{name[:60]}”未能完成病毒检测，没有上传。请稍后重试；仍不成功的，请联系系统管理员。",
                f"Expected the scanner to answer within {self._patience:g} s, found {type(fault).__name__}.",
            ) from fault
        if not clean:
            raise Infected(
                f"附件“{name[:60]}”经检测含有病毒，没有上传。请对本机查杀病毒后重新制作文件。",
                f"The scanner found {name[:60]} infected; it was not kept.",
            )

    def _run(self, content: bytes) -> bool:
        done = subprocess.run(
            self._command,
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=self._patience,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise ValueError(f"exit code {done.returncode}")
        return done.returncode == 0

    def _ask_clamd(self, content: bytes) -> bool:
        """Send the content as clamd's INSTREAM takes it."""
        with self._connected() as line:
            line.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), _PIECE):
                piece = content[at : at + _PIECE]
                line.sendall(len(piece).to_bytes(4, "big") + piece)
            line.sendall(bytes(4))
            answer = line.makefile("rb").read(4096).rstrip(b"\0\n")
        if answer.endswith(b" FOUND"):
            return False
        if answer != b"stream: OK":
            raise ValueError(answer.decode(errors="replace"))
        return True

    def _connected(self) -> socket.socket:
        assert self._how is not None
        where = self._how.removeprefix(_CLAMD)
        if where.startswith("/"):
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(self._patience)
            try:
                line.connect(where)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = where.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=self._patience)
