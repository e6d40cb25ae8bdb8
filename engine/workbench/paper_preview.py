"""A document's template tried with stand-ins, by the renderer that issues documents, in a process of its own.

A template is a program. In a process of its own, with bounds of time and space, one that never ends stops nobody else.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import TemplateSyntaxError

from engine.documents import render
from engine.errors import InvalidDefinition
from engine.process_files import PROCESS, with_common
from engine.workbench.paper_sample import sample
from engine.workbench.stand_in import StandInOrFault

SECONDS = 10
CPU_SECONDS = 5
MEMORY = 1024 * 1024 * 1024
MAX_HTML = 2_000_000


@dataclass(frozen=True)
class Tried:
    """The HTML of a document, or what is wrong with its template.

    Attributes:
        template: The file the fault lies in: the template itself, or one it extends or includes.
        line: From 1; 0 where it is not known.
    """

    html: str = ""
    zh: str = ""
    en: str = ""
    template: str = ""
    line: int = 0

    @property
    def failed(self) -> bool:
        """Whether there is a fault."""
        return bool(self.zh)


def tried(files: Mapping[str, bytes], template: str) -> Tried:
    """Return what a template makes of stand-ins."""
    texts = {
        path: content.decode(errors="replace")
        for path, content in with_common({"documents/": b"", **files}).items()
        if path == PROCESS or path.startswith(("forms/", "documents/"))
    }
    command = [sys.executable, "-m", "engine.workbench.paper_preview"]
    asked = json.dumps({"files": texts, "template": template})
    try:
        answer = subprocess.run(command, input=asked.encode(), capture_output=True, timeout=SECONDS)
        return Tried(**json.loads(answer.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        return Tried(
            zh="模板运行超出了规定的时间或者内存，请检查循环。",
            en="The template took too much time or memory; look at its loops.",
            template=template,
        )


def _try(files: Mapping[str, bytes], template: str) -> Tried:
    templates = {
        path.removeprefix("documents/").removesuffix(".html"): content.decode()
        for path, content in files.items()
        if path.startswith("documents/") and path.endswith(".html")
    }
    try:
        html = render(templates, template, sample(files, template), StandInOrFault)
    except InvalidDefinition as refusal:
        return _fault(refusal.__cause__ or refusal, template)
    except (MemoryError, RecursionError):
        raise
    except Exception as fault:  # whatever a template can do to a stand-in
        return _fault(fault, template)
    if len(html) > MAX_HTML:
        return Tried(
            zh="文书过长，请检查循环。", en="The document is too long; look at its loops.", template=template
        )
    return Tried(html)


def _fault(fault: BaseException, template: str) -> Tried:
    where, line = template, 0
    if isinstance(fault, TemplateSyntaxError):
        where, line = (fault.name or template).removesuffix(".html"), fault.lineno
    else:
        for frame, number in walk_tb(fault.__traceback__):
            if (
                "__jinja_exception__" in frame.f_globals
            ):  # a frame of a template: its lines are the text's own
                where, line = Path(frame.f_code.co_filename).stem, number
    said = str(fault) or type(fault).__name__
    return Tried(zh=f"模板有误：{said}", en=f"The template is faulty: {said}", template=where, line=line)


def _bound() -> None:
    """Let this process neither run for long nor grow; where the system has no such bounds, time alone holds."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _main() -> None:
    asked: dict[str, Any] = json.load(sys.stdin)
    _bound()
    try:
        found = _try({path: text.encode() for path, text in asked["files"].items()}, asked["template"])
    except (MemoryError, RecursionError):
        return
    json.dump(found.__dict__, sys.stdout)


if __name__ == "__main__":
    _main()
