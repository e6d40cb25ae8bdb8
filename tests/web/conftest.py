"""The pages without a socket, and a real server for clients that need one."""

import base64
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from engine.app import Engine
from engine.demo.seed import DEMO_PASSWORD
from web import create_app
from web.config import Settings


@pytest.fixture
def app(engine: Engine) -> Flask:
    app = create_app(Settings(rehearsal=True), engine)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


class Browser:
    """A test client that signs in and sends the CSRF token of the page it saw last."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.csrf = ""

    def get(self, path: str) -> Any:
        response = self.client.get(path)
        if found := re.search(r'name="csrf" value="([^"]+)"', response.data.decode(errors="replace")):
            self.csrf = found[1]
        return response

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **(data or {})})

    def sign_in(self, username: str) -> "Browser":
        self.get("/sign-in")
        assert self.post("/sign-in", {"username": username, "password": DEMO_PASSWORD}).status_code == 302
        self.get("/")
        return self


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    return lambda username: Browser(app.test_client()).sign_in(username)


@pytest.fixture
def call(app: Any) -> Callable[..., Any]:
    def call(method: str, path: str, username: str = "gat.jb", **kwargs: Any) -> Any:
        basic = base64.b64encode(f"{username}:{DEMO_PASSWORD}".encode()).decode()
        return app.test_client().open(
            path, method=method, headers={"Authorization": f"Basic {basic}"}, **kwargs
        )

    return call


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve on a free loopback port; yields the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address
