"""The architecture: what house and code have agreed on, held by the suite."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver, get_resolver

from community.notifications import kinds

ROOT = settings.BASE_DIR
PACKAGES = ("community", "forums", "mentorship", "resources")
OURS = [config for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES]
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
CODE = [file for file in MODULES if "migrations" not in file.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# What an app is made of. Everything beside it is a module named for one process, which says in its docstring which.
ROOM = {"__init__", "apps", "models", "permissions", "forms", "views", "urls", "admin", "tasks", "seed", "bench"}
# Names under which things are put that nobody could find a place for.
NOWHERE = set(
    "base common constants core decorators exceptions helper helpers lib managers misc mixins receivers selectors service services "
    "signals tools types util utils".split()
)


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def tool(command: str, *arguments: str) -> None:
    """Run a development tool of this environment; its complaint is the test's."""
    program = Path(sys.executable).with_name(command)
    ran = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


# Imports and files ----------------------------------------------------------------------------------------------------


def test_imports_go_down_only():
    tool("lint-imports", "--no-cache")


def test_the_linters_find_nothing():
    tool("ruff", "check", "--quiet", "--output-format", "concise", ".", "run")
    tool("djlint", "--lint", "--quiet", "templates")


@pytest.mark.parametrize("config", OURS, ids=lambda config: config.label)
def test_every_app_opens_with_a_room_sign(config):
    sign = ast.get_docstring(tree(Path(config.path) / "__init__.py")) or ""
    assert len(sign.splitlines()) > 1
    assert "Start with" in sign, "the sign says where to start reading"
    if config.name != "community":
        assert "Stands on" in sign, "the sign says what the app stands on"


@pytest.mark.parametrize("config", OURS, ids=lambda config: config.label)
def test_an_app_has_the_files_of_a_room_and_modules_named_for_one_process(config):
    for file in Path(config.path).glob("*.py"):
        if file.stem not in ROOM and tree(file).body:
            assert ast.get_docstring(tree(file)), f"{name(file)}: say in a docstring which process this module is named for"


def test_nothing_is_put_where_nobody_would_look():
    assert [name(file) for file in MODULES if file.stem in NOWHERE or file.parent.name in NOWHERE] == []


def test_there_are_no_catch_alls():
    found = []
    for file in CODE:
        for handler in (node for node in ast.walk(tree(file)) if isinstance(node, ast.ExceptHandler)):
            caught = {part.id for part in ast.walk(handler.type) if isinstance(part, ast.Name)} if handler.type else {"Exception"}
            last = handler.body[-1]
            raised_again = isinstance(last, ast.Raise) and last.exc is None
            if "Exception" in caught or ("BaseException" in caught and not raised_again):
                found.append(f"{name(file)}:{handler.lineno}")
    assert found == []


# The environment and the machine --------------------------------------------------------------------------------------


def test_the_environment_is_read_in_the_settings_only():
    reads = re.compile(r"os\.environ\.get\(|os\.environ\[[^\]]+\](?! *=[^=])|os\.getenv\(|environb|\bEnv\(")
    found = []
    for file in CODE:
        if name(file) != "community/settings.py":
            found += [f"{name(file)}: {line.strip()}" for line in file.read_text().splitlines() if reads.search(line)]
    assert found == []


@cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [file for part in listed.stdout.split("\0") if part and (file := ROOT / part).is_file()]


def test_no_file_names_a_machine_or_a_package_index():
    home = r"/(?:home|Users)/(?!hearth\b)[a-z]\w*/"
    pattern = re.compile(
        "|".join(
            [
                home,
                r"/wor[k]/",
                r"/roo[t]/",
                r"--(?:extra-)?index-url",
                r"https?://(?!127\.0\.0\.1)[^\s\"']*(?:pypi|pythonhosted|/simple)",
            ]
        )
    )
    found = []
    for file in tracked():
        if file == Path(__file__).resolve() or file.suffix in {".png", ".ico", ".woff2", ".webp"}:
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name(file)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_what_runs_makes_is_not_tracked():
    assert [name(file) for file in tracked() if {".venv", ".hearth", "__pycache__"} & set(file.relative_to(ROOT).parts)] == []


# Models and migrations ------------------------------------------------------------------------------------------------

