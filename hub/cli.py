"""``ocop-hub``: every command, each in one file under ``hub/commands``."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from hub.commands import catalog, exchange, ground, sales, serving, shell, shop, sync

app = typer.Typer(
    name="ocop-hub",
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
    config: Annotated[
        Path | None, typer.Option("--config", help="The settings file.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One catalogue of certified OCOP products, kept in step with every channel."""
    shell.choose_config(config)


app.add_typer(catalog.app, name="catalog")
app.add_typer(shop.app, name="shop")
app.add_typer(sync.app, name="sync")
app.add_typer(sales.app, name="sales")
app.add_typer(exchange.app, name="data")
app.command("connectors")(shop.connectors_command)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.command("scheduler")(serving.scheduler)
app.command("sandbox")(serving.sandbox)
app.command("migrate")(ground.migrate)
app.command("check")(ground.check)
app.command("copy")(ground.copy)
app.command("demo")(ground.demo)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
