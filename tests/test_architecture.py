"""Dependence points inward: web → handlers and queries → pure core."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = set(
    "errors clock calendar periods strips deadlines deadline_terms explanation ask expressions commands events chinese_dates"
    " people keys forms elements watch catalogue verbs speech english_dates".split()
)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def uses(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in imports(path))


@pytest.mark.parametrize("path", modules("engine"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_knows_no_flask_and_no_web(path: Path) -> None:
    assert not uses(path, "flask")
    assert not uses(path, "web")


def test_only_the_runner_imports_spiffworkflow() -> None:
    importers = [p for p in modules("engine") + modules("web") if uses(p, "SpiffWorkflow")]
    assert {p.parent for p in importers} == {ROOT / "engine/runner"}


def test_apscheduler_is_only_the_bell() -> None:
    assert [p.name for p in modules("engine") + modules("web") if uses(p, "apscheduler")] == ["scheduler.py"]


@pytest.mark.parametrize("path", modules("web"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_web_knows_no_sql(path: Path) -> None:
    if path.parent.name == "bench":
        return  # it measures the raw database beside the product, and fills databases by the million
    assert not uses(path, "sqlalchemy")
    assert not uses(path, "engine.storage") or path.name == "cli.py"


@pytest.mark.parametrize("path", modules("engine"), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_pure_core_imports_no_framework_and_nothing_outside_itself(path: Path) -> None:
    part = path.relative_to(ROOT / "engine").parts[0].removesuffix(".py")
    if part not in PURE:
        return
    assert not uses(path, "sqlalchemy")
    inner = {name.split(".")[1] for name in imports(path) if name.startswith("engine.")}
    assert inner <= PURE


CHECKING = "algorithm archive breaks case_file case_file_check chain excerpt export merkle recount tree verify".split()


@pytest.mark.parametrize("name", CHECKING)
def test_what_checks_a_history_knows_no_database(name: str) -> None:
    """An outsider runs it on a machine of their own."""
    path = ROOT / "engine" / "history" / f"{name}.py"
    assert not uses(path, "sqlalchemy")
    inner = {found for found in imports(path) if found.startswith("engine.")}
    outside = inner - {f"engine.history.{part}" for part in CHECKING} - {"engine.history"}
    assert {found.split(".")[1] for found in outside} <= PURE


@pytest.mark.parametrize("path", [*modules("engine/queries")], ids=lambda p: p.name)
def test_queries_write_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "insert(" not in text and "update(" not in text and "delete(" not in text


def test_nothing_below_the_engine_commits() -> None:
    committing = [p.name for p in modules("engine") if "COMMIT" in p.read_text(encoding="utf-8")]
    assert committing == ["postgresql.py", "sqlite.py"]


def test_lock_files_name_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "web/frontend/package-lock.json"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert not [
            line for line in lines if "resolved" in line or "index-url" in line or "find-links" in line
        ]
