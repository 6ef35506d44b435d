"""Events that are too old to be kept in memory: blocks of them in a file without a name, read back when asked for."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Sequence

from ocpplab_runner.plugin.events import Event

#: Events of one block.
BLOCK = 1000
_BLOCKS_AT_HAND = 4


class SpilledEvents:
    """The first events of a ledger, in whole blocks; the file is gone when the last reference to it is."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the ledger lives
        weakref.finalize(self, self._file.close)
        self._places: list[int] = []
        self._at_hand: OrderedDict[int, Sequence[Event]] = OrderedDict()

    def __len__(self) -> int:
        return BLOCK * len(self._places)

    def add(self, events: Sequence[Event]) -> None:
        """Take the next block.

        Args:
            events: :data:`BLOCK` of them.

        Raises:
            OSError: it cannot be written; then nothing has changed.
        """
        place = self._file.seek(0, 2)
        pickle.dump(events, self._file, pickle.HIGHEST_PROTOCOL)
        self._file.flush()
        self._places.append(place)

    def __getitem__(self, seq: int) -> Event:
        """The event with that sequence number, which lies in a block that was added."""
        number, offset = divmod(seq, BLOCK)
        block = self._at_hand.get(number)
        if block is None:
            self._file.seek(self._places[number])
            block = self._at_hand[number] = pickle.load(self._file)  # what we have written ourselves
            if len(self._at_hand) > _BLOCKS_AT_HAND:
                self._at_hand.popitem(last=False)
        else:
            self._at_hand.move_to_end(number)
        return block[offset]
