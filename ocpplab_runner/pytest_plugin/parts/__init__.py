"""A charger and a CSMS of ours for Python tests, which call them without a word of asyncio."""
