"""The OCPPLAB Gateway API: ``server`` is a local Gateway over simulated chargers, ``client`` drives any Gateway.

The API is described in ``docs/gateway.md``. The two sides share nothing but that document, so that the client is never
right only because the server makes the same mistake.
"""
