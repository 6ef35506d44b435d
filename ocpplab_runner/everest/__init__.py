"""A running EVerest on its MQTT broker: its topics, what is said on them, and which of its modules are there.

The topics and payloads are those of the EVerest API, version 1 (the ``…_API`` modules, which EVerest has had since
2025.10.0), and of the simulation's older topics. They were taken from EVerest's sources and its AsyncAPI documents;
the tests pin them.
"""
