"""The procedures under the national regulation 809, published beside those of the draft."""

from engine import commands as c
from engine.demo.cases import Desk
from engine.process_files import definition_files, profile_templates

FOLDERS = {one.folder.name: one.folder for one in profile_templates()["reg809"]}


def publish(desk: Desk, *process_ids: str) -> None:
    """Publish the versions of procedures under 809; in force since 2025-08-01."""
    for process_id in process_ids:
        files = definition_files(FOLDERS[process_id])
        desk.engine.handle(c.DeployDefinition(actor=None, files=files))