OUR_MODELS = [model for config in OURS for model in config.get_models()]


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_every_model_declares_what_it_holds_of_a_person(model):
    declared = getattr(model, "personal", None)
    assert isinstance(declared, dict), "say `personal = {field: erase | blank | keep}`, or `personal = {}`"
    assert set(declared.values()) <= {"erase", "blank", "keep"}
    assert set(declared) <= {field.name for field in model._meta.get_fields()}


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_whatever_points_at_a_member_is_declared(model):
    member = apps.get_model(settings.AUTH_USER_MODEL)
    fields = (field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey))
    pointing = {field.name for field in fields if field.related_model is member and not field.primary_key}
    assert pointing <= set(model.personal)


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_a_promise_of_the_database_says_in_its_name_what_it_promises(model):
    for constraint in model._meta.constraints:
        assert constraint.name.count("_") >= 2, f"{constraint.name} is no sentence"


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_has_a_name():
    for file in MODULES:
        if "migrations" in file.parts and file.stem != "__init__":
            assert re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", file.stem), name(file)
            assert "_auto_" not in file.stem, name(file)


# HTML -----------------------------------------------------------------------------------------------------------------


def test_safe_html_is_made_in_one_place():
    for file in CODE:
        if file.parent != ROOT / "community" / "text":
            words = file.read_text()
            assert "mark_safe" not in words, name(file)
            assert not re.search(r"\bSafe(?:String|Text)\(", words), name(file)
            assert "csrf_exempt" not in words, name(file)


# A drawing that allauth made, of letters that stand beside it.
DRAWN_BY_OTHERS = {"mfa/totp/activate_form.html": "{{ totp_svg|safe }}"}


@pytest.mark.parametrize("file", TEMPLATES, ids=name)
def test_a_template_trusts_nothing_and_holds_nothing_inline(file):
    words = file.read_text()
    words = words.replace(DRAWN_BY_OTHERS.get(str(file.relative_to(ROOT / "templates")), "\0"), "")
    words = re.sub(r"{% comment.*?{% endcomment %}|{#.*?#}", "", words, flags=re.DOTALL)
    assert not re.search(r"\|\s*safe(?:seq)?\b", words), "safe HTML is made by community.text"
    assert "autoescape off" not in words
    assert not re.search(r"<script(?![^>]*\bsrc=)", words), "no script inside a page: the content policy refuses it"
    assert not re.search(r"<style\b|\sstyle=", words), "no style inside a page: the content policy refuses it"
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", words), "no handler inside a page: the content policy refuses it"
    assert "javascript:" not in words
    assert not re.search(r"""(?:src|srcset|action|<link[^>]*href)=["']?(?:https?:)?//""", words), (
        "nothing is fetched from elsewhere"
    )


@pytest.mark.parametrize("file", TEMPLATES, ids=name)
def test_a_partial_is_a_piece_and_a_page_is_whole(file):
    folder, words = file.relative_to(ROOT / "templates").parts[0], file.read_text()
    if file.name.startswith("_"):
        assert "{% extends" not in words, "an underscore says: never a page"
        assert "<body" not in words
    elif folder in {"forums", "mentorship", "resources", "members", "care", "contributions", "moderation"}:
        assert "{% extends" in words or "<!doctype html>" in words.lower(), "a piece of a page begins with an underscore"


def test_no_view_answers_with_a_partial_as_a_page():
    found = []
    for file in CODE:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "page":
                said = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
                found += [f"{name(file)}:{node.lineno}" for template in said if template.rpartition("/")[2].startswith("_")]
    assert found == []


@pytest.mark.parametrize("kind", kinds.offered())
def test_every_kind_of_news_says_when_it_comes(kind):
    described = " ".join(render_to_string(kinds.template(kind), {"describe": True}).split())
    assert re.fullmatch(r"[A-Z].{10,}", described)
    app = kind.partition(".")[0]
    assert app in {config.label for config in OURS}


# Addresses ------------------------------------------------------------------------------------------------------------


def patterns(resolver: URLResolver | None = None) -> list[URLPattern]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        found += patterns(entry) if isinstance(entry, URLResolver) else [entry]
    return found


def test_every_address_of_ours_has_a_name_of_its_own():
    ours = [entry for entry in patterns() if entry.callback.__module__.split(".")[0] in PACKAGES]
    names = [entry.name for entry in ours if not getattr(entry.callback, "admin_site", None)]
    assert [entry for entry in ours if not entry.name] == []
    # The admin's own pages share names with nothing, and allauth names its views itself.
    own = [entry.name for entry in ours if entry.callback.__module__.rpartition(".")[2] != "admin"]
    assert sorted(own) == sorted(set(own))
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in names)
