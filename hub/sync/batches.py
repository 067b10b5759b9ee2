"""Commands put together as a platform takes them: how many at once, and not fewer than is worth a fresh plan. Pure."""

from collections.abc import Sequence
from typing import TypeVar

from hub.connectors.model import Limits
from hub.sync.model import Command, Create, SetPrice, Withdraw
from hub.types import chunks

GROUP = 8
"""So many products are looked at and noted together where the platform takes them one by one."""

C = TypeVar("C")


def groups(commands: Sequence[Command], limits: Limits) -> list[list[Command]]:
    """What is planned afresh and sent together: as much as the platform takes at once, and a few at least."""
    first = commands[0]
    if isinstance(first, SetPrice):
        return packed(commands, [len(c.tags) for c in commands if isinstance(c, SetPrice)], limits.price_batch)
    if isinstance(first, Withdraw):
        return [list(group) for group in chunks(commands, limits.withdraw_batch)]
    size = limits.create_batch if isinstance(first, Create) else limits.update_batch
    return [list(group) for group in chunks(commands, max(size, GROUP))]


def packed(commands: Sequence[C], sizes: Sequence[int], limit: int) -> list[list[C]]:
    """Groups whose sizes add up to at most ``limit``; one that is larger alone stays alone."""
    groups: list[list[C]] = []
    room = 0
    for command, size in zip(commands, sizes, strict=True):
        if not groups or size > room:
            groups.append([])
            room = limit
        groups[-1].append(command)
        room -= size
    return groups
