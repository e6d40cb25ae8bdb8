"""Finds a Chromium for the browser tests, or brings one: Debian's package as root, else Playwright's download."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).parents[2] / "web" / "frontend"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def installed() -> str | None:
    """Return the path of a Chromium on this machine."""
    if given := os.environ.get("SHIXIAN_CHROMIUM"):
        return given
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def downloaded() -> str | None:
    """Return the path of the Chromium that Playwright downloaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and os.path.exists(path) else None


def _bring() -> bool:
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        packages = ["chromium", "chromium-l10n", "fonts-noto-cjk"]
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        if (
            subprocess.run(
                command, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            ).returncode
            == 0
        ):
            return True
    return (
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode
        == 0
    )


if __name__ == "__main__":
    if not (installed() or downloaded()) and not (_bring() and (installed() or downloaded())):
        sys.exit(
            "Expected a Chromium for the browser tests, found none and could not bring one. Install the package "
            "chromium (Debian: apt-get install chromium fonts-noto-cjk), or name one in SHIXIAN_CHROMIUM."
        )
