"""People at their desks who use the product over HTTP, try again when a connection is lost, and keep a log.

Each answer is written to the log, with fsync, before the client goes on: what the log says was acknowledged.
"""

import hashlib
import hmac
import http.client
import os
import random
import threading
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
from sqlalchemy import select

from engine.app import Engine
from engine.demo.answers import application, reply
from engine.demo.cases import PROCESS
from engine.demo.seed import DEMO_PASSWORD
from engine.handlers.governments import GOVERNMENT
from engine.handlers.resources import resource
from engine.periods import beijing_day
from engine.storage.tables import catalogue_entry, organisation, user, user_role
from tests.conftest import START
from web.csrf import masked
from web.security import COOKIE

CLIENTS = 6
SPAN = 24 * 150  # hours that the clock goes on at most; beyond 2026 nothing expires
PDF = b"%PDF-1.4 evidence of case "
_TRY_AGAIN = threading.Event()


class Stopped(Exception):
    """The load ends while an answer was awaited; whether the command was carried out is not known."""


class Abandoned(Exception):
    """The product refused, or a limit changed the case: this story ends here."""


class Log:
    """What was answered, durable before anybody goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._grown = threading.Condition()
        self.path, self.count, self.kinds = path, 0, Counter[str]()

    def write(self, **entry: Any) -> None:
        with self._grown:
            self._file.write(orjson.dumps(entry) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.count += 1
            self.kinds[f"{entry['act']} {entry['status']}"] += 1
            self._grown.notify_all()

    def wait_for(self, more: int, stop: threading.Event | None = None) -> bool:
        """Wait until so many more answers are in; False if none came for two minutes, or at the stop."""
        with self._grown:
            until = self.count + more
            return self._grown.wait_for(
                lambda: self.count >= until or (stop is not None and stop.is_set()), 120
            )

    def wake(self) -> None:
        with self._grown:
            self._grown.notify_all()

    def close(self) -> None:
        self._file.close()

    def entries(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.path.read_bytes().splitlines()]


class Office:
    """Who works where, and what can be applied for; read while no product runs."""

    def __init__(self, engine: Engine) -> None:
        with engine.database.reading() as conn:
            people = select(user_role.c.organisation_key, user_role.c.role, user.c.username)
            joined = people.join(user, user.c.key == user_role.c.user_key).order_by(user.c.key.desc())
            self.people = {(org, role): name for org, role, name in conn.execute(joined)}
            orgs = select(organisation.c.key).where(
                ~organisation.c.managing, organisation.c.kind != GOVERNMENT
            )
            self.orgs = list(conn.execute(orgs.order_by(organisation.c.key)).scalars())
            shared = catalogue_entry.c.sharing_type == "conditional"
            keys = conn.execute(select(catalogue_entry.c.key).where(shared).order_by(catalogue_entry.c.key))
            self.entries = [resource(conn, key) for key in keys.scalars()]


class Load:
    """Several clients, each with one case at a time, on one or more ports of the product.

    Args:
        hours: How far the rehearsal clock is moved at a time, on average.
    """

    def __init__(self, office: Office, ports: list[int], log: Log, seed: int, hours: float) -> None:
        self.office, self.ports, self.log, self.seed = office, ports, log, seed
        self.faults: list[str] = []
        self._stop = threading.Event()
        self._tokens: dict[str, str] = {}
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(CLIENTS)]
        self._threads.append(threading.Thread(target=self._move_clock, args=(hours,)))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let nobody begin anything more; what is asked is not waited for."""
        self._stop.set()
        self.log.wake()
        for thread in self._threads:
            thread.join()

    def _move_clock(self, hours: float) -> None:
        """Move the rehearsal clock after every few answers, and have what became due on the way carried out."""
        chance, end = random.Random(self.seed), START + timedelta(hours=SPAN)
        while not self._stop.is_set():
            self.log.wait_for(chance.randint(1, 6), self._stop)
            try:
                _, answer = self.ask("audit", "GET", "/v2/clock")
                at = datetime.fromisoformat(answer["now"]) + timedelta(hours=chance.uniform(0, 2 * hours))
                stamp = {"timestamp": int(min(at, end).timestamp() * 1000)}
                status, _ = self.ask("audit", "PUT", "/v2/clock", json=stamp)
            except Stopped:
                return
            if status not in (204, 422):  # 422: another process has moved it further
                self.faults.append(f"clock {status}")

    # One request

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        json: Any = None,
        id_: str = "",
        form: dict[str, str] | None = None,
        file: bytes = b"",
    ) -> tuple[int, Any]:
        """Send a request until it is answered, with the same id each time; return status and content.

        Raises:
            Stopped: the load ended first.
        """
        while not self._stop.is_set():
            try:
                status, content = self._once(who, method, path, json, id_, form, file)
            except (OSError, http.client.HTTPException):
                pass  # killed, or not up yet
            else:
                if status >= 500 and status != 503:
                    self.faults.append(f"{method} {path}: {status} {content!r}"[:500])
                if status != 503:
                    return status, content
            _TRY_AGAIN.wait(0.02)
        raise Stopped

    def _once(
        self, who: str, method: str, path: str, json: Any, id_: str, form: dict[str, str] | None, file: bytes
    ) -> tuple[int, Any]:
        headers, body = {"Idempotency-Key": id_} if id_ else {}, b""
        if who and form is None:
            headers["Authorization"] = f"Bearer {self._token(who)}"
        if json is not None:
            body, headers["Content-Type"] = orjson.dumps(json), "application/json"
        elif form is not None:
            token = self._token(who)
            csrf = masked(hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest())
            body = urlencode({"csrf": csrf, **form}).encode()
            headers |= {"Cookie": f"{COOKIE}={token}", "Content-Type": "application/x-www-form-urlencoded"}
        elif file:
            body = (
                b'--edge\r\nContent-Disposition: form-data; name="files"; filename="evidence.pdf"\r\n\r\n'
                + file
                + b"\r\n--edge--\r\n"
            )
            headers["Content-Type"] = "multipart/form-data; boundary=edge"
        connection = http.client.HTTPConnection("127.0.0.1", random.choice(self.ports), timeout=120)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if "json" in (response.getheader("Content-Type") or ""):
            return response.status, orjson.loads(content)
        return response.status, {}

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            given = {"username": who, "password": DEMO_PASSWORD}
            status, answer = self._once("", "POST", "/v2/token", given, "", None, b"")
            if status != 200:
                raise ConnectionError(f"no token: {status}")
            self._tokens[who] = answer["access_token"]
        return self._tokens[who]

    # One case

    def _run(self, n: int) -> None:
        chance = random.Random(self.seed * 1000 + n)
        while not self._stop.is_set():
            try:
                self._case(chance)
            except Abandoned:
                pass
            except Stopped:
                return
            except Exception as fault:  # said by the test; in a thread it would be lost
                self.faults.append(repr(fault)[:500])
                return

    def act(self, name: str, who: str, method: str, path: str, twice: bool = False, **what: Any) -> Any:
        """Carry out a command under an id of its own, and write down the answer.

        Args:
            twice: Whether it is sent by a second connection at the same time, as by a double click. Each of the two
                is judged by the instant at which it is read, so one may be refused where the other was in time:
                then the command was carried out, and that is the answer.
        """
        id_ = f"{name}-{uuid4().hex}"
        answers: list[tuple[int, Any]] = []
        second = threading.Thread(target=self._answer_into, args=(answers, who, method, path, id_, what))
        if twice:
            second.start()
        try:
            status, answer = self.ask(who, method, path, id_=id_, **what)
        finally:
            if twice:
                second.join()
        if status >= 400 and twice:
            if not answers:
                raise Stopped
            status, answer = min((status, answer), answers[0], key=lambda one: one[0])
        self.log.write(id=id_, act=name, status=status, path=path, answer=answer)
        if status >= 400:
            raise Abandoned
        return answer

    def _answer_into(
        self, answers: list[tuple[int, Any]], who: str, method: str, path: str, id_: str, what: dict[str, Any]
    ) -> None:
        try:
            answers.append(self.ask(who, method, path, id_=id_, **what))
        except Stopped:
            pass

    def _case(self, chance: random.Random) -> None:
        entry = chance.choice(self.office.entries)
        using = chance.choice([org for org in self.office.orgs if str(org) != entry["provider"]])
        handler = self.office.people[using, "handler"]
        start = {"processDefinitionId": PROCESS, "variables": {"resourceKey": entry["key"]}}
        twice = chance.random() < 0.3
        started = self.act("start", handler, "POST", "/v2/process-instances", twice, json=start)
        case, task = started["processInstanceKey"], started["variables"]["userTaskKey"]
        today = self._today()
        values = application(entry, today, chance.randrange(60))
        draft = {"title": values["title"], "purpose": values["purpose"]}
        status, _ = self.ask(handler, "POST", f"/tasks/{task}/draft", form=draft)
        self.log.write(act="draft", status=status, task=task, title=values["title"])
        if chance.random() < 0.5:
            stored = self.act(
                "attach", handler, "POST", f"/v2/user-tasks/{task}/attachments", file=PDF + case.encode()
            )
            values["attachments"] = stored["attachments"]
        self._complete(handler, task, values, chance)
        self._do(case, "T12-02", {"decision": "agree"}, chance)
        if chance.random() < 0.4:
            return  # the provider does nothing: a reminder, then the expiry
        self._do(case, "T12-04", {"check_result": "accept"}, chance)
        decision = chance.choice(("agree", "refuse"))
        self._do(case, "T12-07", reply(values, self._today(), decision), chance)
        self._do(case, "T12-08", {"decision": "sign"}, chance)
        if decision == "refuse":
            self._do(case, "T12-13", {"decision": "accept"}, chance)
        else:
            provided = {"access_info": "已在共享平台发布服务接口，按平台接入规范调用。"}
            self._do(case, "T12-09", {**provided, "items_provided": values["data_items"]}, chance)

    def _do(self, case: str, element: str, values: dict[str, Any], chance: random.Random) -> None:
        where = {"processInstanceKey": case, "elementId": element, "state": "CREATED"}
        _, found = self.ask("audit", "POST", "/v2/user-tasks/search", json={"filter": where})
        if not found["items"]:
            raise Abandoned
        task = found["items"][0]
        org, _, role = task["candidateGroups"][0].partition(".")
        who = self.office.people[int(org), role]
        if chance.random() < 0.5:
            path = f"/v2/user-tasks/{task['userTaskKey']}/assignment"
            self.act("claim", who, "POST", path, json={"assignee": who})
        self._complete(who, task["userTaskKey"], values, chance)

    def _complete(self, who: str, task: str, values: dict[str, Any], chance: random.Random) -> None:
        path, twice = f"/v2/user-tasks/{task}/completion", chance.random() < 0.3
        self.act("complete", who, "POST", path, twice, json={"variables": values})

    def _today(self) -> date:
        _, answer = self.ask("audit", "GET", "/v2/clock")
        return beijing_day(datetime.fromisoformat(answer["now"]))
