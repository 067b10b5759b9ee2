"""Talking to people on channels: chat, replies, messages by template, and how channels call us."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

TALK: Mapping[str, ProblemSpec] = {
    "reply_not_allowed": bad(
        "producer",
        "The channel does not let the shop write to this person any more ({message}).",
        "Wait until they write again, or call them.",
    ),
    "post_time_wrong": bad(
        "producer",
        "The channel takes posts from ten minutes to thirty days ahead only; {at:time} is not among them.",
        "Choose another time, or publish the post now.",
    ),
    "post_not_kept": bad(
        "producer",
        "{platform} puts posts up at once; it keeps none for later.",
        "Publish the post now, or publish it yourself when the time comes.",
    ),
    "post_repeated": warn(
        "producer",
        "The channel says that the very same post stands there already ({message}).",
        "Look at the page; change a word if it shall stand there twice.",
    ),
    "post_template_unknown": bad(
        "producer",
        "There is no template of posts called {template}.",
        "Choose one of: {known}.",
    ),
    "post_about_wrong": bad(
        "producer",
        "The template {template} is for another kind of post.",
        "Name one product for a product's template; a campaign's template needs --campaign.",
    ),
    "post_unknown": bad(
        "producer",
        "There is no post with the number {id}.",
        "Look at the list of posts.",
    ),
    "post_state_wrong": bad(
        "producer",
        "This cannot be done with the post as it is now ({state}).",
        "Look at the post again; somebody or the hub changed it meanwhile, or it is past that.",
    ),
    "post_not_offered": bad(
        "producer",
        "The hub cannot put posts up on {platform}.",
        "Publish it in the channel's own app, or choose another page.",
    ),
    "post_not_of_shop": bad(
        "producer",
        "This page does not speak of {product}: it is another producer's, or of another province.",
        "Choose a page of its producer, or a page that speaks for several.",
    ),
    "post_nothing_left": bad(
        "producer",
        "Nothing of {product} is left to be sold, and the post says that it is back.",
        "Declare the stock first, then send the post.",
    ),
    "post_answer_lost": bad(
        "producer",
        "Nobody knows whether the post stands on {platform}: the answer was lost, and it was not found again.",
        "Look at the page. If it stands there, cancel it here; if not, send it again.",
    ),
    "post_not_seen": bad(
        "producer",
        "{platform} took the post but does not show it.",
        "Look at the page: the post may wait for approval or have been hidden there.",
    ),
    "post_claim_stands": bad(
        "producer",
        "A post on {platform} still makes an OCOP claim that may not be made any more, and the hub cannot take "
        "it down.",
        "Open {link} and delete the post, or take the claim out of it, today.",
    ),
    "post_down_by_hand": warn(
        "producer",
        "The hub cannot take posts down on {platform}.",
        "Open {link} and delete the post there.",
    ),
    "comment_unknown": bad(
        "producer",
        "This shop has no comment or message with the number {id}.",
        "Look at the list of comments.",
    ),
    "comments_not_offered": bad(
        "producer",
        "The hub can neither answer nor hide what people write on {platform}.",
        "Do it in the channel's own app.",
    ),
    "comment_answered": bad(
        "producer",
        "This comment was answered already, on {at:time}; the channel takes one private answer to each.",
        "Go on in the chat once the person has written back.",
    ),
    "answer_lost": bad(
        "producer",
        "Nobody knows whether the answer went out on {platform}: what the channel said of it was lost.",
        "Look at the conversation in the channel's own app. If the answer is not there, send it with --again.",
    ),
    "hide_not_offered": info(
        "producer",
        "{platform} has no way to hide what somebody wrote.",
        "Nothing to do; look in the channel's own app if it must go.",
    ),
    "hooks_by_hand": warn(
        "operator",
        "This channel is told by hand where to send its messages; until then chat and comments do not arrive.",
        "Enter {url} as webhook address on the platform's page for developers and switch on the events.",
    ),
    "phone_wrong": bad(
        "producer",
        "The channel cannot write to this phone number.",
        "Ask the buyer for the number and correct it.",
    ),
    "notice_unwanted": info(
        "producer",
        "This person takes no such messages ({message}).",
        "Nothing to do here; call them if it matters.",
    ),
    "notice_not_usable": bad(
        "producer",
        "The message template may not be used now ({message}).",
        "Look at the template on the channel: wait for its approval, or mend what was refused.",
    ),
    "notice_value_wrong": bad(
        "operator",
        "The message template does not take the value of {field} ({message}).",
        "Compare the template's fields and their lengths with what the hub fills in.",
    ),
    "notice_unpaid": bad(
        "producer",
        "The account that messages are paid from is empty or not connected ({message}).",
        "Put money on it; messages that were not sent are not sent again by themselves.",
    ),
}
