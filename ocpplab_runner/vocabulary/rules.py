"""The rules by which a station decides who may charge, one sentence each.

The numbers are those of EVerest's Auth module in the order in which it works; a letter is a part of a rule, ``R`` is
reservations. Docstrings and comments of ``authorization`` name the rule that they carry out, scenarios name it in
``covers``.
"""

from __future__ import annotations

from types import MappingProxyType

RULES: MappingProxyType[str, str] = MappingProxyType(
    {
        "AUTH-1": "A token refers to the EVSEs that it names, or to all; unknown ones and those wholly out of service "
        "do not count.",
        "AUTH-2": "A token that is being handled, or that holds an EVSE without a transaction, is not handled a second "
        "time, and nothing is published.",
        "AUTH-3": "The handling of a token begins with Processing.",
        "AUTH-4": "An RFID token that holds a charging EVSE, or equals its group, stops the transaction without "
        "validation; other kinds of tokens never do, and a station may be set to reauthorize instead.",
        "AUTH-5": "When no EVSE is free, no group is known and no master pass group is set, a token is refused without "
        "asking anyone.",
        "AUTH-6": "When every EVSE is reserved for others and no group could change that, a token is refused without "
        "asking anyone.",
        "AUTH-7": "A prevalidated token is asked of nobody; for any other every validator is called in its order, and "
        "one that fails counts as Unknown.",
        "AUTH-8": "An accepted token with a group may stop transactions: before it starts one, or only when no EVSE is "
        "free, as the station is set.",
        "AUTH-8a": "A token of the master pass group stops every transaction on its EVSEs, and counts as used to stop "
        "even when there was none.",
        "AUTH-8b": "A token of the same group stops the transaction of its sibling; while nothing runs there yet it is "
        "ignored, and stays at Processing.",
        "AUTH-8c": "Stopping by group is for every kind of token, not only for RFID.",
        "AUTH-8d": "A token that is not accepted stops nothing, whatever its group.",
        "AUTH-8e": "A station that prefers to start lets a master pass stop nothing while one of its EVSEs is free.",
        "AUTH-9": "When no EVSE is free after validation, the token is refused.",
        "AUTH-10": "An EVSE that somebody holds is offered to nobody else.",
        "AUTH-11": "The first verdict that leads to an EVSE decides; when none does, the token is refused.",
        "AUTH-11a": "A token of the master pass group never starts.",
        "AUTH-11b": "Accepted is published once an accepted token goes on to look for an EVSE, before one is found; "
        "what stops, or is refused for want of a free EVSE, is never Accepted.",
        "AUTH-11c": "A token for which no EVSE is found has timed out or was withdrawn.",
        "AUTH-11d": "A verdict that is limited to some EVSEs is good for no other: NotAtThisLocation.",
        "AUTH-11e": "A token may not take the EVSE that somebody needs who reserved any: NotAtThisTime.",
        "AUTH-11f": "A reserved EVSE is for its token or its group, which uses the reservation up; for others it is "
        "NotAtThisTime.",
        "AUTH-11g": "The chosen EVSE hears the verdict, and when it is a refusal each EVSE that the token named.",
        "AUTH-12": "Whether a sibling starts on a free EVSE or stops first is a setting of the station.",
        "AUTH-13": "An accepted token is led to an EVSE by the station's selection algorithm.",
        "AUTH-13a": "FindFirst takes the EVSE where a car has waited longest, else the first free one, and never "
        "waits.",
        "AUTH-13b": "PlugEvents takes the EVSE where a car has waited longest, else waits for the next car.",
        "AUTH-13c": "PlugEventsLIFO takes the EVSE where a car was plugged in last, else waits for the next car.",
        "AUTH-13d": "UserInput waits until the driver has chosen.",
        "AUTH-13e": "A single EVSE that could be meant is taken at once, whatever the algorithm.",
        "AUTH-14": "A grant lasts for the connection timeout; without a transaction by then it is withdrawn and the "
        "token has timed out.",
        "AUTH-15": "Sessions move the EVSE: a car that comes queues up, a transaction occupies it, and only when the "
        "car has gone is it free again.",
        "AUTH-16": "A faulted EVSE is still referred to, but not free, unless the station ignores faults.",
        "AUTH-17": "A withdrawal takes back what waits and what is granted, and stops what runs; it matches by EVSE, "
        "by token with its type, by both, or everything.",
        "AUTH-18": "A later verdict on the holder of an EVSE brings its status and its group.",
        "AUTH-19": "A changed connection timeout or master pass group holds at once.",
        "AUTH-R1": "A reservation whose time is over already is Rejected.",
        "AUTH-R2": "A reservation of a known number replaces the old one, which is lost even when the new one fails.",
        "AUTH-R3": "An EVSE is reserved when it is free; taken, faulted and out of service are answered in that order "
        "of weight, and an unknown EVSE is Rejected.",
        "AUTH-R4": "Any EVSE is reserved when, in whatever order those come who have reserved, each still finds one.",
        "AUTH-R5": "As soon as those who have reserved any need every free EVSE, all of these are kept for them.",
        "AUTH-R6": "The reservation of an EVSE goes before those of any EVSE: when it is for somebody else, no other "
        "helps.",
        "AUTH-R7": "A reservation ends when it is used, when its time is over, or when it is cancelled.",
        "AUTH-R8": "An EVSE that can no longer be used loses its reservation; when there are too few for those who "
        "reserved any, the latest of them lose theirs.",
        "AUTH-R9": "A remote start is refused at once when its EVSE is reserved for others.",
        "AUTH-R10": "Reservations outlive a restart of the station.",
    }
)
