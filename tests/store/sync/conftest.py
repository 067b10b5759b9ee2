"""The desk of two pretend shops, on both databases."""

import pytest

from hub.clock import ShiftedClock
from hub.db import Db
from tests.store.sync.desk import NOW, Desk, Platform, build


@pytest.fixture
def desk(db: Db) -> Desk:
    db.write_now(build)
    return Desk(db=db, clock=ShiftedClock(NOW, frozen=True), platforms={"a": Platform(), "b": Platform()})
