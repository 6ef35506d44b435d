"""Who may charge: EVerest's authorization types and rules, pure.

Time, validators and settings are inputs; nothing here waits, sends or remembers on its own. The simulated charger asks
this room for every decision, and tests use it as the oracle.
"""
