"""Why a broker is not reached, in words that say what to change."""

from __future__ import annotations

import asyncio
from ssl import SSLContext

import aiomqtt

from ocpplab_runner.ocppj.tls import in_words, tls_error_behind

_CALLED = "the broker"
#: Reason codes of MQTT 5 (3.2.2.2) that refuse who is there; those of MQTT 3.1.1 come as the same.
_CREDENTIALS = frozenset({134, 135})
#: CONNECT of MQTT 3.1.1 (3.1) by nobody in particular: clean session, 60 s to keep alive, no client identifier.
_HELLO = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
#: Seconds in which whoever refuses a certificate says so: in TLS 1.3 that comes after the handshake.
_ALERT = 0.5
#: Seconds that the broker has to say why it said nothing.
_LOOK = 2.0


def in_plain_words(error: Exception, *, named: bool) -> str:
    """What an attempt to connect has come to; empty where the broker has only closed it: :func:`obstacle` looks why.

    Args:
        error: of the attempt.
        named: whether a user was named.
    """
    secured = tls_error_behind(error)
    if secured is not None:
        return in_words(secured, _CALLED)
    if _refuses_who_is_there(error):
        wanted = "refuses this user with this password" if named else "lets nobody in without a user and a password"
        return f"{_CALLED} {wanted} (not authorized)"
    below = error.__cause__ or error.__context__ or error
    if isinstance(below, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(below, ConnectionResetError):
        return ""
    return str(error) or type(error).__name__


async def obstacle(host: str, port: int, context: SSLContext | None) -> str:
    """Look why a broker has not said a word to those who knocked.

    Args:
        host: the broker's.
        port: the broker's.
        context: for TLS; None where none is spoken.
    """
    try:
        async with asyncio.timeout(_LOOK):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
            try:
                said = await _first_word(reader, writer)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return f"{_CALLED} does not answer"
    except OSError as error:
        secured = tls_error_behind(error)
        if secured is not None:
            return in_words(secured, _CALLED)
        said = b""
    if said:
        return f"{_CALLED} is slow to answer"
    other = "mqtts://" if context is None else "mqtt://"
    return f"the connection is closed without a word: there may be {other} only, or no broker"


async def _first_word(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What the broker says; first it has time for its alert, which is lost when it is told something meanwhile."""
    try:
        async with asyncio.timeout(_ALERT):
            return await reader.read(1)
    except TimeoutError:
        writer.write(_HELLO)
        return await reader.read(1)


def _refuses_who_is_there(error: Exception) -> bool:
    code = error.rc if isinstance(error, aiomqtt.MqttCodeError) else None
    return getattr(code, "value", None) in _CREDENTIALS
