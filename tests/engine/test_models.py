"""Models that designers work on: revisions, publishing, the second person."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.errors import InvalidDefinition, InvalidInput, NotAllowed, Refused, WrongState
from engine.handlers.models import ModelChanged
from engine.handlers.publication import SecondPersonNeeded
from engine.process_files import PROCESSES, definition_files
from engine.queries import models as queries
from engine.queries.models import ModelView
from engine.storage import tables as t
from engine.workbench.files import archived, from_upload, with_effective_from

LAW = definition_files(PROCESSES / "ln_art12_application")
CHOICE = definition_files(PROCESSES / "ln_art18_lead")
NOTES = "按新的规定调整。"


def person(engine: Engine, username: str) -> Any:
    return engine.accounts.actor_named(username)


@pytest.fixture
def designer(engine: Engine) -> Any:
    return person(engine, "designer")


@pytest.fixture
def second(engine: Engine) -> Any:
    return person(engine, "designer2")


def create(engine: Engine, actor: Any, files: dict[str, bytes], name: str = "试改") -> int:
    return int(engine.handle(c.CreateModel(actor=actor, name=name, files=files))["model_key"])


def view(engine: Engine, actor: Any, key: int) -> ModelView:
    found: ModelView = engine.queries.search(queries.model_view, actor, key)
    return found


def longer(files: dict[str, bytes]) -> dict[str, bytes]:
    """The application with a reply due in ten working days."""
    old = b'key="p12.reply_wd" value="5"'
    assert old in files["process.bpmn"]
    return files | {"process.bpmn": files["process.bpmn"].replace(old, b'key="p12.reply_wd" value="10"')}


def publish(engine: Engine, actor: Any, key: int, **more: Any) -> dict[str, Any]:
    said = {"effective_from": None, "notes": NOTES, "basis": "《政务数据共享条例》第二十一条"} | more
    revision = view(engine, actor, key).revision
    return engine.handle(c.PublishModel(actor=actor, model_key=key, revision=revision, **said))


def test_every_save_is_a_revision_and_any_of_them_comes_back(engine: Engine, designer: Any) -> None:
    key = create(engine, designer, LAW)
    form = {"forms/F12-A.json": b'{"id": "F12-A"}'}

    saved = engine.handle(c.SaveModel(actor=designer, model_key=key, base=1, files={**form}))
    again = engine.handle(c.SaveModel(actor=designer, model_key=key, base=2, files={**form}))
    engine.handle(c.RestoreRevision(actor=designer, model_key=key, revision=1))

    assert (saved["revision"], again["revision"]) == (2, 2)
    assert view(engine, designer, key).files == LAW
    lines = engine.queries.search(queries.revisions, designer, key)
    assert [(line.revision, line.changed) for line in lines] == [
        (3, ("forms/F12-A.json",)),
        (2, ("forms/F12-A.json",)),
        (1, tuple(sorted(LAW))),
    ]


def test_of_two_who_save_at_once_the_second_is_told_and_overwrites_nothing(
    engine: Engine, designer: Any, second: Any
) -> None:
    key = create(engine, designer, LAW)
    engine.handle(
        c.SaveModel(actor=designer, model_key=key, base=1, files={"documents/E-3.html": b"<p>a</p>"})
    )

    with pytest.raises(ModelChanged, match="第2次修订"):
        engine.handle(
            c.SaveModel(actor=second, model_key=key, base=1, files={"documents/E-3.html": b"<p>b</p>"})
        )

    assert view(engine, designer, key).files["documents/E-3.html"] == b"<p>a</p>"


def test_what_cannot_be_executed_may_be_saved_and_is_refused_only_at_publishing(
    engine: Engine, designer: Any
) -> None:
    key = create(engine, designer, {"process.bpmn": b"<not bpmn"})

    with pytest.raises(InvalidDefinition):
        publish(engine, designer, key)

    assert view(engine, designer, key).line.state == "editing"


def test_a_changed_statutory_setting_needs_a_basis_and_a_second_person(
    engine: Engine, designer: Any, second: Any
) -> None:
    key = create(engine, designer, longer(LAW))
    ask = c.RequestPublication(actor=designer, model_key=key, revision=1, effective_from=None, notes=NOTES)

    with pytest.raises(InvalidInput, match="依据"):
        publish(engine, designer, key, basis="")
    with pytest.raises(SecondPersonNeeded):
        publish(engine, designer, key)
    engine.handle(ask)
    answer = publish(engine, second, key, effective_from="2026-08-01")

    with engine.database.reading() as conn:
        row = conn.execute(
            select(t.process_definition).where(t.process_definition.c.key == int(answer["definition_key"]))
        ).one()
        told = (
            conn.execute(select(t.notice.c.user_key).where(t.notice.c.text.contains("提请发布模型")))
            .scalars()
            .all()
        )
    assert (row.version, str(row.effective_from), row.notes, row.basis) == (
        2,
        "2026-08-01",
        NOTES,
        "《政务数据共享条例》第二十一条",
    )
    assert told == [second.user_key]
    assert view(engine, designer, key).line.state == "published"


def test_a_save_after_the_request_makes_it_void(engine: Engine, designer: Any, second: Any) -> None:
    """What the second person looked at is what is published."""
    key = create(engine, designer, longer(LAW))
    engine.handle(
        c.RequestPublication(actor=designer, model_key=key, revision=1, effective_from=None, notes=NOTES)
    )
    engine.handle(c.SaveModel(actor=designer, model_key=key, base=1, files={"documents/E-3.html": None}))
    stale = c.PublishModel(
        actor=second, model_key=key, revision=1, effective_from=None, notes=NOTES, basis="第二十一条"
    )

    with pytest.raises(WrongState, match="第2次修订"):
        engine.handle(stale)

    assert view(engine, second, key).line.state == "editing"


def test_what_comes_back_says_why(engine: Engine, designer: Any, second: Any) -> None:
    key = create(engine, designer, longer(LAW))
    engine.handle(
        c.RequestPublication(actor=designer, model_key=key, revision=1, effective_from=None, notes=NOTES)
    )

    engine.handle(c.ReturnPublication(actor=second, model_key=key, reason="依据条款有误，请核对。"))

    found = view(engine, designer, key)
    assert (found.line.state, found.returned) == ("editing", "依据条款有误，请核对。")


def test_without_a_changed_statutory_setting_the_author_publishes(engine: Engine, designer: Any) -> None:
    renamed = CHOICE["process.bpmn"].replace('name="线索受理"'.encode(), 'name="线索登记受理"'.encode(), 1)
    assert renamed != CHOICE["process.bpmn"]
    key = create(engine, designer, CHOICE | {"process.bpmn": renamed})

    assert publish(engine, designer, key, basis="")["version"] == 2


def test_the_content_in_force_is_not_published_again_and_an_older_one_is(
    engine: Engine, designer: Any, second: Any
) -> None:
    """Rolling back is publishing an older content anew (R-V1): the version between stays in the history."""
    with engine.database.reading() as conn:
        d = t.process_definition.c
        first = conn.execute(select(d.key).where(d.process_id == "ln_art12_application")).scalar_one()
    since = {"effective_from": "2019-11-10"}
    with pytest.raises(WrongState, match="没有需要发布的修改"):
        publish(engine, designer, create(engine, designer, LAW), **since)
    publish(engine, second, create(engine, designer, longer(LAW)), **since)

    answer = engine.handle(c.CreateModel(actor=designer, name="恢复原期限", definition_key=first))
    back = publish(engine, second, int(answer["model_key"]), **since)

    assert back["version"] == 3
    with engine.database.reading() as conn:
        rows = conn.execute(
            select(d.sha256).where(d.process_id == "ln_art12_application").order_by(d.version)
        )
        hashes = rows.scalars().all()
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_program_cannot_publish_a_changed_statutory_setting_past_the_second_person(
    engine: Engine, designer: Any
) -> None:
    with pytest.raises(SecondPersonNeeded):
        engine.handle(c.DeployDefinition(actor=designer, files=longer(LAW)))


@pytest.mark.parametrize("username", ["admin", "audit", "mzt.jb", "ysj.fz"])
def test_only_designers_touch_models(engine: Engine, designer: Any, username: str) -> None:
    key, other = create(engine, designer, LAW), person(engine, username)
    acts: list[c.Command] = [
        c.CreateModel(actor=other, name="试改", files=LAW),
        c.SaveModel(actor=other, model_key=key, base=1, files={"process.bpmn": b""}),
        c.RestoreRevision(actor=other, model_key=key, revision=1),
        c.DiscardModel(actor=other, model_key=key),
        c.RequestPublication(actor=other, model_key=key, revision=1, effective_from=None, notes=NOTES),
        c.PublishModel(actor=other, model_key=key, revision=1, effective_from=None, notes=NOTES),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            engine.handle(act)
    with pytest.raises(NotAllowed):
        view(engine, other, key)


@pytest.mark.parametrize(
    "path",
    ["../process.bpmn", "forms/../../x.json", "/etc/passwd", "forms/a/b.json", "script.py", "forms\\x.json"],
)
def test_a_model_has_no_files_elsewhere(engine: Engine, designer: Any, path: str) -> None:
    key = create(engine, designer, LAW)
    with pytest.raises(InvalidInput, match="不能作为模型的一部分"):
        engine.handle(c.SaveModel(actor=designer, model_key=key, base=1, files={path: b"x"}))


def test_an_export_comes_back_as_it_was() -> None:
    assert from_upload("model.zip", archived(LAW)) == LAW


def test_a_file_in_another_encoding_is_kept_in_utf_8() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><definitions name="共享"/>'

    [kept] = from_upload("a.bpmn", text.encode("utf-16")).values()

    assert kept.decode() == text.replace("UTF-16", "UTF-8")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.zip", b"PK\x03\x04 broken"),
        ("a.bpmn", b"\xff\xfe\x00"),
        ("a.bpmn", b"<a>" + b" " * 3_000_000),
    ],
    ids=["kind", "broken", "encoding", "size"],
)
def test_an_upload_that_is_no_model_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Refused):
        from_upload(name, content)


def test_the_day_of_force_is_written_into_the_model_and_nothing_else_changes() -> None:
    xml = LAW["process.bpmn"]

    dated = with_effective_from(xml, "2026-08-01")

    assert b'shixian:effectiveFrom="2026-08-01"' in dated
    assert with_effective_from(dated, "2026-08-01") == dated
    assert with_effective_from(xml, "2019-11-10") == xml
    assert b"effectiveFrom" not in with_effective_from(xml, None)


def test_a_comment_in_a_file_that_is_written_back_stays() -> None:
    xml = LAW["process.bpmn"].replace(b"<bpmn:process ", b"<!-- kept --><bpmn:process ", 1)

    assert b"<!-- kept -->" in with_effective_from(xml, "2026-08-01")


def test_bringing_a_waiting_change_of_the_law_forward_needs_a_second_person_too(
    engine: Engine, designer: Any, second: Any
) -> None:
    publish(engine, second, create(engine, designer, longer(LAW)), effective_from="2099-01-01")
    early = create(engine, designer, longer(LAW))

    with pytest.raises(SecondPersonNeeded):
        publish(engine, designer, early)
    with pytest.raises(SecondPersonNeeded):
        engine.handle(c.DeployDefinition(actor=designer, files=with_day(longer(LAW), None)))

    publish(engine, second, early)


def with_day(files: dict[str, bytes], day: str | None) -> dict[str, bytes]:
    return files | {"process.bpmn": with_effective_from(files["process.bpmn"], day)}


def test_a_model_that_grows_beyond_bounds_by_savings_is_refused(engine: Engine, designer: Any) -> None:
    key = create(engine, designer, CHOICE)
    many: dict[str, bytes | None] = {f"documents/X-{n}.html": b"<p></p>" for n in range(300)}
    large: dict[str, bytes | None] = {f"documents/X-{n}.html": b"%d" % n + b" " * 1_900_000 for n in range(6)}

    with pytest.raises(InvalidInput, match="不得超过300个文件"):
        engine.handle(c.SaveModel(actor=designer, model_key=key, base=1, files=many))
    engine.handle(c.SaveModel(actor=designer, model_key=key, base=1, files=large))
    with pytest.raises(InvalidInput, match="20 MB"):
        more = {path.replace("X", "Y"): content for path, content in large.items()}
        engine.handle(c.SaveModel(actor=designer, model_key=key, base=2, files=more))
