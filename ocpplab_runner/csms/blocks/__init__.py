"""The functional blocks of the CSMS, each with its classes for the generations of OCPP.

A new block is a module (or a folder) here and one line in :data:`BLOCKS`.
"""

from ocpplab_runner.csms.blocks.authorization import AUTHORIZATION
from ocpplab_runner.csms.blocks.availability import AVAILABILITY
from ocpplab_runner.csms.blocks.certificates import CERTIFICATES
from ocpplab_runner.csms.blocks.data_transfer import DATA_TRANSFER
from ocpplab_runner.csms.blocks.der_control import DER_CONTROL
from ocpplab_runner.csms.blocks.diagnostics import DIAGNOSTICS
from ocpplab_runner.csms.blocks.display_message import DISPLAY_MESSAGE
from ocpplab_runner.csms.blocks.firmware import FIRMWARE
from ocpplab_runner.csms.blocks.local_list import LOCAL_LIST
from ocpplab_runner.csms.blocks.metering import METERING
from ocpplab_runner.csms.blocks.monitoring import MONITORING
from ocpplab_runner.csms.blocks.payment import PAYMENT
from ocpplab_runner.csms.blocks.provisioning import PROVISIONING
from ocpplab_runner.csms.blocks.remote_control import REMOTE_CONTROL
from ocpplab_runner.csms.blocks.reservation import RESERVATION
from ocpplab_runner.csms.blocks.security import SECURITY
from ocpplab_runner.csms.blocks.smart_charging import SMART_CHARGING
from ocpplab_runner.csms.blocks.tariff_and_cost import TARIFF_AND_COST
from ocpplab_runner.csms.blocks.transactions import TRANSACTIONS
from ocpplab_runner.csms.core.block import Block

# The order counts where several hear of one event: a transaction's reservation is looked at before its remote start.
BLOCKS: tuple[tuple[type[Block], ...], ...] = (
    PROVISIONING,
    AUTHORIZATION,
    LOCAL_LIST,
    TRANSACTIONS,
    TARIFF_AND_COST,
    PAYMENT,
    RESERVATION,
    REMOTE_CONTROL,
    AVAILABILITY,
    METERING,
    SMART_CHARGING,
    DER_CONTROL,
    FIRMWARE,
    SECURITY,
    CERTIFICATES,
    DIAGNOSTICS,
    MONITORING,
    DISPLAY_MESSAGE,
    DATA_TRANSFER,
)
