"""Orders and money: what could not be taken in."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

ORDERS: Mapping[str, ProblemSpec] = {
    "do_it_on_channel": bad(
        "producer",
        "This channel does not let us do that for you ({doing:label}).",
        "Do it in the channel's own app; the order's new state comes back by itself.",
    ),
    "choice_wrong": bad(
        "producer",
        "“{given}” is none of the choices.",
        "Choose one of: {choices}.",
    ),
    "orders_missed": warn(
        "operator",
        "The nightly recount found {count:number} orders that had reached us neither by webhook nor by the day's "
        "walks.",
        "They are counted now. If it happens again, look at the shop's webhooks and at its runs.",
    ),
    "orders_not_told": warn(
        "operator",
        "We hold {count:number} orders of the last 30 days that the platform's list does not show ({orders}).",
        "Look them up in the channel's own app: nothing is changed here by itself.",
    ),
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
    "label_not_ready": info(
        "producer",
        "The channel is still making this parcel's label.",
        "Ask again in a few minutes.",
    ),
    "label_elsewhere": warn(
        "producer",
        "This channel gives no parcel label by its interface.",
        "Print the label in the carrier's or the channel's own app.",
    ),
    "tracking_missing": warn(
        "producer",
        "This order goes with a carrier of your own, and its tracking number is missing.",
        "Send it again with the carrier's name and the tracking number.",
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
    "declarations_no_table": bad(
        "office",
        "The file {file} holds no table of declared sales: columns for the producer, the channel, the days and "
        "the revenue are needed.",
        "Name the columns in the first row, as in the sample in examples/declarations, and bring the file again.",
    ),
    "declarations_not_utf8": bad(
        "office",
        "The file {file} is not written in UTF-8.",
        "Save it as CSV UTF-8, or as an .xlsx workbook, and bring it again.",
    ),
    "declaration_producer_unknown": bad(
        "office",
        "Row {row}: no producer, or more than one, is named {value}.",
        "Write the producer's code from the registry.",
    ),
    "declaration_product_unknown": bad(
        "office",
        "Row {row}: this producer has no product named {value}.",
        "Write the product's name or code from the registry, or leave the cell empty for all products together.",
    ),
    "declaration_kind_unknown": bad(
        "office",
        "Row {row}: {value} is not a kind of channel.",
        "Write for example: bán trực tiếp, hội chợ, đại lý, siêu thị, điểm OCOP, xuất khẩu.",
    ),
    "declaration_days_invalid": bad(
        "office",
        "Row {row}: the days are not understood: {value}.",
        "Write 21/11/2026, or a month as 11/2026; the last day must not lie before the first.",
    ),
    "declaration_revenue_missing": bad(
        "office",
        "Row {row}: the revenue is missing.",
        "Write it in dong; write 0 when nothing was sold.",
    ),
    "declaration_number_invalid": bad(
        "office",
        "Row {row}: this is not a number: {value}.",
        "Write whole dong and whole orders, for example 1.250.000.",
    ),
}
