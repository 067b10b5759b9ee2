"""Bringing one shop to what we want: plan -> commands -> effects -> outcomes -> read back.

Each batch is planned again from fresh data just before it is sent, so a certificate revoked or a unit sold a second
ago counts. A create marks ``creating``, looks for our SKU, creates only if absent, records: a crash at any line
leaves a state that the next run finishes. Nothing is called confirmed before it was read back.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.connectors.base import KeepsPrices, Publishes, ReadsBack
from hub.connectors.model import Change, Done, Draft, Listing, ListingState, Placed, Result
from hub.errors import HubError, Refused, RemoteError, Throttled, Unauthorised, Unreachable, Vanished
from hub.sync import store
from hub.sync.batches import groups
from hub.sync.means import Line, Means
from hub.sync.model import (
    Ask,
    Binding,
    BindingState,
    Command,
    Create,
    Hold,
    Keys,
    Problem,
    SetPrice,
    SetStock,
    Update,
    Withdraw,
)
from hub.sync.plan import plan
from hub.sync.readback import read_back
from hub.sync.store import Event, Lease
from hub.types import RemoteId, Sku, chunks

SWEEP_FROM = 20  # from this many creates on, one walk over the shop replaces a look-up for each


@dataclass(kw_only=True)
class Tally:
    """How far a run is. ``stopped`` names why it ended early."""

    total: int = 0
    done: int = 0
    held: int = 0
    refused: int = 0
    unannounced: int = 0  # orders a walk found that no webhook had told of
    new: int = 0  # orders a walk found that the hub had never seen
    walked: set[str] = field(default_factory=set)  # ids of all orders a walk was told of
    stopped: str = ""
    problems: list[Problem] = field(default_factory=list)


class Push:
    """One push run over one shop, or over some products of it, under a lease."""

    def __init__(
        self,
        means: Means,
        line: Line,
        lease: Lease,
        run_id: str,
        *,
        only: Sequence[str] | None = None,
        urgent: bool = False,
        allow_mass_withdraw: bool = False,
    ) -> None:
        self.means = means
        self.line = line
        self.lease = lease
        self.run_id = run_id
        self.only = only
        self.urgent = urgent
        self.allow_mass_withdraw = allow_mass_withdraw
        self.tally = Tally()
        self._present: dict[Sku, dict[RemoteId, Listing]] | None = None
        self._placed: list[str] = []  # accepted in this run and not read back yet
        self._started = means.seconds()

    async def run(self) -> Tally:
        """Do what is due within the budget; nothing where nothing can be published.

        Raises RemoteError only when the whole shop is concerned.
        """
        if not isinstance(self.line.connector, Publishes):
            return self.tally
        commands = await self._plan(self.only)
        await self._rest([c for c in commands if isinstance(c, Hold | Ask)])
        work = [c for c in commands if not isinstance(c, Hold | Ask)]
        if self.urgent:
            work = [c for c in work if isinstance(c, Withdraw) or (isinstance(c, Update) and c.urgent)]
        self.tally.total = len(work)
        await self._hand_over_stock([c for c in work if isinstance(c, SetStock)])
        await self._look_around([c for c in work if isinstance(c, Create)])
        for kind in (Update, Withdraw, SetPrice, Create):
            await self._all([c for c in work if isinstance(c, kind)])
        await self._read_back()
        return self.tally

    async def _plan(self, products: Sequence[str] | None) -> tuple[Command, ...]:
        view = await self.means.db.read(store.push_view, self.lease.shop_id, products)
        ground = self.means.ground(view.shop)
        whole = products is None
        return await asyncio.to_thread(plan, view, ground, allow_mass_withdraw=self.allow_mass_withdraw or not whole)

    # ---- commands that send nothing ------------------------------------------------------------------------------

    async def _rest(self, commands: Sequence[Hold | Ask]) -> None:
        """Record what waits for a person."""
        self.tally.held = len(commands)
        for group in chunks(commands, 500):
            ids = [c.product_id for c in group if c.product_id is not None]
            known = {b.product_id: b for b in await self.bindings(ids)}
            changed: list[Binding] = []
            for command in group:
                if command.product_id is None:
                    self.tally.problems.append(_problem(command))
                    continue
                old = known.get(command.product_id) or _fresh(self.lease.shop_id, command.product_id)
                changed.append(_rested(old, command))
            await self._save(changed, [], known)

    async def _hand_over_stock(self, commands: Sequence[SetStock]) -> None:
        """Only the fast lane writes the stock of listings that exist."""
        if not commands:
            return
        ids = [c.product_id for c in commands]
        await self.means.db.write(store.mark_listings_due, self.lease.shop_id, ids, self.means.now())
        await self.means.ask("now", self.lease.shop_id, "stock")
        self.tally.done += len(commands)

    # ---- creates: look before ------------------------------------------------------------------------------------

    async def _look_around(self, creates: Sequence[Create]) -> None:
        connector = self.line.connector
        if len(creates) < SWEEP_FROM or not isinstance(connector, ReadsBack):
            return
        present: dict[Sku, dict[RemoteId, Listing]] = {}
        page: str | None = None
        while True:
            answer = await connector.listings(page)
            note_carriers(present, answer.items)
            page = answer.next
            if page is None:
                break
        self._present = present

    async def _find(self, sku: Sku) -> Listing | None:
        if self._present is not None:
            return the_one(sku, self._present)
        connector = self.line.connector
        assert isinstance(connector, Publishes)
        return await connector.find(sku)

    # ---- batches -------------------------------------------------------------------------------------------------

    async def _all(self, commands: Sequence[Command]) -> None:
        """Carry out commands of one kind, several batches at a time; pace and order of calls are the Api's matter."""
        if not commands:
            return
        limits = self.line.connector.manifest.limits
        waiting = groups(commands, limits)
        waiting.reverse()

        async def worker() -> None:
            while waiting and not self._over():
                batch = waiting.pop()
                await self._batch(batch)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(limits.parallel, len(waiting))):
                group.create_task(worker())

    def _over(self) -> bool:
        if self.tally.stopped:
            return True
        if self.line.calls.count >= self.means.budget.calls:
            self.tally.stopped = "budget_calls"
        elif self.means.seconds() - self._started >= self.means.budget.seconds:
            self.tally.stopped = "budget_time"
        return bool(self.tally.stopped)

    async def _batch(self, planned: Sequence[Command]) -> None:
        """Plan these products again from fresh data, then send what is still due."""
        kind = type(planned[0])
        ids = [c.product_id for c in planned if c.product_id is not None]
        fresh = [c for c in await self._plan(ids) if isinstance(c, kind)]
        known = {b.product_id: b for b in await self.bindings(ids)}
        try:
            if kind is Create:
                await self._create([c for c in fresh if isinstance(c, Create)], known)
            elif kind is Update:
                await self._update([c for c in fresh if isinstance(c, Update)], known)
            elif kind is Withdraw:
                await self._withdraw([c for c in fresh if isinstance(c, Withdraw)], known)
            elif kind is SetPrice:
                await self._price([c for c in fresh if isinstance(c, SetPrice)], known)
        except Unauthorised:
            raise
        except (Unreachable, Throttled) as error:
            self.tally.stopped = self.tally.stopped or error.code
            self.tally.problems.append(Problem(code=error.code, facts=error.facts))
        self.tally.done += len(planned)
        await self.means.db.write(store.progress_run, self.run_id, done=self.tally.done, total=self.tally.total)

    async def _create(self, commands: Sequence[Create], known: dict[str, Binding]) -> None:
        connector = self.line.connector
        assert isinstance(connector, Publishes)
        marked = {c.product_id: self._creating(c, known) for c in commands}
        await self._save(list(marked.values()), [], known)
        absent: list[Create] = []
        for command in commands:
            try:
                listing = await self._find(command.draft.sku)
            except Refused as error:  # it cannot be told whether it is there (several carry the SKU): a person looks
                held = self._created(command, error, marked[command.product_id])
                event = Event(product_id=command.product_id, kind="create", answer=_answer(error))
                await self._save([held], [event], marked)
                continue
            if listing is None:
                absent.append(command)
            else:
                await self._adopt(command, listing, marked)
        placed: list[str] = []
        for part in chunks(absent, self.line.connector.manifest.limits.create_batch):
            results = await connector.create([c.draft for c in part])
            changed = [self._created(c, r, marked[c.product_id]) for c, r in zip(part, results, strict=True)]
            events = [
                Event(product_id=c.product_id, kind="create", after=_words(c.draft), answer=_answer(r))
                for c, r in zip(part, results, strict=True)
            ]
            await self._save(changed, events, marked)
            placed += [b.product_id for b in changed if b.remote_id is not None]
        if placed:  # what was sold while a listing was on its way could not be noted for it
            again = await self._plan(placed)
            await self._hand_over_stock([c for c in again if isinstance(c, SetStock)])
            await self._confirm_some(placed)

    async def _confirm_some(self, placed: Sequence[str]) -> None:
        """Read back a full batch as soon as there is one, while other listings are still on their way."""
        self._placed += placed
        if len(self._placed) < self.line.connector.manifest.limits.read_batch:
            return
        ids, self._placed = self._placed, []
        waiting = [b for b in await self.bindings(ids) if b.state is BindingState.ACCEPTED]
        await read_back(self.means, self.line, self.lease, self.run_id, waiting, fresh=True)

    def _creating(self, command: Create, known: dict[str, Binding]) -> Binding:
        old = known.get(command.product_id) or _fresh(self.lease.shop_id, command.product_id)
        return replace(old, state=BindingState.CREATING, problems=())

    def _created(self, command: Create, result: Result[Placed], marked: Binding) -> Binding:
        blank = replace(_fresh(self.lease.shop_id, command.product_id), attempts=marked.attempts)
        if isinstance(result, Placed):
            return replace(
                blank,
                state=BindingState.ACCEPTED,
                remote_id=result.remote_id,
                variants=result.variants,
                picture_ids=result.picture_ids,
                url=result.url,
                content_key=command.keys.content,
                price_key=command.keys.price,
                stock_key=command.keys.stock,
                claims=command.claims,
                attempts=0,
            )
        return self._failed(replace(blank, state=BindingState.CREATING), result, command.keys)

    async def _adopt(self, command: Create, listing: Listing, marked: Mapping[str, Binding]) -> None:
        """A listing with our SKU is there: an answer was lost. Take its ids; the next plan brings it up to date."""
        adopted = replace(
            _fresh(self.lease.shop_id, command.product_id),
            state=BindingState.ACCEPTED,
            remote_id=listing.remote_id,
            variants=tuple((v.sku, v.remote_id) for v in listing.variants),
            picture_ids=listing.picture_ids,
            url=listing.url,
            visible=listing.state is not ListingState.HIDDEN,
            claims=command.claims,
        )
        event = Event(product_id=command.product_id, kind="adopt", answer=listing.remote_id)
        await self._save([adopted], [event], marked)

    async def _update(self, commands: Sequence[Update], known: dict[str, Binding]) -> None:
        connector = self.line.connector
        assert isinstance(connector, Publishes)
        idle = [c for c in commands if not c.fields]
        await self._save([_settled(known[c.product_id], c) for c in idle], [], known)
        busy = [c for c in commands if c.fields]
        if not busy:
            return
        sent = {c.product_id: replace(known[c.product_id], state=BindingState.SENT) for c in busy}
        await self._save(list(sent.values()), [], known)
        for part in chunks(busy, self.line.connector.manifest.limits.update_batch):
            changes = [Change(target=c.target, draft=c.draft, fields=c.fields) for c in part]
            await self._updated(part, await connector.update(changes), known, sent)

    async def _updated(
        self, commands: Sequence[Update], results: Sequence[Result[Done]], known: Mapping[str, Binding],
        sent: Mapping[str, Binding],
    ) -> None:  # fmt: skip
        changed: list[Binding] = []
        events: list[Event] = []
        stuck: list[Withdraw] = []
        for command, result in zip(commands, results, strict=True):
            old = known[command.product_id]
            if isinstance(result, Done):
                pictures = result.picture_ids or old.picture_ids
                changed.append(
                    replace(_settled(old, command), state=BindingState.ACCEPTED, picture_ids=pictures, visible=True)
                )
            elif isinstance(result, Refused) and (command.urgent or not old.visible):
                # not noted as sent: what is hidden may only come back together with all of its words
                changed.append(replace(self._failed(old, result, None), try_after=self._later(old)))
                if command.urgent and old.visible:
                    reasons = (Problem(code=result.code, facts=result.facts),)
                    stuck.append(Withdraw(product_id=command.product_id, target=command.target, reasons=reasons))
            else:
                changed.append(self._failed(old, result, command.keys))
            kind = "takedown" if command.urgent else "update"
            events.append(
                Event(
                    product_id=command.product_id,
                    kind=kind,
                    before=None if old.shown is None else {"title": old.shown.title},
                    after={**_words(command.draft), "fields": sorted(command.fields)},
                    answer=_answer(result),
                )
            )
        await self._save(changed, events, sent)
        if stuck:  # a claim that may not stand and cannot be taken out: nobody may meet it
            refused = {b.product_id: b for b in changed}
            await self._withdraw(stuck, {c.product_id: refused[c.product_id] for c in stuck})

    async def _withdraw(self, commands: Sequence[Withdraw], known: dict[str, Binding]) -> None:
        connector = self.line.connector
        assert isinstance(connector, Publishes)
        if not commands:
            return
        results = await connector.withdraw([c.target for c in commands])
        changed: list[Binding] = []
        events: list[Event] = []
        for command, result in zip(commands, results, strict=True):
            old = known[command.product_id]
            if isinstance(result, Done):
                changed.append(
                    replace(old, state=BindingState.ACCEPTED, visible=False, claims=False, problems=command.reasons)
                )
            else:
                changed.append(self._failed(old, result, None))
            after = {"visible": False, "reasons": [r.code for r in command.reasons]}
            events.append(Event(product_id=command.product_id, kind="withdraw", after=after, answer=_answer(result)))
        await self._save(changed, events, known)

    async def _price(self, commands: Sequence[SetPrice], known: dict[str, Binding]) -> None:
        connector = self.line.connector
        if not isinstance(connector, KeepsPrices) or not commands:
            return
        results = await connector.set_price([tag for c in commands for tag in c.tags])
        changed, events, _ = self.levelled(commands, results, known, kind="price")
        await self._save(changed, events, known)

    def levelled(
        self, commands: Sequence[SetPrice | SetStock], results: Sequence[Result[Done]], known: Mapping[str, Binding],
        *, kind: str,
    ) -> tuple[list[Binding], list[Event], list[str]]:  # fmt: skip
        """What became of stock or prices: a product is done when all its variants are; and products to try again."""
        later: list[str] = []
        changed: list[Binding] = []
        events: list[Event] = []
        position = 0
        for command in commands:
            parts = command.tags if isinstance(command, SetPrice) else command.levels
            own = results[position : position + len(parts)]
            position += len(parts)
            old = known[command.product_id]
            failures = [r for r in own if isinstance(r, HubError)]
            if failures:
                changed.append(self._failed(old, failures[0], None))
                if isinstance(failures[0], Unreachable | Throttled):
                    later.append(command.product_id)
            else:
                key = {f"{kind}_key": command.key}
                changed.append(replace(old, state=_after_level(old), **key))  # type: ignore[arg-type]
            answer = _answer(failures[0]) if failures else "ok"
            events.append(Event(product_id=command.product_id, kind=kind, after=command.key, answer=answer))
        return changed, events, later

    def _failed(self, old: Binding, error: object, keys: Keys | None) -> Binding:
        """One element failed: what it means for its binding. Shop-wide failures are raised, not recorded here."""
        assert isinstance(error, RemoteError)
        problem = Problem(code=error.code, facts=error.facts)
        later = self._later(old)
        if isinstance(error, Refused):
            self.tally.refused += 1
            self.tally.problems.append(problem)
            key = old.content_key if keys is None else keys.content
            state = BindingState.HELD if old.remote_id is None else old.state
            return replace(old, state=state, problems=(problem,), content_key=key, attempts=old.attempts + 1)
        if isinstance(error, Vanished):
            return replace(old, state=BindingState.ASK, problems=(Problem(code="listing_gone"),))
        self.tally.stopped = self.tally.stopped or error.code  # the run comes back for it
        return replace(old, problems=(problem,), try_after=later, attempts=old.attempts + 1)

    def _later(self, old: Binding) -> datetime:
        """When the next try is due: later each time."""
        return self.means.now() + self.means.patience.pause("bulk", old.attempts + 1)

    # ---- read back -----------------------------------------------------------------------------------------------

    async def _read_back(self) -> None:
        """Ask the channel what it really shows of what we changed; only then is it confirmed."""
        if self.tally.stopped and not self.urgent:
            return
        waiting = await self.means.db.read(
            store.bindings, self.lease.shop_id, [BindingState.ACCEPTED, BindingState.SENT]
        )
        await read_back(self.means, self.line, self.lease, self.run_id, waiting, fresh=True)

    # ---- small ---------------------------------------------------------------------------------------------------

    async def bindings(self, product_ids: Sequence[str]) -> list[Binding]:
        view = await self.means.db.read(store.some_bindings, self.lease.shop_id, product_ids)
        return view

    async def _save(self, changed: Sequence[Binding], events: Sequence[Event], known: Mapping[str, Binding]) -> None:
        """``known``: the bindings as they were read; only what ``changed`` changes of them is written."""
        if changed or events:
            await self.means.db.write(
                store.save, self.lease, changed, events, known=known, run_id=self.run_id, now=self.means.now()
            )


