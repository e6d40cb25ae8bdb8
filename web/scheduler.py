"""APScheduler rings, the sweep does the work; no deadline lives in here."""

import logging

from apscheduler.schedulers.background import BackgroundScheduler

from engine.app import Engine


def start_bell(engine: Engine, seconds: float = 1.0) -> BackgroundScheduler:
    """Sweep and carry out the post every second; what is still running is not rung again."""
    # It warns each time a ring finds the last one still at work, which is what is wanted.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    bell = BackgroundScheduler(timezone="UTC")
    bell.add_job(engine.sweep, "interval", seconds=seconds, max_instances=1, coalesce=True)
    bell.add_job(engine.postman.run, "interval", seconds=seconds, max_instances=1, coalesce=True)
    bell.start()
    return bell
