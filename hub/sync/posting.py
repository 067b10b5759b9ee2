"""Posts going out, one by one: linted right before, stored before and after each call, read back, taken down in time.

A lost answer makes a post *unknown*: after a while it is given to the connector once more with the same key and words,
and the connector looks for it before it posts; that is its promise (:class:`hub.connectors.base.Posts`). What stands
with a claim that may not be made any more is taken down where the platform lets us, else it becomes a person's task.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub import connectors
from hub.catalog import claims
from hub.connectors.base import Posts, TakesPostsDown
from hub.connectors.model import Picture
from hub.connectors.social import Post, Posted
from hub.errors import Garbled, Invalid, Refused, RemoteError, Throttled, Unauthorised, Unreachable, Vanished
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.means import Line, Means
from hub.sync.model import Problem
from hub.sync.plan import Ground
from hub.sync.posts import Link, Made, Standing, Subject, Template, lint, make
from hub.sync.push import Tally
from hub.sync.store import Lease
from hub.sync.store.posts import Listed, PostView, StoredPost
from hub.types import RemoteId, local_midnight

LOST = timedelta(minutes=10)
"""Before an unanswered post is looked for: some platforms make a post long after they took it."""
SOON = timedelta(minutes=1)  # until an accepted post is looked at again
DAILY = timedelta(days=1)  # how often a post that a person must take down is looked at
LOST_TRIES, SEEN_TRIES = 5, 30


def subject_of(view: PostView, campaign: str, words: str) -> Subject:
    """What the post is about, with the places as buyers call them."""
    links = tuple(
        Link(product_id=one.product_id, place=_place(one), url=one.url, price=one.price) for one in view.listed
    )
    return Subject(sellables=view.sellables, links=links, campaign=campaign, words=words)


def _place(one: Listed) -> str:
    """A marketplace by its name, every other shop by its own."""
    if one.channel_kind != "marketplace":
        return claims.strip(one.shop_name) or one.platform
    try:
        return connectors.load(one.platform).manifest.name
    except Invalid:
        return one.platform


def standing(ground: Ground) -> Standing:
    """What decides on the ground's day."""
    return Standing(rules=ground.rules, law=ground.law, today=ground.today)


def template_of(ground: Ground, name: str) -> Template:
    """Raises Invalid("post_template_unknown")."""
    found = ground.posts.get(name)
    if found is None:
        raise Invalid("post_template_unknown", template=name, known=sorted(ground.posts))
    return found


def worded(post: StoredPost, made: Made, now: datetime) -> StoredPost:
    """The post with the words of today; held when they may not be said, and looked at again at its time."""
    return replace(
        post, title=made.title, text=made.text, link=made.link, pictures=made.pictures, claims=made.claims,
        problems=made.problems, state="held" if made.problems else "planned", changed_at=now,
        next_at=post.at if post.at > now or not made.problems else None,
    )  # fmt: skip


