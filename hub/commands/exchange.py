"""``ocop-hub data``: everything the hub knows as one file, and such a file in."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hub.app import Hub
from hub.commands.shell import JsonFlag, bar, in_words, line, out, run
from hub.db import Tx
from hub.errors import Invalid
from hub.exchange.read import Collected, Imported, collect, take_in
from hub.exchange.write import write_document

app = typer.Typer(help="The exchange format: a whole hub as one file, out and in.", no_args_is_help=True)

FORMS = (".json", ".jsonl")
FileArgument = Annotated[Path, typer.Argument(help="An exchange file: .json, or .jsonl with one record per line.")]


@app.command("import")
def import_command(file: FileArgument, json_: JsonFlag = False) -> None:
    """Take in an exchange file: all of it or nothing; the same file twice changes nothing."""
    with in_words():
        collected = collect(file)

    async def go(hub: Hub) -> Imported:
        with bar("Nhập dữ liệu") as step:
            return await hub.db.write(take_in, collected, now=hub.clock.now(), who="cli", progress=step)

    done = run(go)
    if json_:
        out(done.to_json())
    else:
        _say(collected, done)


def _say(collected: Collected, done: Imported) -> None:
    for kind, tally in done.tallies.items():
        line(f"{kind:16} +{tally.added} ~{tally.changed} ={tally.same}")
    line(f"{collected.file}: {done.changed}")


@app.command("export")
def export_command(
    file: FileArgument,
    source: Annotated[str, typer.Option(help="Whose data these are, for whoever reads the file.")] = "ocop-hub",
    json_: JsonFlag = False,
) -> None:
    """Write everything the hub knows, never secrets, tokens, sessions or buyers."""
    with in_words():
        if file.suffix.lower() not in FORMS:
            raise Invalid("exchange_suffix", file=file.name, forms=FORMS)

    async def go(hub: Hub) -> dict[str, int]:
        with bar("Xuất dữ liệu") as step:
            return await hub.db.read(_export, file, source, hub, step)

    counts = run(go)
    if json_:
        out({"file": str(file), "records": counts})
    else:
        for kind, count in counts.items():
            line(f"{kind:16} {count}")


def _export(tx: Tx, file: Path, source: str, hub: Hub, step: Callable[[int, int], None]) -> dict[str, int]:
    """Into a file beside it first: a half-written export never stands under the wanted name."""
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as stream:
            counts = write_document(
                tx, stream, now=hub.clock.now(), source=source, by_line=file.suffix.lower() == ".jsonl", progress=step
            )
        os.replace(unfinished, file)
    except OSError as error:
        raise Invalid("exchange_unwritable", file=file.name, errno=error.errno) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return dict(counts)
