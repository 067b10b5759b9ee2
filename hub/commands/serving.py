"""``ocop-hub serve``, ``worker``, ``scheduler``, ``sandbox``: the long-running processes."""

import asyncio
import signal
import socket
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.commands.shell import config, errors, line, ready, run
from hub.db import Db
from hub.errors import Invalid

LEAVE_WITHIN = 20.0
"""Seconds in which a stopping process lets calls in flight end."""


def stop_event() -> asyncio.Event:
    """Set when the process is asked to end (SIGTERM, Ctrl-C)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


async def until_stopped(hub: Hub, stop: asyncio.Event, *parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts; when asked to stop take no new work, let calls in flight end, leave within 20 s."""
    tasks = [asyncio.create_task(part) for part in parts]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    hub.queue.stop()
    done, late = await asyncio.wait(tasks, timeout=LEAVE_WITHIN)
    for task in late:
        task.cancel()
    stopping.cancel()
    for task in done:
        task.result()


async def work_part(hub: Hub) -> None:
    """Take messages until the queue is stopped."""
    from hub.sync.worker import handle

    means = hub.means()
    await hub.queue.run(lambda lane, shop, kind: handle(means, lane, shop, kind))


async def schedule_part(hub: Hub, stop: asyncio.Event) -> None:
    """Say when, until stopped."""
    from hub.sync.schedule import Scheduler

    config = hub.config
    await Scheduler(
        hub.db, hub.ask, hub.clock.now, sweep_seconds=config.patience.sweep, comments_days=config.privacy.comments_days
    ).run(stop)


async def web_part(hub: Hub, stop: asyncio.Event, sock: socket.socket) -> None:
    """Serve pages and webhooks until stopped."""
    from aiohttp import web

    from hub.web.app import create_web

    runner = web.AppRunner(create_web(hub.house()), access_log=None, shutdown_timeout=5)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        await stop.wait()
    finally:
        await runner.cleanup()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Invalid when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        raise Invalid("address_taken", address=f"{host}:{port}", reason=error.strerror or "") from None
    return sock


def serve(
    bind: Annotated[str, typer.Option(help="host:port; default from the settings.")] = "",
    web_only: Annotated[bool, typer.Option(help="Pages only; work runs elsewhere.")] = False,
) -> None:
    """Serve the pages; with SQLite also schedules and work, in one process."""
    settings = config(**({"web": {"bind": bind}} if bind else {}))
    db = Db(settings.database_url)
    ready(db)
    db.close()

    async def go(hub: Hub) -> None:
        stop = stop_event()
        sock = listen(hub.config.web.host, hub.config.web.port)
        hub.public_url = hub.config.web.public_url or f"http://{hub.config.web.host}:{sock.getsockname()[1]}"
        from hub.web.sign_in import first_link

        line(f"{hub.public_url}  {await first_link(hub.house())}")
        from hub.sync import due

        await hub.db.write(due.catch_up, hub.clock.now())
        parts: list[Coroutine[Any, Any, None]] = [web_part(hub, stop, sock)]
        if hub.queue.embedded or not web_only:
            parts += [work_part(hub), schedule_part(hub, stop)]
        await until_stopped(hub, stop, *parts)

    run(go, settings=settings)


def link() -> None:
    """Print a link by which one person can sign in once, within a quarter of an hour."""

    async def go(hub: Hub) -> str:
        from hub.web.sign_in import first_link

        return await first_link(hub.house())

    line(run(go))


def worker() -> None:
    """Work on shops; start as many as you like (PostgreSQL)."""

    async def go(hub: Hub) -> None:
        if hub.queue.embedded:
            raise Invalid("worker_needs_postgres")
        await until_stopped(hub, stop_event(), work_part(hub))

    run(go)


def scheduler() -> None:
    """Say when things are due; two by mistake do no harm."""

    async def go(hub: Hub) -> None:
        if hub.queue.embedded:
            raise Invalid("worker_needs_postgres")
        stop = stop_event()
        await until_stopped(hub, stop, schedule_part(hub, stop))

    run(go)


def sandbox(
    config_file: Annotated[Path | None, typer.Option("--config", help="Apps, keys and shops as TOML.")] = None,
    port: Annotated[int, typer.Option(help="0: any free one.")] = 8181,
    host: Annotated[str, typer.Option(help="Loopback unless you know better.")] = "127.0.0.1",
    offset: Annotated[float, typer.Option(help="Seconds its world is ahead of this machine's time.")] = 0.0,
) -> None:
    """Serve every pretend platform on one port."""
    from aiohttp import web

    from hub.clock import RealClock, ShiftedClock
    from hub.commands.shell import in_words
    from hub.sandbox.app import create_sandbox
    from hub.sandbox.config import default_config, load_config

    with in_words():
        chosen = load_config(config_file) if config_file else default_config()
        sock = listen(host, port)

    async def go() -> None:
        stop = stop_event()
        clock = ShiftedClock(RealClock(timedelta(seconds=offset)).now())
        runner = web.AppRunner(create_sandbox(chosen, clock), access_log=None)
        await runner.setup()
        await web.SockSite(runner, sock).start()
        errors.print(f"http://{host}:{sock.getsockname()[1]}", markup=False)
        await stop.wait()
        await runner.cleanup()

    asyncio.run(go())
