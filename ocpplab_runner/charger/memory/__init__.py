"""A station's memory as JSON data, so that it can outlive its process.

:func:`remember` takes everything that a real station would still know after its network was down for a while: settings,
lists, cables, faults, availability, reservations, meters, running and interrupted transactions, undelivered messages.
:func:`recall` puts that into a station of the same make that has never been started; :func:`resume` then lets it go on
from there without a boot, as after a loss of its network. What a station grants a card that waits for its cable, or a
cable that waits for its card, is not kept: the driver presents the card again.
"""

from ocpplab_runner.charger.memory.station import recall, remember, resume

__all__ = ["recall", "remember", "resume"]
