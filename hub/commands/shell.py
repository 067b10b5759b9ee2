"""What commands share: opening the hub, progress bars, words for failures, JSON out."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hub import migrate
from hub.app import Hub, open_hub
from hub.config import Config
from hub.config import load as load_config
from hub.db import Db
from hub.errors import HubError, Invalid
from hub.types import LOCAL

T = TypeVar("T")

errors = Console(stderr=True, highlight=False)
"""People read progress and problems here; results go to standard output."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]
ShopArgument = Annotated[str, typer.Argument(help="The shop's id, or a part of its name that fits one shop.")]


class _Place:
    """Where the settings come from; set once by the top of the command line."""

    config: Path | None = None


def choose_config(path: Path | None) -> None:
    """Use this settings file for the rest of the process."""
    _Place.config = path


def config(**overrides: Any) -> Config:
    """The settings."""
    return load_config(_Place.config, **overrides)


def log_plainly() -> None:
    """Log to standard error, where it spoils no result, and never the values of variables: by itself structlog prints
    those beside every stack trace, and with them sessions, tokens and buyers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )  # fmt: skip


def run(work: Callable[[Hub], Coroutine[Any, Any, T]], *, settings: Config | None = None) -> T:
    """Open the hub on a migrated database, do ``work``, close it. Problems end the process in words."""

    async def whole() -> T:
        async with open_hub(settings or config()) as hub:
            missing = await asyncio.to_thread(migrate.pending, hub.db)
            if missing:
                raise_behind(missing)
            return await work(hub)

    log_plainly()
    with in_words():
        return looped(whole())


def raise_behind(missing: tuple[str, ...]) -> None:
    """The database is older than this hub."""
    from hub.errors import Unavailable

    raise Unavailable("migration_behind", missing=len(missing))


@contextmanager
def in_words() -> Iterator[None]:
    """Turn expected failures into what happened and what to do, on standard error, exit status 1."""
    try:
        yield
    except HubError as error:
        say_problem(error)
        raise typer.Exit(1) from None


def say_problem(error: HubError) -> None:
    """Print one problem for a person."""
    from hub.problems import render

    words = render(error.code, error.facts, config_language())
    errors.print(words.what, style="bold red", markup=False)
    errors.print(f"→ {words.do}", markup=False)


def config_language() -> Any:
    """The language of messages; Vietnamese when the settings cannot be read."""
    try:
        return config().language
    except HubError:
        return "vi"


def ready(db: Db) -> None:
    """Bring a database up to date with a progress bar."""
    with bar("migrate") as step:
        migrate.upgrade(db, lambda done, total, *_: step(done, total))


@contextmanager
def bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error: ``step(done, total)``. Lines when it is not a terminal."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=False,
    )
    with progress:
        task = progress.add_task(name, total=None)

        def step(done: int, total: int) -> None:
            progress.update(task, completed=done, total=max(total, 1))

        yield step


def out(value: object) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def line(text: str = "") -> None:
    """One line on standard output."""
    typer.echo(text)


def local_moment(text: str) -> datetime:
    """``2026-12-01`` or ``2026-12-01T08:00``, Vietnam's time unless it says otherwise. Raises Invalid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("date_invalid", text=text) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=LOCAL)


def looped(coroutine: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` on the faster loop where the extra ``speed`` is installed."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.run(coroutine)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(coroutine)


def block(awaitable: Callable[[], Awaitable[T]]) -> T:
    """Run one awaitable to its end."""

    async def whole() -> T:
        return await awaitable()

    return asyncio.run(whole())


def stdin_is_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()
