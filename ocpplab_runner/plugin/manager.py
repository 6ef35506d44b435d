"""Finds plugins, asks each hook once, and makes the language's registry of what they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from click import ClickException

from ocpplab_runner.plugin import hookspecs
from ocpplab_runner.plugin.calling import Hooks, PluginError, no, what_it_did
from ocpplab_runner.plugin.csms_driver import CsmsDriver
from ocpplab_runner.plugin.hookspecs import PROJECT
from ocpplab_runner.plugin.installed import any_installed
from ocpplab_runner.plugin.options import OptionSpec, option_values
from ocpplab_runner.plugin.results import Report
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import misspelt
from ocpplab_runner.plugin.target import Target
from ocpplab_runner.plugin.verb import Verb
from ocpplab_runner.scenario.registry import DuplicateNameError, FacetSpec, MatcherSpec, Registry
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.texts import shortened

__all__ = ["PluginError", "Plugins", "load_plugins"]

_PREFIXED = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_HOOK_PREFIX = "ocpplab_"
_AWAY = "no:"
_DEFAULT_RIG = "http"
_DEFAULT_DRIVER = "http"
HOOKS = tuple(name for name in vars(hookspecs) if name.startswith(_HOOK_PREFIX))


class Plugins:
    """The registered plugins and what the language has become with them.

    Attributes:
        registry: verbs, facets and matchers as data.
        verbs: verb name → what it does.
        options: those that plugins have of their own.
    """

    def __init__(self, builtins: Iterable[ModuleType | object], plugins: Mapping[str, ModuleType | object]) -> None:
        """Register built-in modules, which need no prefix, then plugins by name.

        Raises:
            PluginError: a plugin raises, claims a taken name, or names a verb or facet without a prefix.
        """
        self.hooks = Hooks()
        self.registry = Registry()
        self.verbs: dict[str, Verb] = {}
        self.names: tuple[str, ...] = tuple(plugins)
        for module in builtins:
            self.hooks.register(getattr(module, "__name__", repr(module)), module)
        for name, plugin in plugins.items():
            _refuse_unmarked(name, plugin)
            self.hooks.register(name, plugin)
        self.options: list[OptionSpec] = []
        for name, options in self.hooks.ask_each("ocpplab_options", OptionSpec):
            self._enter(name, "option", options, self._add_options)
        for name, verbs in self.hooks.ask_each("ocpplab_verbs", Verb):
            self._enter(name, "verb", [verb.spec for verb in verbs], self.registry.add_verbs)
            self.verbs.update((verb.spec.name, verb) for verb in verbs)
        for name, facets in self.hooks.ask_each("ocpplab_facets", FacetSpec):
            self._enter(name, "facet", facets, self.registry.add_facets)
        for name, matchers in self.hooks.ask_each("ocpplab_matchers", MatcherSpec):
            self._enter(name, "matcher", matchers, self.registry.add_matchers)

    def target(self, kind: str, name: str, options: Mapping[str, Any]) -> Target:
        """Make the target of a kind.

        Raises:
            PluginError: nobody knows that kind.
            ValueError: an option is wrong.
        """
        # A wrong option is its user's fault, not the plugin's, and goes on to the command line.
        target: Target | None = self.hooks.call(
            "ocpplab_target", ValueError, OSError, ClickException, kind=kind, name=name, options=options
        )
        if target is None:
            raise PluginError(f"no target of kind {kind!r} is registered")
        if not hasattr(target, "capabilities") or not callable(getattr(target, "set_up", None)):
            raise PluginError(f"the target {name!r} of {self._who('ocpplab_target')} is {no(Target, target)}")
        if wrong := misspelt(type(target), Target):
            raise PluginError(f"the target {name!r}: {wrong}")
        return target

    def _who(self, hook: str) -> str:
        """The plugins that implement a hook."""
        names = [one for one in self.hooks.implementers(hook) if one in self.names]
        return " or ".join(f"plugin {one!r}" for one in names) or "our own"

    def rig(self, options: Mapping[str, Any]) -> Rig:
        """Make the rig that a target's option ``rig`` describes.

        Raises:
            PluginError: nobody knows that kind.
            ValueError: an option is wrong.
        """
        kind = str(options.get("kind", _DEFAULT_RIG))
        told = {name: value for name, value in options.items() if name != "kind"}
        rig: Rig | None = self.hooks.call("ocpplab_rig", ValueError, OSError, ClickException, kind=kind, options=told)
        if rig is None:
            raise PluginError(f"no rig of kind {kind!r} is registered")
        return rig

    def csms_driver(self, options: Mapping[str, Any]) -> CsmsDriver:
        """Make the driver that a target's option ``driver`` describes.

        Raises:
            PluginError: nobody knows that kind.
            ValueError: an option is wrong.
        """
        kind = str(options.get("kind", _DEFAULT_DRIVER))
        told = {name: value for name, value in options.items() if name != "kind"}
        driver: CsmsDriver | None = self.hooks.call(
            "ocpplab_csms_driver", ValueError, OSError, ClickException, kind=kind, options=told
        )
        if driver is None:
            raise PluginError(f"no driver of kind {kind!r} is registered")
        return driver

    def reports(self, options: Mapping[str, Any]) -> list[Report]:
        """Every report that this run asks for, the built-in ones among them."""
        collected: list[Report] = []
        kind: Any = Report
        for _, reports in self.hooks.ask_each("ocpplab_reports", kind, OSError, options=options):
            collected.extend(reports)
        return collected

    def check_file(self, path: Path) -> None:
        """Tell plugins that a file is about to be checked."""
        self.hooks.call("ocpplab_check_file", path=path)

    def configure(self, given: Mapping[str, Any], configured: Mapping[str, Mapping[str, Any]]) -> None:
        """Tell plugins what their options are; arguments and errors as of :func:`option_values`, and PluginError."""
        if self.hooks.hears("ocpplab_configure") or self.options:
            values = option_values(self.options, given, configured)
            self.hooks.call("ocpplab_configure", options=values)

    def _add_options(self, specs: Sequence[OptionSpec]) -> None:
        for spec in specs:
            if any(spec.name == other.name or spec.flag == other.flag for other in self.options):
                raise DuplicateNameError(f"the option {spec.name!r} is registered twice")
            # Raises where no command line could give such a value.
            _ = spec.kind
            self.options.append(spec)

    def _enter(self, name: str, what: str, specs: Sequence[Any], add: Callable[[Sequence[Any]], None]) -> None:
        """Take what a plugin adds to the language; ``what`` is it called."""
        sign = "$" if what == "matcher" else ""
        for spec in specs if name in self.names else ():
            bare = spec.name.removeprefix(sign)
            if spec.name != sign + bare or not _PREFIXED.fullmatch(bare):
                raise PluginError(
                    f"plugin {name!r}: the {what} {spec.name!r} needs a prefix of its own, "
                    f"such as '{sign}acme.{bare.rpartition('.')[2]}'"
                )
            if isinstance(spec, MatcherSpec) and spec.holds is None:
                raise PluginError(f"plugin {name!r}: the matcher {spec.name!r} brings no function: give it `holds`")
        try:
            add(specs)
        except ValueError as error:
            raise PluginError(f"plugin {name!r}: {error}") from error


def _refuse_unmarked(name: str, plugin: object) -> None:
    """A function that is called like a hook and is none would never be called."""
    for attribute in vars(plugin) if isinstance(plugin, ModuleType) else dir(plugin):
        if not attribute.startswith(_HOOK_PREFIX):
            continue
        member = getattr(plugin, attribute)
        marks = getattr(member, f"{PROJECT}_impl", None)
        # With specname it may be called anything; with optionalhook its author knows that there may be no such hook.
        if not callable(member) or (marks and (marks["specname"] or marks["optionalhook"])):
            continue
        if not hasattr(hookspecs, attribute):
            hint = did_you_mean(attribute, HOOKS)
            raise PluginError(f"plugin {name!r}: there is no hook {attribute!r}{f'; {hint}' if hint else ''}")
        if marks is None:
            raise PluginError(f"plugin {name!r}: {attribute} is not marked with @hookimpl")


def load_plugins(
    builtins: Iterable[ModuleType | object], modules: Sequence[str] = (), *, entry_points: bool = True
) -> Plugins:
    """Load the built-in modules, the installed plugins, and modules named by the user.

    Args:
        builtins: modules whose names need no prefix.
        modules: importable names (``--plugin``), ``MODULE:NAME`` for something in one, or ``no:NAME`` for a plugin that
            shall not take part. A class is made an instance.
        entry_points: whether installed packages with an entry point in the group ``ocpplab_runner`` take part.

    Raises:
        PluginError: one of them cannot be used, or there is none to keep away.
    """
    away = {module.removeprefix(_AWAY) for module in modules if module.startswith(_AWAY)}
    named = [module for module in modules if not module.startswith(_AWAY)]
    known = set(named)
    plugins: dict[str, ModuleType | object] = {}
    if entry_points and any_installed():
        from importlib.metadata import entry_points as installed

        # By name, so that hooks are called in one order wherever the packages lie.
        for point in sorted(installed(group=PROJECT), key=lambda point: point.name):
            known.add(point.name)
            if point.name in away:
                continue
            try:
                found = point.load()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                raise PluginError(f"plugin {point.name!r} ({point.value}) cannot be loaded: {_why(error)}") from error
            plugins[point.name] = _instance(point.name, found)
    for name in named:
        if name in away:
            continue
        try:
            module, _, attribute = name.partition(":")
            loaded = import_module(module)
            loaded = getattr(loaded, attribute) if attribute else loaded
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise PluginError(f"plugin module {name!r} cannot be imported: {_why(error)}") from error
        # One that is installed may be named as well; it takes part once.
        if not any(loaded is one or loaded is type(one) for one in plugins.values()):
            plugins[name] = _instance(name, loaded)
    for name in sorted(away - known):
        hint = did_you_mean(name, known) or f"there are {', '.join(sorted(known)) or 'none'}"
        raise PluginError(f"there is no plugin {name!r} to keep away; {hint}")
    return Plugins(builtins, plugins)


def _why(error: BaseException) -> str:
    """What a module has done wrong; who ends the process while it is loaded would end the run, and with a 0 at that."""
    if isinstance(error, SystemExit):
        return f"it {what_it_did(error)}"
    return shortened(str(error) or type(error).__name__, 400)


def _instance(name: str, plugin: object) -> ModuleType | object:
    if not isinstance(plugin, type):
        return plugin
    try:
        made: object = plugin()
        return made
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(f"plugin {name!r}: its constructor {what_it_did(error)}") from error
