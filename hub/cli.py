"""``ocop-hub``: every command, each in one file under ``hub/commands``; only the asked one's file is loaded."""

from collections.abc import Mapping, MutableMapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS: Mapping[str, str] = {
    "catalog": "catalog:app",
    "shop": "shop:app",
    "sync": "sync:app",
    "files": "files:app",
    "sales": "sales:app",
    "price": "price:app",
    "readiness": "readiness:readiness_command",
    "cut": "readiness:cut_command",
    "feeds": "feeds:app",
    "orders": "orders:app",
    "posts": "posts:app",
    "comments": "comments:app",
    "reconcile": "reconcile:reconcile",
    "data": "exchange:app",
    "connectors": "shop:connectors_command",
    "serve": "serving:serve",
    "link": "serving:link",
    "worker": "serving:worker",
    "scheduler": "serving:scheduler",
    "sandbox": "serving:sandbox",
    "migrate": "ground:migrate",
    "check": "ground:check",
    "copy": "ground:copy",
    "demo": "ground:demo",
}
"""Command -> file under ``hub/commands`` and what it is called there: a group of commands, or one function."""


class Shelf(TyperGroup):
    """Takes a command from its file when it is asked for: a server must not wait for spreadsheets to be importable."""

    def __init__(self, **settings: Any) -> None:
        self._taken: dict[str, Any] = {}
        super().__init__(**settings)

    @property
    def commands(self) -> MutableMapping[str, Any]:
        """All of them (help, tests)."""
        return {name: self._take(name) for name in COMMANDS}

    @commands.setter
    def commands(self, given: MutableMapping[str, Any]) -> None:
        self._taken.update(given)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._take(cmd_name) if cmd_name in COMMANDS else None

    def _take(self, name: str) -> Any:
        if name not in self._taken:
            file, _, inside = COMMANDS[name].partition(":")
            thing = getattr(import_module(f"hub.commands.{file}"), inside)
            holder = typer.Typer(add_completion=False)
            holder.callback()(_nothing)
            if isinstance(thing, typer.Typer):
                holder.add_typer(thing, name=name)
            else:
                holder.command(name)(thing)
            whole = get_command(holder)
            assert isinstance(whole, TyperGroup)
            self._taken[name] = whole.commands[name]
        return self._taken[name]


def _nothing() -> None:
    """Makes a group of a single command."""


app = typer.Typer(
    name="ocop-hub",
    cls=Shelf,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="One catalogue of certified OCOP products, kept in step with every channel.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("ocop-hub"))
        raise typer.Exit


@app.callback()
def top(
    config: Annotated[Path | None, typer.Option("--config", help="The settings file.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One catalogue of certified OCOP products, kept in step with every channel."""
    if config is not None:
        from hub.commands.shell import choose_config

        choose_config(config)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
