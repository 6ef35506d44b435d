"""Which facts the frames of each functional block show.

A new block is a module (or a folder) here and one line in :data:`BLOCKS`.
"""

from ocpplab_runner.engine.interpreter.blocks.authorization import AUTHORIZATION
from ocpplab_runner.engine.interpreter.blocks.availability import AVAILABILITY
from ocpplab_runner.engine.interpreter.blocks.certificates import CERTIFICATES
from ocpplab_runner.engine.interpreter.blocks.diagnostics import DIAGNOSTICS
from ocpplab_runner.engine.interpreter.blocks.display_message import DISPLAY_MESSAGE
from ocpplab_runner.engine.interpreter.blocks.firmware import FIRMWARE
from ocpplab_runner.engine.interpreter.blocks.local_list import LOCAL_LIST
from ocpplab_runner.engine.interpreter.blocks.metering import METERING
from ocpplab_runner.engine.interpreter.blocks.monitoring import MONITORING
from ocpplab_runner.engine.interpreter.blocks.provisioning import PROVISIONING
from ocpplab_runner.engine.interpreter.blocks.security import SECURITY
from ocpplab_runner.engine.interpreter.blocks.smart_charging import SMART_CHARGING
from ocpplab_runner.engine.interpreter.blocks.tariff_and_cost import TARIFF_AND_COST
from ocpplab_runner.engine.interpreter.blocks.transactions import TRANSACTIONS
from ocpplab_runner.engine.interpreter.core.block import Block

BLOCKS: tuple[tuple[type[Block], ...], ...] = (
    PROVISIONING,
    AUTHORIZATION,
    LOCAL_LIST,
    TRANSACTIONS,
    TARIFF_AND_COST,
    AVAILABILITY,
    METERING,
    SMART_CHARGING,
    SECURITY,
    CERTIFICATES,
    FIRMWARE,
    DIAGNOSTICS,
    MONITORING,
    DISPLAY_MESSAGE,
)
