"""One process: the web server in front, the sweep beside it."""

import logging
import signal
import sys
import threading
from types import FrameType
from typing import Any

import waitress
from waitress.task import ThreadedTaskDispatcher

from engine.app import Engine
from engine.documents import unpack_fonts
from engine.workbench.scratch import remove_left
from web import create_app
from web.config import Settings
from web.live import MOST
from web.scheduler import start_bell

THREADS = 8
SWITCH = 0.0005
"""Seconds after which a thread that wants the interpreter gets it. Each statement gives it away for a moment, and
with Python's own 5 ms a request of twenty statements waits for every other one twenty times."""
OPTIONS = {
    "threads": THREADS,
    # Silent sockets cost a descriptor each and no thread; poll has no limit of 1,024 of them, select has.
    "connection_limit": 2000,
    "asyncore_use_poll": True,
    "channel_timeout": 60,
    "ident": None,
}


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Gives each page that listens for events a thread of its own, so that they take none from the others.

    Such a thread sleeps nearly always. A few more than may listen get one, to be told so at once; whatever comes
    beyond them waits its turn among the others.
    """

    def __init__(self, threads: int = THREADS, most: int = MOST + 50) -> None:
        super().__init__()
        self._listening = threading.BoundedSemaphore(most)
        self._pages: set[threading.Thread] = set()
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """Take a channel with a request to answer."""
        first = task.requests[0] if getattr(task, "requests", None) else None
        if (
            first is None
            or getattr(first, "path", "") != "/live"
            or not self._listening.acquire(blocking=False)
        ):
            super().add_task(task)
            return
        page = threading.Thread(target=self._serve, args=(task,), name="listening", daemon=True)
        self._pages.add(page)
        page.start()

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> Any:
        """Let the pages that listen finish before the sockets are closed, then the others."""
        for page in list(self._pages):
            page.join(timeout)
        return super().shutdown(cancel_pending, timeout)

    def _serve(self, task: Any) -> None:
        try:
            task.service()
        except OSError:
            pass  # the browser went away, or the server did
        except Exception:
            self.logger.exception("Exception when servicing %r", task)
        finally:
            self._pages.discard(threading.current_thread())
            self._listening.release()


def serve(settings: Settings, engine: Engine) -> None:
    """Serve until told to stop; what is being written is finished first."""
    # A request that waits for a thread is no news: under load there would be a line for each.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH)
    remove_left()
    app = create_app(settings, engine)
    bell = start_bell(engine)
    threading.Thread(target=unpack_fonts, daemon=True).start()

    def stop(signum: int, frame: FrameType | None) -> None:
        engine.live.stop()  # or the pages that listen would write to sockets that are closed already
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    try:
        waitress.serve(
            app,
            host=settings.host,
            port=settings.port,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            _dispatcher=Dispatcher(),
            **OPTIONS,
            # Waitress would take away what our proxies say before ProxyFix reads it.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
        )
    finally:
        bell.shutdown(wait=True)
        engine.close()
