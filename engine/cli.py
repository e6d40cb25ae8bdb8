"""The `shixian` command; the web adds `serve` and `demo`."""

import click

from engine.calendar_cli import calendar
from engine.verify_cli import verify


@click.group()
def cli() -> None:
    """时限：政务信息资源共享办理平台。"""


cli.add_command(calendar)
cli.add_command(verify)
