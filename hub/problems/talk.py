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
