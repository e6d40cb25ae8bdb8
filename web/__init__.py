"""The pages and the API: `create_app` is the only place where things are built."""

from contextlib import ExitStack
from typing import Any

from flask import Flask, g, url_for
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.app import Engine
from engine.ask import why
from engine.explanation import day_reason
from engine.queries import incidents as incident_queries
from engine.queries import seals as seal_queries
from engine.queries import statistics as statistics_queries
from engine.queries import versions as version_queries
from web import (
    account,
    api,
    assets,
    audit,
    bulk,
    calendar,
    cases,
    catalogue,
    deadlines,
    department,
    designer,
    errors,
    grants,
    health,
    inbox,
    incidents,
    labels,
    language,
    leaving,
    live,
    notice_settings,
    pages,
    reads,
    records,
    seals,
    security,
    starts,
    substitutes,
    task_parts,
    tasks,
    verbs,
    verification,
    versions,
)
from web.config import Settings
from web.csrf import masked
from web.forms import TABLE_ROWS, beginning, choice_label, place, simple_condition, within
from web.inbox_groups import groups_in_order
from web.keys import KeyConverter
from web.layout import layout
from web.shortcuts import FORM_KEYS, SHORTCUTS

MAX_REQUEST = 220 * 1024 * 1024
# A catalogue update names several entries, each with some hundred data items of four cells.
MAX_FORM_PARTS, MAX_FORM_TEXT = 20_000, 8 * 1024 * 1024


def create_app(settings: Settings, engine: Engine) -> Flask:
    """Build the application around an engine."""
    app = Flask(__name__)
    app.extensions["engine"] = engine
    if settings.trusted_proxies:
        # Behind a proxy everybody has its address: thirty wrong codes of one visitor would lock out all.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0
        )
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_TEXT
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.config["COMPRESS_STREAMS"] = False  # files are compressed when they are built
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.converters["int"] = KeyConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    modules = (
        pages,
        notice_settings,
        health,
        account,
        inbox,
        tasks,
        task_parts,
        verbs,
        bulk,
        records,
        cases,
        incidents,
        deadlines,
        calendar,
        catalogue,
        grants,
        starts,
        seals,
        versions,
        designer,
        audit,
        verification,
        substitutes,
        leaving,
        department,
        language,
        live,
        api,
    )
    for module in modules:
        app.register_blueprint(module.bp)
    _serve_people_first(app, engine)
    assets.serve(app)
    language.register(app)
    Compress(app)
    security.guard(app, engine, settings.secure_cookies)
    errors.register(app)
    reads.watch(app, engine)
    for name in (
        "chip_text",
        "day_zh",
        "day_week",
        "on_zh",
        "week",
        "month_name",
        "span_zh",
        "day_end",
        "end_zh",
        "instant_zh",
        "instant_short",
        "clock_zh",
        "clock_minute",
        "feast",
        "groups",
    ):
        app.jinja_env.filters[name] = getattr(labels, name)
    app.jinja_env.filters["groups_in_order"] = groups_in_order
    app.jinja_env.filters["said"] = language.said
    app.jinja_env.filters["day_reason"] = day_reason
    app.jinja_env.filters["day_why"] = why

    @app.context_processor
    def _common() -> dict[str, Any]:
        actor = getattr(g, "actor", None)
        return {
            "actor": actor,
            "csrf": masked(g.csrf) if "csrf" in g else "",
            "L": labels,
            "layout": layout(),
            "shortcuts": SHORTCUTS,
            "form_keys": FORM_KEYS,
            "rehearsal": engine.rehearsal,
            "read_only": engine.space.short,
            "halted": engine.halted,
            "may_confirm_clock": actor is not None and actor.holds("admin"),
            "now": engine.clock.now(),
            "sees_seals": bool(actor) and engine.queries.search(seal_queries.may_see, actor),
            "designs": actor is not None and actor.holds("designer"),
            "sees_statistics": bool(actor) and engine.queries.search(statistics_queries.may_see, actor),
            "audits": actor is not None and actor.holds("auditor"),
            "sees_versions": actor is not None and version_queries.may_see(actor),
            "open_incidents": engine.queries.search(incident_queries.count, actor) if actor else 0,
            "unread": engine.queries.unread(actor) if actor else 0,
            "script": lambda entry: url_for("static", filename=assets.script(entry)),
            "styles": lambda entry: [url_for("static", filename=name) for name in assets.styles(entry)],
            "simple_condition": simple_condition,
            "table_rows": TABLE_ROWS,
            "within": within,
            "place": place,
            "weekdays": labels.weekdays,
            "choice_label": choice_label,
            "beginning": beginning,
        }

    return app


def _serve_people_first(app: Flask, engine: Engine) -> None:
    """Count whoever waits for a page or an answer, so that the sweep lets them go first."""

    @app.before_request
    def _enter() -> None:
        g.being_served = ExitStack()
        g.being_served.enter_context(engine.people.served())

    @app.teardown_request
    def _leave(_: BaseException | None) -> None:
        if served := g.pop("being_served", None):
            served.close()
