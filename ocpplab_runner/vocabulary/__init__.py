"""The field's terms, version by version: plain tables that every other room shares.

Nothing here does anything; a module here answers "what is this called in OCPP 1.6, 2.0.1, 2.1?".
"""
