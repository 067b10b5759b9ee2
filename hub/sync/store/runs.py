"""What was done when, as people see it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from hub.db import Tx, new_id, upsert
from hub.sync import tables as t
from hub.sync.model import JobKind, Lane, Problem, Run, RunResult
from hub.sync.store.bindings import problem_rows


def start_run(tx: Tx, *, shop_id: str | None, kind: JobKind, lane: Lane, now: datetime) -> str:
    """Open a run; answers its id. Whoever starts one holds the lease: an older one still open there has died."""
    _abandon(tx, now, t.run.c.shop_id == shop_id, t.run.c.lane == lane)
    run_id = new_id()
    tx.execute(
        t.run.insert().values(id=run_id, shop_id=shop_id, kind=kind, lane=lane, started_at=now, result="running")
    )
    return run_id


def progress_run(tx: Tx, run_id: str, *, done: int, total: int) -> None:
    """How far a run is, for those who watch."""
    tx.execute(t.run.update().where(t.run.c.id == run_id).values(done=done, total=total))


def end_run(
    tx: Tx, run_id: str, *, result: RunResult, done: int, total: int, calls: int, problems: Sequence[Problem],
    note: str, now: datetime,
) -> None:  # fmt: skip
    """Close a run with what came of it."""
    tx.execute(
        t.run.update()
        .where(t.run.c.id == run_id)
        .values(
            ended_at=now,
            result=result,
            done=done,
            total=total,
            calls=calls,
            problems=problem_rows(problems[:50]),
            note=note,
        )
    )


def abandon_runs(tx: Tx, *, now: datetime) -> int:
    """Runs whose worker died (nobody holds the lease they ran under) are unfinished, and their jobs come back now.

    Answers how many there were.
    """
    held = (
        sa.select(t.lease.c.shop_id)
        .where(
            t.lease.c.shop_id == t.run.c.shop_id, t.lease.c.lane == t.run.c.lane, t.lease.c.until > now,
            t.lease.c.owner != "",
        )
        .exists()
    )  # fmt: skip
    return _abandon(tx, now, t.run.c.shop_id.is_not(None), ~held)


def _abandon(tx: Tx, now: datetime, *where: sa.ColumnElement[bool]) -> int:
    running = t.run.update().where(t.run.c.result == "running", *where)
    gone = tx.execute(
        running.values(result="unfinished", ended_at=now, note="worker_gone").returning(t.run.c.shop_id, t.run.c.kind)
    ).all()
    jobs = sorted({(row.shop_id, row.kind) for row in gone if row.shop_id is not None})
    rows = [{"shop_id": shop_id, "kind": kind, "cron": "", "retry_at": now} for shop_id, kind in jobs]
    upsert(tx, t.due, rows, key=["shop_id", "kind"], update=["retry_at"])
    return len(gone)


def runs(tx: Tx, *, shop_id: str | None = None, kind: str | None = None, limit: int = 50) -> list[Run]:
    """The last runs, newest first."""
    query = sa.select(t.run).order_by(t.run.c.started_at.desc(), t.run.c.id).limit(limit)
    if shop_id is not None:
        query = query.where(t.run.c.shop_id == shop_id)
    if kind is not None:
        query = query.where(t.run.c.kind == kind)
    return [
        Run(
            id=r.id,
            shop_id=r.shop_id,
            kind=r.kind,
            lane=r.lane,
            started_at=r.started_at,
            ended_at=r.ended_at,
            result=r.result,
            done=r.done,
            total=r.total,
            calls=r.calls,
            note=r.note,
            problems=tuple(Problem(code=p["code"], facts=p["facts"]) for p in r.problems),
        )
        for r in tx.execute(query)
    ]
