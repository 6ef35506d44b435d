"""A stand-in for EVerest: simulated chargers behind EVerest's topics on a real broker.

    python -m tests.everest CONFIGURATION

It is not EVerest: it speaks its topics and payloads, as far as they are known from its sources and documents, and does
behind them what the simulated charger does. The configuration, JSON, has the ``broker`` (host, port, user, password),
perhaps a ``bench`` (the port on loopback of the hands that do what EVerest has no topic for), and lists ``everests``:
``identity``, ``url`` that it dials, ``version``, ``prefix``, ``charger`` in the words of ``given.charger``, ``lacks``
(API modules that are not there), ``validators`` (whom Auth asks: ``csms`` or ``scripted``), and what its modules say of
themselves: ``api_version``, ``monitored``. One that ``forgets`` keeps no card in its cache.
"""
