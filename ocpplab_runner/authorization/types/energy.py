"""Ways of energy transfer, and connectors: EVerest's ISO 15118 and EVSE types as far as authorization names them."""

from __future__ import annotations

from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary

_LATER = Vocabulary.LATER


class EnergyTransferMode(DescribedEnum):
    """How energy gets into the car."""

    AC_SINGLE_PHASE_CORE = "AC_single_phase_core", "Alternating current, one phase.", _LATER
    AC_TWO_PHASE = "AC_two_phase", "Alternating current, two phases.", _LATER
    AC_THREE_PHASE_CORE = "AC_three_phase_core", "Alternating current, three phases.", _LATER
    DC_CORE = "DC_core", "Direct current over the core pins.", _LATER
    DC_EXTENDED = "DC_extended", "Direct current over the extended pins.", _LATER
    DC_COMBO_CORE = "DC_combo_core", "Direct current over the core pins of a combo connector.", _LATER
    DC_UNIQUE = "DC_unique", "Direct current over a connector for nothing else.", _LATER
    DC = "DC", "Direct current after ISO 15118-20.", _LATER
    AC_BPT = "AC_BPT", "Alternating current, both ways.", _LATER
    AC_BPT_DER = "AC_BPT_DER", "Alternating current, both ways, as a distributed energy resource.", _LATER
    AC_DER_IEC = "AC_DER_IEC", "Alternating current as a distributed energy resource, IEC rules.", _LATER
    AC_DER_SAE = "AC_DER_SAE", "Alternating current as a distributed energy resource, SAE rules.", _LATER
    DC_BPT = "DC_BPT", "Direct current, both ways.", _LATER
    DC_ACDP = "DC_ACDP", "Direct current through an automatic connection device.", _LATER
    DC_ACDP_BPT = "DC_ACDP_BPT", "Direct current through an automatic connection device, both ways.", _LATER
    WPT = "WPT", "Wireless.", _LATER
    MCS = "MCS", "Megawatt charging.", _LATER
    MCS_BPT = "MCS_BPT", "Megawatt charging, both ways.", _LATER


class ConnectorTypeEnum(DescribedEnum):
    """Kind of a connector; OCPP 2.0.1 ``ConnectorEnumType``."""

    C_CCS1 = "cCCS1", "Combo 1, captive cable.", _LATER
    C_CCS2 = "cCCS2", "Combo 2, captive cable.", _LATER
    C_G105 = "cG105", "CHAdeMO, captive cable.", _LATER
    C_MCS = "cMCS", "Megawatt charging, captive cable.", _LATER
    C_TESLA = "cTesla", "Tesla, captive cable.", _LATER
    C_TYPE1 = "cType1", "IEC 62196-2 type 1, captive cable.", _LATER
    C_TYPE2 = "cType2", "IEC 62196-2 type 2, captive cable.", _LATER
    S309_1P_16A = "s309_1P_16A", "IEC 60309 socket, one phase, 16 A.", _LATER
    S309_1P_32A = "s309_1P_32A", "IEC 60309 socket, one phase, 32 A.", _LATER
    S309_3P_16A = "s309_3P_16A", "IEC 60309 socket, three phases, 16 A.", _LATER
    S309_3P_32A = "s309_3P_32A", "IEC 60309 socket, three phases, 32 A.", _LATER
    S_BS1361 = "sBS1361", "British household socket.", _LATER
    S_CEE_7_7 = "sCEE_7_7", "Schuko and French household socket.", _LATER
    S_TYPE2 = "sType2", "IEC 62196-2 type 2 socket.", _LATER
    S_TYPE3 = "sType3", "IEC 62196-2 type 3 socket.", _LATER
    OTHER_1PH_MAX_16A = "Other1PhMax16A", "Another household socket, one phase, up to 16 A.", _LATER
    OTHER_1PH_OVER_16A = "Other1PhOver16A", "Another socket, one phase, more than 16 A.", _LATER
    OTHER_3PH = "Other3Ph", "Another socket, three phases.", _LATER
    PAN = "Pan", "Pantograph.", _LATER
    W_INDUCTIVE = "wInductive", "Wireless, inductive.", _LATER
    W_RESONANT = "wResonant", "Wireless, resonant.", _LATER
    UNDETERMINED = "Undetermined", "Not decided yet.", _LATER
    UNKNOWN = "Unknown", "Not known.", _LATER