async def send_due(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """The job: everything of this shop's posts that must be looked at now."""
    due = await means.db.read(store.due_posts, shop.id, means.now())
    tally = Tally(total=len(due))
    turn = _Turn(means=means, line=line, lease=lease, shop=shop, tally=tally)
    for post_id in due:
        if line.calls.count >= means.budget.calls:
            tally.stopped = "budget_calls"
            break
        try:
            await turn.look(await means.db.read(store.post_of, post_id))
        except (Refused, Vanished, Garbled) as error:  # of this post; the others go on
            await turn.put_off(post_id, error)
        tally.done += 1
        await means.db.write(store.progress_run, run_id, done=tally.done, total=tally.total)
    return tally


@dataclass(kw_only=True)
class _Turn:
    """One run over one shop's posts."""

    means: Means
    line: Line
    lease: Lease
    shop: Shop
    tally: Tally
    _ground: Ground = field(init=False)

    def __post_init__(self) -> None:
        self._ground = self.means.ground(self.shop)

    async def look(self, post: StoredPost) -> None:
        """Do what this post needs now. Raises RemoteError only when the whole shop is concerned."""
        connector = self.line.connector
        if not isinstance(connector, Posts):
            await self._rest(post, "held", Problem(code="post_not_offered", facts={"platform": self._platform}))
        elif post.state == "posted":
            await self._stands(connector, post)
        elif post.remote_id:
            await self._seen(connector, post)
        elif post.state in ("sending", "unknown"):
            await self._lost(connector, post)
        elif post.state in ("planned", "held"):
            await self._planned(connector, post)
        else:
            await self._keep(post, next_at=None)

    async def put_off(self, post_id: str, error: RemoteError) -> None:
        """What the platform says of a post that stands was no answer: a person may look, and so do we tomorrow."""
        post = await self.means.db.read(store.post_of, post_id)
        told = _said(error)
        self.tally.refused += 1
        self.tally.problems.append(Problem(code=told.code, facts={**told.facts, "post": post_id}))
        await self._keep(post, problems=(told,), next_at=self.means.now() + DAILY)

    @property
    def _platform(self) -> str:
        return self.line.connector.manifest.name

    async def _keep(self, before: StoredPost, **after: object) -> StoredPost | None:
        """The post as it is stored now; None when a person changed it meanwhile: their word counts."""
        now = self.means.now()
        changed = replace(before, changed_at=now, **after)  # type: ignore[arg-type]
        kept = await self.means.db.write(store.keep_post, self.lease, before, changed, now)
        return changed if kept else None

    async def _rest(self, post: StoredPost, state: str, *problems: Problem) -> None:
        """It waits for a person."""
        self.tally.held += 1
        told = (Problem(code=one.code, facts={**one.facts, "post": post.id}) for one in problems)
        self.tally.problems += told
        await self._keep(post, state=state, problems=problems, next_at=None)

    # ---- going out -----------------------------------------------------------------------------------------------

    async def _planned(self, connector: Posts, post: StoredPost) -> None:
        now = self.means.now()
        try:
            template = template_of(self._ground, post.template)
        except Invalid as error:
            await self._rest(post, "held", Problem(code=error.code, facts=error.facts))
            return
        subject = await self._subject(post)
        today = worded(post, make(template, subject, standing(self._ground)), now)
        if today.problems and post.at <= now:
            self.tally.held += 1
            self.tally.problems += [Problem(code=p.code, facts={**p.facts, "post": post.id}) for p in today.problems]
        if today.problems or post.at > now:
            await self.means.db.write(store.keep_post, self.lease, post, today, now)
            return
        sending = replace(today, state="sending", attempts=0, next_at=now + LOST)
        if await self.means.db.write(store.keep_post, self.lease, post, sending, now):
            await self._send(connector, sending, back="planned")

    async def _subject(self, post: StoredPost) -> Subject:
        view = await self.means.db.read(store.post_view, self.shop.id, post.products)
        return subject_of(view, post.campaign, post.words)

    async def _lost(self, connector: Posts, post: StoredPost) -> None:
        """Nobody knows whether it stands there. Its words stay as they were sent, or it would not be found."""
        lost = Problem(code="post_answer_lost", facts={"platform": self._platform})
        wrong = lint(post.title, post.text, await self._subject(post), standing(self._ground))
        if wrong or post.attempts >= LOST_TRIES:
            await self._rest(post, "failed", lost, *wrong)
            return
        wait = LOST * 2**post.attempts
        again = await self._keep(
            post, state="sending", attempts=post.attempts + 1, next_at=self.means.now() + wait, problems=()
        )
        if again is not None:
            await self._send(connector, again, back="unknown")

    async def _send(self, connector: Posts, post: StoredPost, *, back: str) -> None:
        """``back``: what it is when this request surely had no effect."""
        try:
            told = await connector.post(self._wire(post))
        except (Refused, Vanished) as error:
            await self._rest(post, "held" if back == "planned" else "failed", _said(error))
            return
        except (Throttled, Unauthorised):
            await self._keep(post, state=back, next_at=self.means.now())
            raise
        except (Unreachable, Garbled) as error:
            if isinstance(error, Unreachable) and not error.sent:
                await self._keep(post, state=back, next_at=self.means.now())
                raise
            self.tally.problems.append(Problem(code=error.code, facts={**_said(error).facts, "post": post.id}))
            await self._keep(post, state="unknown", problems=(_said(error),))
            return
        taken = await self._keep(
            post, remote_id=told.remote_id, url=told.url, answer=_answer(told), attempts=0,
            next_at=self.means.now() + SOON, problems=(),
        )  # fmt: skip
        if taken is not None:
            await self._seen(connector, taken)

    def _wire(self, post: StoredPost) -> Post:
        base = self._ground.picture_base
        pictures = tuple(Picture(digest=one, url=f"{base}/{one}.jpg") for one in post.pictures)
        return Post(key=f"post:{post.id}", title=post.title, text=post.text, link=post.link, pictures=pictures)

    async def _seen(self, connector: Posts, post: StoredPost) -> None:
        """The platform said yes; posted is only what it shows."""
        try:
            told = await connector.posted(RemoteId(post.remote_id))
        except Refused as error:  # it was taken, and could not be made
            await self._rest(replace(post, remote_id=""), "held", _said(error))
            return
        except Vanished:
            told = None
        if told is not None and told.visible:
            # a certificate revoked while the call was out asked only those posts to be looked at that stood already
            wrong = lint(post.title, post.text, await self._subject(post), standing(self._ground))
            await self._keep(
                post, state="posted", remote_id=told.remote_id, url=told.url or post.url, answer=_answer(told),
                attempts=0, problems=(), next_at=self.means.now() if wrong else self._midnight(post),
            )  # fmt: skip
            return
        if post.attempts >= SEEN_TRIES:
            await self._rest(post, "failed", Problem(code="post_not_seen", facts={"platform": self._platform}))
            return
        known = {} if told is None else {"remote_id": told.remote_id, "answer": _answer(told)}
        await self._keep(post, attempts=post.attempts + 1, next_at=self.means.now() + SOON, **known)

    def _midnight(self, post: StoredPost) -> datetime | None:
        """Claims are looked at every day: certificates lapse by themselves, and registries are imported anew."""
        return local_midnight(self._ground.today + timedelta(days=1)) if post.claims else None

    # ---- standing ------------------------------------------------------------------------------------------------

    async def _stands(self, connector: Posts, post: StoredPost) -> None:
        """May what stands on the page still be said? And does anybody want it off?"""
        wrong = lint(post.title, post.text, await self._subject(post), standing(self._ground))
        if not wrong and not post.down:
            await self._keep(post, problems=(), next_at=self._midnight(post))
            return
        if await self._is_gone(connector, post):
            return
        if isinstance(connector, TakesPostsDown):
            await self._keep(post, problems=wrong, next_at=self.means.now() + SOON)
            await connector.unpost(RemoteId(post.remote_id))
            fresh = await self.means.db.read(store.post_of, post.id)
            await self._is_gone(connector, fresh)
            return
        code = "post_claim_stands" if wrong else "post_down_by_hand"
        task = Problem(code=code, facts={"platform": self._platform, "link": post.url})
        if post.problems != (task, *wrong):
            self.tally.problems.append(Problem(code=code, facts={**task.facts, "post": post.id}))
        await self._keep(post, problems=(task, *wrong), next_at=self.means.now() + DAILY)

    async def _is_gone(self, connector: Posts, post: StoredPost) -> bool:
        """Nobody sees it any more: noted."""
        try:
            told = await connector.posted(RemoteId(post.remote_id))
        except Vanished:
            told = None
        if told is not None and told.visible:
            return False
        answer = None if told is None else _answer(told)
        await self._keep(post, state="removed", answer=answer, problems=(), next_at=None)
        return True


def _said(error: RemoteError) -> Problem:
    return Problem(code=error.code, facts={key: _plain(value) for key, value in error.facts.items()})


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | list) or value is None else str(value)


def _answer(told: Posted) -> Mapping[str, object]:
    """What the platform showed, as it is kept."""
    return {
        "remote_id": str(told.remote_id), "url": told.url, "visible": told.visible, "title": told.title,
        "text": told.text, "note": told.note,
    }  # fmt: skip
