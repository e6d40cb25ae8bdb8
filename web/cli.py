"""The `shixian` command with everything that needs the web."""

import dataclasses
import sys

import click

from engine.app import Engine
from engine.cli import cli
from engine.clock import FixedClock
from engine.demo import DEMO_PASSWORD, bulk, play, seed
from engine.demo.cases import BEGIN
from engine.demo.seed import deploy
from engine.storage.database import DatabaseUnusable
from web.bench import bench
from web.config import Settings, from_environment
from web.server import serve

_SIGN_INS = (
    ("mzt.jb", "省民政厅经办人：提出申请、答复他部门的申请"),
    ("mzt.fz", "省民政厅负责人：审核申请、签发答复"),
    ("gat.jb", "省公安厅经办人：接收、检查、拟定答复、开通"),
    ("gat.fz", "省公安厅负责人：签发答复"),
    ("ysj.jb", "省营商环境建设局经办人：督办、重新指派"),
    ("audit", "审计人员：查看全部事项，不能办理"),
    ("designer", "流程设计人员：流程设计、演练、提请发布"),
    ("designer2", "流程设计人员：核对并发布改变法定期限的模型"),
    ("admin", "系统管理员：放假文件、异常、流程版本；另有 admin2 复核放假文件"),
)


cli.add_command(bench)


@cli.command("serve")
@click.option("--rehearsal", is_flag=True, help="演练模式：时钟可以调整，使用单独的数据库。")
def serve_command(rehearsal: bool) -> None:
    """Serve pages and API, with the sweep in the same process."""
    settings = _settings(rehearsal)
    engine = _open(settings)
    deploy(engine)
    _announce(settings)
    serve(settings, engine)


@cli.command("demo")
@click.option("--cases", default=0, help="另造若干件已办结的案件，供统计演练。")
def demo_command(cases: int) -> None:
    """Make the demonstration database, once: departments, people, catalogue, sixty cases, and finished ones in bulk."""
    settings = _settings(rehearsal=True)
    if settings.database_url:
        _demo_on_server(settings, cases)
        return
    if settings.file.exists():
        click.echo(f"演示数据已存在：{settings.file.name}")
        return
    making = settings.file.with_name("making.db")
    for leftover in settings.data.glob("making.db*"):
        leftover.unlink()
    settings.data.mkdir(parents=True, exist_ok=True)
    _make_demo(
        Engine(
            making,
            settings.notices,
            clock=FixedClock(bulk.beginning() if cases else BEGIN),
            rehearsal=True,
            durable=False,
            algorithm=settings.algorithm,
        ),
        cases,
    )
    # Renamed only when complete: an interrupted run leaves nothing that looks like a database.
    for part in settings.data.glob("making.db*"):
        if part.suffix == ".lock":
            part.unlink()
    making.rename(settings.file)


def _demo_on_server(settings: Settings, cases: int) -> None:
    clock = FixedClock(bulk.beginning() if cases else BEGIN)
    engine = Engine(settings.database, settings.notices, clock=clock, rehearsal=True, durable=False)
    if engine.queries.has_people():
        engine.close()
        click.echo("数据库中已有数据，未生成演示数据。如上次生成中断，请删除该数据库后重建。")
        return
    _make_demo(engine, cases)


def _make_demo(engine: Engine, cases: int) -> None:
    click.echo("正在生成演示数据（约一分钟）……")
    try:
        if cases:
            _make_bulk(engine, cases)
        else:
            seed(engine)
            play(engine)
    finally:
        engine.close()
    click.echo("演示数据已生成。")


def _make_bulk(engine: Engine, cases: int) -> None:
    bulk.begin(engine)
    for done in bulk.copy_cases(engine, cases):
        if done % 10_000 == 0 or done == cases:
            click.echo(f"已造案件{done}件。")
    click.echo("正在汇总统计……")
    while not engine.statistics.catch_up(10):
        pass


@cli.command("statistics")
@click.argument("act", type=click.Choice(["rebuild"]))
def statistics_command(act: str) -> None:
    """Make the facts of finished cases anew from their histories."""
    engine = _open(_settings(rehearsal=False))
    try:
        click.echo(f"已由办理记录重新汇总，共{engine.statistics.rebuild()}件。")
    finally:
        engine.close()


def main() -> None:
    """Run the command; a refusal is a sentence, not a trace."""
    try:
        cli()
    except (DatabaseUnusable, ValueError) as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)


def _settings(rehearsal: bool) -> Settings:
    settings = from_environment()
    return dataclasses.replace(settings, rehearsal=True) if rehearsal else settings


def _open(settings: Settings) -> Engine:
    if not settings.database_url:
        settings.data.mkdir(parents=True, exist_ok=True)
    return Engine(
        settings.database,
        settings.notices,
        rehearsal=settings.rehearsal,
        least_free=settings.least_free_mb * 2**20,
        smtp=settings.smtp,
        base_url=settings.base_url,
        algorithm=settings.algorithm,
        scan=settings.scan,
    )


def _announce(settings: Settings) -> None:
    click.echo(f"时限已启动：http://{settings.host}:{settings.port}")
    if settings.rehearsal:
        click.echo(f"演练模式。演示账号（密码均为 {DEMO_PASSWORD}）：")
        for username, what in _SIGN_INS:
            click.echo(f"  {username:8} {what}")
        click.echo("按 Ctrl+C 停止。")
