"""The watch on free space: before the disk is full the product stops writing, and says so."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import Refused

_LOOK_EVERY = 5.0  # seconds


class OutOfSpace(Refused):
    """Too little space is left to write safely; reading goes on."""

    code = "out_of_space"


def no_room() -> OutOfSpace:
    """Return the refusal of a write that found the disk full, whole undone."""
    return OutOfSpace(
        "磁盘空间已满，操作没有生效。请系统管理员清理磁盘后重试。",
        "The disk is full; nothing was written. Make room and try again.",
    )


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk a folder lies on."""
    return shutil.disk_usage(folder).free


class SpaceWatch:
    """Says whether there is room to write; looks at the disk at most every few seconds.

    A full disk is worse than a closed office: SQLite then cannot even shrink its write-ahead log.

    Args:
        least: Bytes that must stay free; 0 watches nothing.
        free: Where the number comes from; tests give their own.
    """

    def __init__(
        self,
        folder: Path,
        least: int,
        free: Callable[[Path], int] = free_bytes,
        look_every: float = _LOOK_EVERY,
    ) -> None:
        self._folder, self._least, self._free, self._every = folder, least, free, look_every
        self._looked, self._found = float("-inf"), 0

    @property
    def free(self) -> int:
        """Free bytes as last seen."""
        if time.monotonic() - self._looked >= self._every:
            self._looked, self._found = time.monotonic(), self._free(self._folder)
        return self._found

    @property
    def short(self) -> bool:
        """Whether writing has stopped."""
        return self._least > 0 and self.free < self._least

    def check(self) -> None:
        """Refuse to write when there is too little room.

        Raises:
            OutOfSpace: with what is needed and what is left.
        """
        if self.short:
            need, left = self._least // 2**20, self.free // 2**20
            raise OutOfSpace(
                f"磁盘剩余空间{left} MB，低于{need} MB，平台暂停办理，只供查阅。已办事项不受影响；请系统管理员清理磁盘。",
                f"Expected {need} MB of free space, found {left} MB; nothing is written until there is room.",
                free_bytes=self.free,
            )
