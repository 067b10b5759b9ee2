"""Orders and money: what could not be taken in."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

ORDERS: Mapping[str, ProblemSpec] = {
    "order_quarantined": bad(
        "developer",
        "Order {order} was not understood and set aside; all others came in. Its money is missing from the figures.",
        "Look at the kept sample and mend the connector; then it is taken in by itself.",
    ),
    "order_state_wrong": warn(
        "producer",
        "The order is no longer in a state in which this can be done.",
        "Look at the order in the channel's own app.",
    ),
    "order_window_wrong": bad(
        "developer",
        "The channel refuses the span of time we asked orders for.",
        "Mend the connector; nobody else can do anything.",
    ),
    "orders_empty": warn(
        "operator",
        "The channel suddenly reports no orders at all; we do not believe it yet and ask again.",
        "Nothing to do. If it stays so, look at the shop in the channel's own app.",
    ),
    "figures_differ": bad(
        "developer",
        "Rebuilt from the ledger, the figures of {day:date} differ by {difference:vnd}.",
        "Send the log to the developers; the ledger is right, the sums are made anew.",
    ),
    "run_unfinished": info(
        "operator",
        "The run used up its time or calls and stopped; nothing is lost.",
        "Nothing to do: the next run goes on where it stopped.",
    ),
    "period_invalid": bad(
        "operator",
        "This is not a period: {text}.",
        "Write 2026-11, 2026-Q4, 2026, or 2026-11-01..2026-11-15.",
    ),
    "cut_invalid": bad(
        "operator",
        "There is no cut of the figures named {text}.",
        "Choose ocop or all.",
    ),
}
