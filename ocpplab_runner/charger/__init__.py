"""The simulated charging station: a version-neutral core, and one dialect per OCPP version.

For the rooms above::

    config = ChargerConfig.from_given(given_charger, name="A")                    # ValueError
    charger = SimulatedCharger(config, version=, connect=, observer=, random=)    # inside a loop; ValueError
    await charger.start()     # power on; returns when the first attempt to connect has begun
    await charger.perform(command, fields, raw=False) -> CommandResult(status, detail, reason)
    await charger.stop()      # nothing of it still runs
    charger.booted .online .connected .powered .connect_error .status(evse_id, connector_id) .evses .snapshot()

``connect`` opens a WebSocket with that version negotiated (``ocppj.websocket.connect``); the station calls it for each
attempt and owns reconnecting. ``observer`` hears frames, breaches of the CSMS, facts that no frame shows, and notes.

Inside, each part has one job and reaches the others through the station: ``power`` (supply, restart), ``uplink``
(connection), ``registration`` (boot, heartbeat), ``status`` (what is reported when), ``cards`` (carries out what
``authorization`` decides), ``transactions``, ``outbox`` (their messages), ``metering``, ``reservations``,
``replies`` (calls of the CSMS), ``operations`` (what it can have done), ``commands``. ``evse``, ``readings``,
``energy``, ``queue``, ``settings``, ``config`` and ``proxy`` are pure. :mod:`~ocpplab_runner.charger.dialect` is
the seam to one version's words.
"""
