"""A bench: chargers in a process of their own, and a rig that does to them what takes hands.

    python -m tests.bench CONFIGURATION

The configuration, JSON, lists stations: ``identity``, ``url`` that they dial (without the identity), ``version``,
``charger`` in the words of ``given.charger``, and ``tls`` with the files ``ca``, ``cert`` and ``key``.
The rig's port is printed on the first line.
"""
