"""A local Gateway: HTTP routes above a fleet of simulated chargers. Needs the extra ``gateway``.

From below: ``catalogue``, ``errors``, ``settings``; ``log``, ``runtime``, ``deployment``; ``commands``, ``results``,
``fleet``, ``store``; ``models`` (one module per resource), ``access``, ``routes`` (thin), ``app``, ``serving``.
"""
