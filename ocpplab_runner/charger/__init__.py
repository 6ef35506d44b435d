"""The simulated charging station: a core, and the functional blocks of OCPP on it.

For the rooms above::

    config = ChargerConfig.from_given(given_charger, name="A")                    # ValueError
    charger = SimulatedCharger(config, version=, connect=, observer=, random=)    # inside a loop; ValueError
    await charger.start()     # power on; returns when the first attempt to connect has begun
    await charger.perform(command, fields, raw=False) -> CommandResult(status, detail, reason)
    await charger.stop()      # nothing of it still runs
    charger.booted .online .connected .powered .connect_error .status(evse_id, connector_id) .evses .snapshot()

``connect`` opens a WebSocket with that version negotiated (``ocppj.websocket.connect``); the station calls it for each
attempt and owns reconnecting. ``observer`` hears frames, violations of the CSMS, facts that no frame shows, and notes.

Inside, a station is what OCPP's specification has chapters for: functional blocks (``blocks/``), on a core that they
all stand on (``core/``). A block knows its own state, what it answers the CSMS in each version, its variables and its
commands, and reaches the others by events and services of its context alone. ``station`` puts them together,
``assembly`` says which version has which.
"""
