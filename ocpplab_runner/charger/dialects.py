"""Which dialect speaks which OCPP version; a dialect is imported when it is first needed."""

from __future__ import annotations

from ocpplab_runner.charger.dialect import DialectFactory
from ocpplab_runner.vocabulary.versions import OcppVersion


def dialect_for(version: OcppVersion) -> DialectFactory:
    """The dialect of a version.

    Raises:
        NotImplementedError: the simulated charger does not speak that version yet.
    """
    if version is OcppVersion.V16:
        from ocpplab_runner.charger.v16 import DialectV16

        return DialectV16
    if version is OcppVersion.V201:
        from ocpplab_runner.charger.v201 import DialectV201

        return DialectV201
    raise NotImplementedError(f"the simulated charger does not speak OCPP {version.value} yet")
