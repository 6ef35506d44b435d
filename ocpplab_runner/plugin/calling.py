"""Calls hooks as pluggy does, and knows which plugin has answered, and which one has raised."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from traceback import walk_tb
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from ocpplab_runner.plugin import hookspecs
from ocpplab_runner.plugin.leaving import ExitAtOnce
from ocpplab_runner.plugin.straying import end_astray
from ocpplab_runner.vocabulary.texts import shortened

#: Characters of what a plugin says.
_LONGEST = 400
_LONGEST_LINE, _MOST_LINES = 2_000, 200
#: Answers of one plugin to one hook at most; without end there would be no end.
MOST = 10_000

Item = TypeVar("Item")


class PluginError(Exception):
    """A plugin cannot be used, or has raised; the message names it and says why."""


class Hooks:
    """The registered plugins, behind pluggy."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)

    def register(self, name: str, plugin: object) -> None:
        """Let a plugin take part.

        Raises:
            PluginError: a hook of it does not exist, or wants arguments that there are not.
        """
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginError(f"plugin {name!r}: {error}") from error

    def hears(self, hook: str) -> bool:
        """Whether any plugin implements it."""
        return bool(self._caller(hook).get_hookimpls())

    def implementers(self, hook: str) -> list[str]:
        """The names of the plugins that implement it."""
        return [one.plugin_name for one in self._caller(hook).get_hookimpls()]

    def call(self, hook: str, *passing: type[Exception], **arguments: Any) -> Any:
        """Call a hook.

        Args:
            hook: its name.
            passing: exceptions that are meant for the caller.
            arguments: of the hook.

        Raises:
            PluginError: an implementation has raised anything else.
        """
        caller = self._caller(hook)
        return _guarded(hook, caller.get_hookimpls(), passing, lambda: caller(**arguments))

    def ask_each(
        self, hook: str, kind: type[Item], *passing: type[Exception], **arguments: Any
    ) -> Iterator[tuple[str, list[Item]]]:
        """What each plugin's own implementation answers, as one list, with the plugin's name; the first one first.

        Wrappers are around each of the answers. Raises as :meth:`call`, also for what an answer raises as it is read,
        and for one that is not of the kind.
        """
        implementations = self._caller(hook).get_hookimpls()
        for own in implementations:
            if own.wrapper or own.hookwrapper:
                continue
            chosen = [one for one in implementations if one is own or one.wrapper or one.hookwrapper]
            read = partial(_read, _caller_of(hook, chosen), arguments)
            answers = _guarded(hook, implementations, passing, read, own.plugin_name)
            items = [item for answer in answers for item in answer]
            if len(items) > MOST:
                raise PluginError(f"plugin {own.plugin_name!r}: {hook} gives more than {MOST:,}")
            for item in items:
                if not isinstance(item, kind):
                    raise PluginError(f"plugin {own.plugin_name!r}: {hook} gives {no(kind, item)}")
            yield own.plugin_name, items

    def _caller(self, hook: str) -> pluggy.HookCaller:
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return caller


def _caller_of(hook: str, implementations: Sequence[pluggy.HookImpl]) -> pluggy.HookCaller:
    """Calls these alone: pluggy gives the answers to a hook without the names of who has given them."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(_Alone(hook, getattr(hookspecs, hook)))
    for number, one in enumerate(implementations):
        manager.register(_Alone(hook, one.function), str(number))
    caller: pluggy.HookCaller = getattr(manager.hook, hook)
    return caller


class _Alone(ModuleType):
    """A module of one hook, and of nothing else: pluggy looks at every name that :func:`dir` gives."""

    def __init__(self, hook: str, function: Callable[..., Any]) -> None:
        super().__init__(hook)
        setattr(self, hook, function)

    def __dir__(self) -> list[str]:
        return [self.__name__]


def _read(caller: pluggy.HookCaller, arguments: Mapping[str, Any]) -> list[list[Any]]:
    return [list(islice(answer, MOST + 1)) for answer in caller(**arguments)]


def _guarded(
    hook: str,
    implementations: Sequence[pluggy.HookImpl],
    passing: tuple[type[Exception], ...],
    call: Callable[[], Any],
    asked: str = "",
) -> Any:
    through: tuple[type[Exception], ...] = (PluginError, *passing)
    try:
        return call()
    except through:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not _made_up(error):
            raise
        who = _culprit(implementations, error) or asked
        raise PluginError(f"plugin {who!r}: {hook} {what_it_did(error)}") from error
    finally:
        # A child that the plugin has forked may be the one that comes back here.
        end_astray()


def what_it_did(error: BaseException) -> str:
    """What a plugin has done wrong, at reasonable length."""
    if isinstance(error, SystemExit):
        return f"called {'os._exit' if isinstance(error, ExitAtOnce) else 'sys.exit'}({error.code!r})"
    text = shortened(str(error), _LONGEST)
    return f"raised {type(error).__name__}" + (f": {text}" if text else "")


def no(kind: type, given: object) -> str:
    """What a plugin has given, and what it is not."""
    plain = isinstance(given, str | int | float | None)  # anything else may have a __repr__ of its own
    shown = shortened(repr(given), _LONGEST) if plain else f"something of the type {type(given).__name__}"
    return f"{shown}, which is no {kind.__name__}"


def traceback_of(error: BaseException) -> str:
    """For who writes a plugin: its lines and their number at reasonable length."""
    lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
    return "\n".join(shortened(line, _LONGEST_LINE) for line in lines[-_MOST_LINES:])


def _made_up(interrupt: KeyboardInterrupt) -> bool:
    """Whether no Ctrl-C can have raised it."""
    return type(interrupt) is KeyboardInterrupt and signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def _culprit(implementations: Sequence[pluggy.HookImpl], error: BaseException) -> str:
    """The plugin whose function is the innermost one that the exception came through; empty for none."""
    names = {code: one.plugin_name for one in implementations if (code := getattr(one.function, "__code__", None))}
    through = [names[frame.f_code] for frame, _ in walk_tb(error.__traceback__) if frame.f_code in names]
    return through[-1] if through else ""
