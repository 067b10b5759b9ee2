"""A Page: posts, photos, lives, comments and chat, with the people who write there (sheet 3 to 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.sandbox.facebook.catalogue import Catalogue
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.graph import Call, Json, Refusal, bad, iso, page_of, show, unknown
from hub.sandbox.facebook.hooks import Hooks
from hub.sandbox.kit import NotOffered, Offer, SoldOrder, Want, World

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TEXT = 2000
SOON, FAR = timedelta(minutes=10), timedelta(days=30)
FIELDS = {
    "feed", "live_videos", "messages", "message_echoes", "message_reads", "message_deliveries", "message_edits",
    "messaging_postbacks", "messaging_referrals", "messaging_optins", "mention", "ratings",
}  # fmt: skip
STATES = {"LIVE": "LIVE", "LIVE_NOW": "LIVE", "UNPUBLISHED": "UNPUBLISHED", "SCHEDULED_LIVE": "SCHEDULED_LIVE"}


@dataclass(kw_only=True)
class Post:
    """A post; ``at``: when it is or was published."""

    id: str
    message: str
    link: str
    made: datetime
    at: datetime
    photos: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Live:
    """A broadcast under its three ids."""

    id: str
    video: str
    post: str
    title: str
    status: str
    made: datetime
    started: datetime | None = None
    viewers: int = 0


@dataclass(kw_only=True)
class Comment:
    """A comment; ``author``: page-scoped id."""

    id: str
    post: str
    author: str
    name: str
    text: str
    at: datetime
    parent: str = ""
    hidden: bool = False
    answered: bool = False


@dataclass(kw_only=True)
class Page:
    """One Page seen by its calls, by its viewers and by the book-keeper. Orders there are none (sheet 0)."""

    key: str  # the Page's id
    config: FacebookConfig
    settings: FacebookPage
    world: World
    hooks: Hooks
    catalogue: Catalogue
    posts: dict[str, Post] = field(default_factory=dict)
    photos: dict[str, bool] = field(default_factory=dict)  # id -> already in a post
    lives: dict[str, Live] = field(default_factory=dict)
    talk: dict[str, Comment] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)  # PSID -> when the person last wrote
    gone: set[str] = field(default_factory=set)  # people who cannot be reached any more
    sent: list[tuple[str, str]] = field(default_factory=list)  # (PSID, text) of what the Page said in private
    made: int = 0

    def now(self) -> datetime:
        return self.world.clock.now()

    def number(self) -> str:
        self.made += 1
        return f"{self.key[-3:]}{self.made:07d}"

    # ---- calls on the Page ----

    def node(self) -> Json:
        return {
            "id": self.key, "name": self.settings.name, "is_published": self.settings.published,
            "category": "Local business", "link": f"https://www.facebook.com/{self.key}",
        }  # fmt: skip

    def publish(self, call: Call) -> Json:
        """POST feed."""
        message, link = call.text("message"), call.text("link")
        media = call.value("attached_media") or []
        if not message and not link and not media:
            raise bad("You must provide a message, a link or attached media")
        now = self.now()
        at = now
        if not call.flag("published", True):
            at = datetime.fromtimestamp(call.number("scheduled_publish_time", 0, 1 << 40), UTC)
            if not now + SOON <= at <= now + FAR:
                raise bad("The specified scheduled publish time is invalid.")
        photos = tuple(str(one.get("media_fbid", "")) for one in media)
        if any(self.photos.get(one, True) for one in photos):
            raise bad("Photo was already posted or does not exist")
        recent = [one for one in self.posts.values() if now - one.made < timedelta(hours=1)]
        if any((one.message, one.link) == (message, link) and not photos and not one.photos for one in recent):
            raise Refusal(506, "Duplicate status message")
        self.photos |= dict.fromkeys(photos, True)
        post = Post(id=f"{self.key}_{self.number()}", message=message, link=link, made=now, at=at, photos=photos)
        self.posts[post.id] = post
        return {"id": post.id}

    def photo(self, call: Call) -> Json:
        """POST photos: bytes or an address; unpublished ones wait for a post."""
        if not call.files.get("source") and not call.text("url").startswith("http"):
            raise bad("Either source or url is needed")
        number = self.number()
        self.photos[number] = False
        if call.flag("published", True):
            self.photos[number] = True
            post = Post(id=f"{self.key}_{number}", message=call.text("caption"), link="", made=self.now(),
                        at=self.now(), photos=(number,))  # fmt: skip
            self.posts[post.id] = post
            return {"id": number, "post_id": post.id}
        return {"id": number}

    def feed(self, call: Call, *, waiting: bool) -> Json:
        """Newest first: what is published, or what is planned."""
        now = self.now()
        chosen = [one for one in self.posts.values() if (one.at > now) is waiting]
        nodes = [self.post_node(one) for one in sorted(chosen, key=lambda one: (one.at, one.id), reverse=True)]
        return page_of(nodes, call, default=("id", "message", "created_time"), short=self.config.short_pages)

    def post_node(self, post: Post) -> Json:
        return {
            "id": post.id, "message": post.message or None, "created_time": iso(post.made),
            "permalink_url": f"https://www.facebook.com/{self.key}/posts/{post.id.partition('_')[2]}",
            "is_published": post.at <= self.now(), "scheduled_publish_time": None, "status_type": "added_photos",
        }  # fmt: skip

    def on_post(self, post: Post, call: Call) -> Json:
        """GET, POST or DELETE of one post."""
        if call.method == "GET":
            return show(self.post_node(post), call.shape(), ("id", "message", "created_time"))
        if call.method == "DELETE":
            del self.posts[post.id]
        else:
            post.message = call.text("message", post.message)
        return {"success": True}

    def live_videos(self, call: Call) -> Json:
        """Newest first."""
        wanted = call.value("broadcast_status")
        chosen = [one for one in self.lives.values() if not wanted or one.status in wanted]
        return page_of([self.live_node(one) for one in reversed(chosen)], call, short=self.config.short_pages)

    def new_live(self, call: Call) -> Json:
        state = STATES.get(call.text("status", "LIVE_NOW"))
        if state is None:
            raise bad("Invalid parameter status")
        live = self.add_live(call.text("title"), state)
        stream = f"rtmps://live-api-s.facebook.com:443/rtmp/{live.id}"
        return {"id": live.id, "stream_url": stream, "secure_stream_url": stream}

    def live_node(self, live: Live) -> Json:
        return {
            "id": live.id, "title": live.title or None, "status": live.status, "creation_time": iso(live.made),
            "permalink_url": f"/{self.key}/videos/{live.video}/", "video": {"id": live.video},
            "broadcast_start_time": iso(live.started) if live.started else None, "live_views": live.viewers,
        }  # fmt: skip

    def on_live(self, live: Live, call: Call) -> Json:
        if call.method == "GET":
            return show(self.live_node(live), call.shape(), ("id", "status"))
        if call.flag("end_live_video"):
            self.end_live(live.id)
        return {"id": live.id}

    def comments(self, post: str, call: Call) -> Json:
        """Oldest first only where it is asked; short, low-quality looking ones only with ``no_filter``."""
        chosen = [one for one in self.talk.values() if one.post == post]
        if call.text("filter", "toplevel") == "toplevel":
            chosen = [one for one in chosen if not one.parent]
        if call.text("live_filter", "filter_low_quality") == "filter_low_quality":
            chosen = [one for one in chosen if len(one.text) > 4]
        if call.text("order", "chronological") == "reverse_chronological":
            chosen.reverse()
        nodes = [self.comment_node(one) for one in chosen]
        return page_of(nodes, call, default=("id", "message", "created_time"), short=self.config.short_pages)

    def comment_node(self, one: Comment) -> Json:
        known = not self.config.anonymous or one.author == self.key
        return {
            "id": one.id, "message": one.text, "created_time": iso(one.at), "is_hidden": one.hidden,
            "from": {"id": one.author, "name": one.name} if known else None,
            "parent": {"id": one.parent} if one.parent else None, "can_hide": one.author != self.key,
            "can_reply_privately": not one.answered and self.now() - one.at < WEEK, "attachment": None,
        }  # fmt: skip

    def on_comment(self, one: Comment, call: Call) -> Json:
        """GET, hide or delete one comment."""
        if call.method == "GET":
            return show(self.comment_node(one), call.shape(), ("id", "message", "created_time"))
        if call.method == "DELETE":
            self.remove_comment(one.id)
        elif "is_hidden" in call.args:
            if one.author == self.key:
                raise bad("This comment cannot be hidden")
            one.hidden = call.flag("is_hidden")
            self._told(one, "hide" if one.hidden else "unhide")
        return {"success": True}

    def answer(self, one: Comment, call: Call) -> Json:
        """POST comments below a comment: seen by all, and heard by ourselves."""
        return {"id": self.say(one.post, self.key, call.text("message"), name=self.settings.name, parent=one.id)}

    def message_out(self, call: Call) -> Json:
        """POST messages: a private reply to a comment, or a message into a conversation (sheet 7)."""
        recipient, message = call.value("recipient"), call.value("message")
        text = message.get("text", "") if isinstance(message, dict) else ""
        if not isinstance(recipient, dict) or not text or len(text) > TEXT:
            raise bad("Param recipient and message[text] of at most 2000 characters are needed")
        person = (
            self._by_comment(recipient["comment_id"]) if "comment_id" in recipient else self._by_id(recipient, call)
        )
        if person in self.gone:
            raise Refusal(551, "This person isn't available right now.")
        self.sent.append((person, text))
        return {"recipient_id": person, "message_id": f"m_{self.number()}"}

    def _by_comment(self, comment_id: str) -> str:
        one = self.talk.get(comment_id)
        if one is None or one.author == self.key:
            raise unknown(comment_id)
        if one.answered:
            raise Refusal(10900, "(#10900) Activity already replied to")
        if self.now() - one.at >= WEEK:
            raise Refusal(10, "(#10) This message is sent outside of allowed window.", sub=2018278, status=403)
        one.answered = True
        return psid(one.author)

    def _by_id(self, recipient: Json, call: Call) -> str:
        person = str(recipient.get("id", ""))
        if call.text("messaging_type") not in ("RESPONSE", "UPDATE"):
            raise bad("Param messaging_type must be one of RESPONSE, UPDATE; tags are over")
        if person not in self.written:
            raise Refusal(100, "(#100) No matching user found", sub=2018001)
        if self.now() - self.written[person] >= DAY:
            raise Refusal(10, "(#10) This message is sent outside of allowed window.", sub=2018278, status=403)
        return person

    def subscribe(self, call: Call) -> Json:
        wanted = set(filter(None, call.text("subscribed_fields").strip("[]").replace('"', "").split(",")))
        if not wanted or not wanted <= FIELDS:
            raise bad("Param subscribed_fields must be one of the known fields")
        self.hooks.subscribed[self.key] = wanted
        self.hooks.disabled = False
        return {"success": True}

    def subscriptions(self) -> Json:
        fields = sorted(self.hooks.subscribed.get(self.key, ()))
        return {"data": [{"id": self.config.app_id, "subscribed_fields": fields}] if fields else []}

    # ---- the viewers' side ----

    def add_live(self, title: str, state: str) -> Live:
        video, now = self.number(), self.now()
        live = Live(id=f"9{video}", video=video, post=f"{self.key}_{video}", title=title, status=state, made=now)
        self.lives[live.id] = live
        if state == "LIVE":
            live.started, live.viewers = now, 25
            self.hooks.tell(self.key, "live_videos", "changes", self._live_news(live, "live"))
        return live

    def go_live(self, title: str) -> str:
        """A broadcast begins; its live video id."""
        return self.add_live(title, "LIVE").id

    def end_live(self, live_id: str) -> None:
        self.lives[live_id].status = "VOD"
        self.hooks.tell(self.key, "live_videos", "changes", self._live_news(self.lives[live_id], "live_stopped"))

    def _live_news(self, live: Live, status: str) -> Json:
        return {"field": "live_videos", "value": {"id": live.id, "status": status}}

    def comment(self, about: str, author: str, text: str) -> str:
        """A viewer writes under a post or a live (any of its ids); the comment's id."""
        return self.say(self.story(about), author, text, name=f"Khách {author}")

    def say(self, post: str, author: str, text: str, *, name: str, parent: str = "") -> str:
        number = self.number()
        one = Comment(
            id=f"{post.partition('_')[2]}_{number}", post=post, author=author, name=name, text=text, at=self.now(),
            parent=parent,
        )  # fmt: skip
        self.talk[one.id] = one
        self._told(one, "add")
        return one.id

    def edit_comment(self, comment_id: str, text: str) -> None:
        self.talk[comment_id].text = text
        self._told(self.talk[comment_id], "edited")

    def remove_comment(self, comment_id: str) -> None:
        self._told(self.talk.pop(comment_id), "remove")

    def message(self, author: str, text: str) -> str:
        """A person writes to the Page in private; the message's id."""
        mid = f"m_{self.number()}"
        self.written[psid(author)] = self.now()
        self._chat(psid(author), {"message": {"mid": mid, "text": text}}, "messages")
        return mid

    def press(self, author: str, title: str, payload: str) -> str:
        """A person presses a button in the chat."""
        mid = f"m_{self.number()}"
        self.written[psid(author)] = self.now()
        self._chat(psid(author), {"postback": {"mid": mid, "title": title, "payload": payload}}, "messaging_postbacks")
        return mid

    def story(self, about: str) -> str:
        """The post id behind any id of a post or a live. Raises KeyError."""
        for live in self.lives.values():
            if about in (live.id, live.video, live.post):
                return live.post
        return self.posts[about].id

    def _chat(self, person: str, news: Json, kind: str) -> None:
        stamp = int(self.now().timestamp() * 1000)
        event = {"sender": {"id": person}, "recipient": {"id": self.key}, "timestamp": stamp, **news}
        self.hooks.tell(self.key, kind, "messaging", event)

    def _told(self, one: Comment, verb: str) -> None:
        value: Json = {
            "item": "comment", "verb": verb, "comment_id": one.id, "post_id": one.post,
            "parent_id": one.parent or one.post, "created_time": int(one.at.timestamp()),
            "post": {"id": one.post, "status_type": "added_video", "is_published": True},
        }  # fmt: skip
        if not self.config.anonymous or one.author == self.key:
            value["from"] = {"id": one.author, "name": one.name}
        if verb != "remove":
            value["message"] = one.text
        self.hooks.tell(self.key, "feed", "changes", {"field": "feed", "value": value})

    # ---- the book-keeper's side ----

    def offers(self) -> Sequence[Offer]:
        self.catalogue.work(self.now())
        return self.catalogue.offers()

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        """No checkout in Vietnam: comments and chat are the orders, and the hub keeps them."""
        raise NotOffered

    def orders(self) -> Sequence[SoldOrder]:
        return ()

    def listings(self) -> Sequence[Mapping[str, object]]:
        self.catalogue.work(self.now())
        return self.catalogue.listings()

    def pay(self, order_id: str) -> None:
        raise NotOffered

    ship = deliver = complete = fail_delivery = settle = pay

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        raise NotOffered

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        raise NotOffered


def psid(author: str) -> str:
    """The id of a commenter in the Page's chat: another one than under the post."""
    return f"7{author}"


def node_kind(page: Page, node: str) -> tuple[str, Any]:
    """What an id stands for on this Page: ("post" | "live" | "video" | "comment" | "", the thing)."""
    if node in page.posts:
        return "post", page.posts[node]
    if node in page.talk:
        return "comment", page.talk[node]
    for live in page.lives.values():
        if node in (live.id, live.video, live.post):
            return "live" if node == live.id else "video", live
    return "", None
