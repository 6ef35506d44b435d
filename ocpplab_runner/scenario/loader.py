"""Files to checked scenarios: the one way in for ``check``, ``run`` and everybody else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ocpplab_runner.scenario.build import Builder
from ocpplab_runner.scenario.checks.files import Settings, check_file
from ocpplab_runner.scenario.diagnostics import Diagnostic
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.language import Language, language_of
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.source_secrets import declared_in, masked, secrets_in
from ocpplab_runner.scenario.sources import Sources, scenario_files
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(slots=True)
class LoadResult:
    """What came of a load.

    Attributes:
        scenarios: of the files without errors, in the order of the files.
        diagnostics: every problem of every file, sorted by file, line and column.
        files: every scenario file that was looked at, in order.
        documents: the files with diagnostics, for showing their lines.
        variables: every variable that ``--var`` can give → the values that the files have for it.
        secrets: of the files with diagnostics, what is not shown of them.
    """

    scenarios: list[Scenario] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    documents: dict[Path, Document] = field(default_factory=dict)
    variables: dict[str, list[Any]] = field(default_factory=dict)
    secrets: dict[Path, frozenset[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no diagnostic is an error."""
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def source_line(self, path: Path, line: int) -> str:
        """A line of a file that took part, without its line break and secrets; empty when there is none."""
        document = self.documents.get(path)
        return masked(document.line(line), self.secrets.get(path, ())) if document else ""

    def without_secrets(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic, of a file that took part, for people."""
        places = (diagnostic.path, *(path for path, _, _ in diagnostic.related))
        secrets = frozenset[str]().union(*(self.secrets.get(path, ()) for path in places))
        if not secrets:
            return diagnostic
        return replace(
            diagnostic,
            message=masked(diagnostic.message, secrets),
            hint=masked(diagnostic.hint, secrets),
            related=tuple((path, span, masked(why, secrets)) for path, span, why in diagnostic.related),
        )

    def take_secrets(self, documents: Collection[Document]) -> None:
        """Look through documents that belong together: what one declares as secret the other may hold."""
        declared = frozenset[str]().union(*(declared_in(document.text) for document in documents))
        for document in documents:
            found = secrets_in(document.text, declared)
            self.secrets[document.path] = self.secrets.get(document.path, frozenset()) | found


def load_files(
    paths: Iterable[Path | str],
    registry: Registry,
    *,
    versions: Sequence[OcppVersion] | None = None,
    variables: Iterable[str] = (),
    build: bool = True,
    told: Callable[[Path], None] | None = None,
) -> LoadResult:
    """Read, check and build the scenarios of files and directories.

    Args:
        paths: files, or directories to search for ``*.yaml`` and ``*.yml``.
        registry: the verbs, facets and matchers of the language.
        versions: what a file without an ``ocpp`` list runs in: the versions that the target speaks. None when that is
            not known; such a file is then only refused for what no version has.
        variables: names that ``--var`` gives.
        build: False for ``check``, which needs no model.
        told: is told each file before it is checked.
    """
    loader = Loader(language_of(registry), versions=versions, variables=variables, build=build)
    for path in scenario_files(Path(path) for path in paths):
        if told is not None:
            told(path)
        loader.load(path)
    return loader.finish()


def load_text(
    text: str | bytes,
    registry: Registry,
    *,
    path: Path = Path("scenario.yaml"),
    versions: Sequence[OcppVersion] | None = None,
    variables: Iterable[str] = (),
) -> LoadResult:
    """The same for one scenario that is at hand; its includes are looked for beside ``path``."""
    loader = Loader(language_of(registry), versions=versions, variables=variables, build=True)
    loader.sources.put(path, text)
    loader.load(path)
    return loader.finish()


class Loader:
    """Loads one file after the other and remembers what they share."""

    def __init__(
        self,
        language: Language,
        *,
        versions: Sequence[OcppVersion] | None,
        variables: Iterable[str],
        build: bool,
    ) -> None:
        self.language = language
        self.settings = Settings(tuple(versions) if versions is not None else None, frozenset(variables))
        self.build = build
        self.sources = Sources()
        self.result = LoadResult()

    def load(self, path: Path) -> None:
        """Check one file and, when it is sound, build its scenario."""
        self.result.files.append(path)
        document = self.sources.read(path, keep=False)
        checked = check_file(document, self.language, self.sources, self.settings)
        self.result.diagnostics.extend(checked.diagnostics)
        self.result.documents.update((other.path, other) for other in checked.documents)
        if checked.diagnostics:
            beside = [checked.defaults] if checked.defaults else []
            self.result.take_secrets([document, *beside, *checked.documents])
        for name, values in checked.variables.items():
            self.result.variables.setdefault(name, []).extend(values)
        sound = not any(diagnostic.severity == "error" for diagnostic in checked.diagnostics)
        if self.build and sound and not checked.is_library:
            self.result.scenarios.append(Builder(self.language, self.sources).scenario(document, checked.defaults))

    def finish(self) -> LoadResult:
        """The result, its diagnostics sorted, each once."""
        seen: dict[tuple[object, ...], Diagnostic] = {}
        for diagnostic in self.result.diagnostics:
            key = (diagnostic.path, diagnostic.span, diagnostic.code, diagnostic.message)
            # A file that several scenarios take in is checked with each of them.
            seen.setdefault(key, self.result.without_secrets(diagnostic))
        self.result.diagnostics = sorted(seen.values(), key=lambda d: (str(d.path), d.span, d.code, d.message))
        return self.result
