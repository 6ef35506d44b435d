"""The functional blocks of a station, in the order in which they hear of events.

A new block is a folder here and one line in :data:`BLOCKS`.
"""

from ocpplab_runner.charger.blocks.authorization import AUTHORIZATION
from ocpplab_runner.charger.blocks.availability import AVAILABILITY
from ocpplab_runner.charger.blocks.certificates import CERTIFICATES
from ocpplab_runner.charger.blocks.data_transfer import DATA_TRANSFER
from ocpplab_runner.charger.blocks.der_control import DER_CONTROL
from ocpplab_runner.charger.blocks.diagnostics import DIAGNOSTICS
from ocpplab_runner.charger.blocks.display_message import DISPLAY_MESSAGE
from ocpplab_runner.charger.blocks.firmware import FIRMWARE
from ocpplab_runner.charger.blocks.local_list import LOCAL_LIST
from ocpplab_runner.charger.blocks.metering import METERING
from ocpplab_runner.charger.blocks.monitoring import MONITORING
from ocpplab_runner.charger.blocks.payment import PAYMENT
from ocpplab_runner.charger.blocks.provisioning import PROVISIONING
from ocpplab_runner.charger.blocks.remote_control import REMOTE_CONTROL
from ocpplab_runner.charger.blocks.reservation import RESERVATION
from ocpplab_runner.charger.blocks.security import SECURITY
from ocpplab_runner.charger.blocks.smart_charging import SMART_CHARGING
from ocpplab_runner.charger.blocks.tariff_and_cost import TARIFF_AND_COST
from ocpplab_runner.charger.blocks.transaction_limits import TRANSACTION_LIMITS
from ocpplab_runner.charger.blocks.transactions import TRANSACTIONS
from ocpplab_runner.charger.blocks.web_payment import WEB_PAYMENT
from ocpplab_runner.charger.core.block import FunctionalBlock

# The order counts: an EVSE that can no longer be used first loses its card, then its reservation, then its power.
BLOCKS: tuple[FunctionalBlock, ...] = (
    PROVISIONING,
    CERTIFICATES,
    SECURITY,
    AVAILABILITY,
    AUTHORIZATION,
    LOCAL_LIST,
    RESERVATION,
    TRANSACTIONS,
    TARIFF_AND_COST,
    TRANSACTION_LIMITS,
    PAYMENT,
    WEB_PAYMENT,
    SMART_CHARGING,
    DER_CONTROL,
    REMOTE_CONTROL,
    METERING,
    FIRMWARE,
    DIAGNOSTICS,
    MONITORING,
    DISPLAY_MESSAGE,
    DATA_TRANSFER,
)