def _fresh(shop_id: str, product_id: str) -> Binding:
    return Binding(shop_id=shop_id, product_id=product_id, state=BindingState.WANTED)


def _problem(command: Hold | Ask) -> Problem:
    return command.problems[0] if isinstance(command, Hold) else command.reason


def _rested(old: Binding, command: Hold | Ask) -> Binding:
    if isinstance(command, Hold):
        state = BindingState.HELD if old.remote_id is None else old.state
        return replace(old, state=state, problems=command.problems, content_key=old.content_key)
    return replace(old, state=BindingState.ASK, problems=(command.reason,))


def _settled(old: Binding, command: Update) -> Binding:
    return replace(
        old, content_key=command.keys.content, claims=command.claims, problems=(), attempts=0, try_after=None
    )


def _after_level(old: Binding) -> BindingState:
    return BindingState.ACCEPTED if old.state in (BindingState.CONFIRMED, BindingState.ACCEPTED) else old.state


def _words(draft: Draft) -> dict[str, object]:
    return {
        "title": draft.title,
        "description": draft.description,
        "attributes": [list(a) for a in draft.attributes],
        "prices": {v.sku: v.price for v in draft.variants},
        "stocks": {v.sku: v.stock for v in draft.variants},
    }


def _answer(result: object) -> object:
    if isinstance(result, HubError):
        return {"refused": result.code, "facts": {k: str(v) for k, v in result.facts.items()}}
    if isinstance(result, Placed):
        return {"accepted": result.remote_id}
    return "accepted"


def note_carriers(known: dict[Sku, dict[RemoteId, Listing]], listings: Iterable[Listing]) -> None:
    """Note which listings carry which SKU, as their own or on a variant; one told twice is one."""
    for listing in listings:
        for sku in {listing.sku, *(one.sku for one in listing.variants)}:
            known.setdefault(sku, {})[listing.remote_id] = listing


def the_one(sku: Sku, known: Mapping[Sku, Mapping[RemoteId, Listing]]) -> Listing | None:
    """The listing that carries ``sku``. Raises Refused where several do: a person must say which is ours."""
    found = list(known.get(sku, {}).values())
    if len(found) > 1:
        raise Refused("listing_repeated", message=sku)
    return found[0] if found else None
