"""The operators of ``benchmarks.mutants``: what they change, and what they leave alone."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.mutants.operators import QUOTAS, Site, sites_of
from benchmarks.mutants.product import PACKAGE
from benchmarks.mutants.sampling import all_sites, draw, parsed, trees
from benchmarks.mutants.words import Words, words_of
from ocpplab_runner.vocabulary import versions
from tests.thoroughness import THOROUGH

WORDS = Words({"Colour": ("RED", "BLUE")}, {"Accepted": ("Rejected",)})


def sites(source: str) -> list[Site]:
    """The places in a text."""
    return sites_of(ast.parse(dedent(source)), "it.py", WORDS)


def mutants(source: str, operator: str) -> list[str]:
    """What each mutant of an operator looks like, one line per mutant where the text has one line."""
    number = len(sites(source))
    texts = []
    for index in range(number):
        tree = ast.parse(dedent(source))
        site = sites_of(tree, "it.py", WORDS)[index]
        if site.operator == operator:
            site.apply()
            texts.append(ast.unparse(ast.fix_missing_locations(tree)))
    return texts


@pytest.mark.parametrize(
    ("operator", "source", "becomes"),
    [
        ("negated condition", "if a:\n    b()", ["if not a:\n    b()"]),
        ("negated condition", "x = 1 if a else 2", ["x = 1 if not a else 2"]),
        ("negated condition", "x = [b for b in c if b]", ["x = [b for b in c if not b]"]),
        ("negated condition", "while a:\n    b()", ["while not a:\n    b()"]),
        (
            "negated condition",
            "match a:\n    case b if c:\n        d()",
            ["match a:\n    case b if not c:\n        d()"],
        ),
        ("swapped comparison", "a == b", ["a != b"]),
        ("swapped comparison", "a < b", ["a > b"]),
        ("swapped comparison", "a is not b", ["a is b"]),
        ("swapped comparison", "a in b", ["a not in b"]),
        ("off by one", "a < b", ["a <= b"]),
        ("off by one", "a == b", []),
        ("swapped word", "Answer = Literal['Accepted']", []),
        ("off by one", "x = [0, 7]", ["x = [1, 7]", "x = [0, 8]"]),
        ("and for or", "x = a and b and c", ["x = a or b or c"]),
        ("swapped word", "x = True", ["x = False"]),
        ("swapped word", "x = {'Accepted': 'other'}", []),
        ("swapped word", "x = f(status='Accepted')", ["x = f(status='Rejected')"]),
        ("swapped member", "x = Colour.RED", ["x = Colour.BLUE"]),
        ("swapped member", "x = words.Colour.BLUE", ["x = words.Colour.RED"]),
        ("swapped member", "x = Other.RED", []),
        (
            "swapped member",
            "match a:\n    case Colour.RED:\n        b()",
            ["match a:\n    case Colour.BLUE:\n        b()"],
        ),
        ("dropped send", "def f():\n    self.send(x)", ["def f():\n    pass"]),
        ("dropped statement", "def f():\n    self.send(x)", []),
        ("dropped statement", "def f():\n    self.x = 1", ["def f():\n    pass"]),
        ("dropped statement", "def f():\n    raise Refused", ["def f():\n    pass"]),
        ("dropped statement", "def f():\n    x = 1", []),
        ("early return", "def f() -> None:\n    a()\n    b()", ["return\n    a", "a()\n    return\n    b"]),
        ("early return", "def f() -> int:\n    a()\n    return 1", []),
        ("dropped entry", "f(1, a=2)", ["f(1)"]),
        ("dropped entry", "x = {'a': 1, 'b': 2}", ["x = {'b': 2}", "x = {'a': 1}"]),
    ],
)
def test_an_operator_makes_its_change(operator: str, source: str, becomes: list[str]) -> None:
    """And no other, and nothing where it does not apply."""
    made = mutants(source, operator)
    assert len(made) == len(becomes)
    for text, part in zip(made, becomes, strict=True):
        assert part in text


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations\nimport a",
        "'''Accepted'''",
        "def f(a: Colour.RED) -> Colour.RED: ...",
        "@dataclass(frozen=True)\nclass A:\n    '''What it is.'''",
        "raise ValueError('Accepted', True, 1)",
        "x = f'{1} {Colour.RED}'",
        "if TYPE_CHECKING:\n    import a",
    ],
)
def test_what_nobody_can_notice_is_left_alone(source: str) -> None:
    """Annotations, docstrings, decorators, and texts for people."""
    assert sites(source) == []


def test_a_place_is_known_by_its_function_and_never_by_its_line() -> None:
    """Lines move whenever anybody writes; the same change twice in a function is numbered."""
    source = "class A:\n    def f(self):\n        if x == 1: pass\n        if x == 1: pass\n"
    keys = [site.key for site in sites(source)]
    assert keys == [site.key for site in sites("\n\n\n" + source)]
    assert "it.py::A.f · swapped comparison · x == 1 → x != 1" in keys
    assert "it.py::A.f · swapped comparison · x == 1 → x != 1 #2" in keys
    assert len(keys) == len(set(keys))


def test_every_mutant_of_the_product_is_python_and_differs() -> None:
    """An operator that changes nothing would always survive."""
    for path in sorted((PACKAGE / "csms").rglob("*.py")):
        ((file, sound),) = parsed([path])
        before = ast.unparse(sound)
        for number in range(0, len(all_sites({file: sound})), 25 if THOROUGH else 100):
            ((_, fresh),) = parsed([path])
            site = all_sites({file: fresh})[number]
            site.apply()
            compile(ast.fix_missing_locations(fresh), file, "exec")
            assert ast.unparse(fresh) != before, site.key


def test_mutants_are_drawn_by_quota_and_seed() -> None:
    """Each operator has its share, and a seed always gives the same."""
    places = all_sites(trees(["charger", "csms", "authorization"]))
    drawn = draw(places, 200, seed=4)
    assert len({site.key for site in drawn}) == 200
    assert [site.key for site in drawn] == [site.key for site in draw(places, 200, seed=4)]
    assert [site.key for site in drawn] != [site.key for site in draw(places, 200, seed=5)]
    for operator, share in QUOTAS.items():
        assert abs(sum(site.operator == operator for site in drawn) - 2 * share) <= 1


def test_all_places_can_be_drawn() -> None:
    """Asking for more than there are gives all of them."""
    places = sites("if a == 1:\n    b()")
    assert {site.key for site in draw(places, 100, seed=1)} == {site.key for site in places}


def test_words_come_from_enums_literals_and_ocpp() -> None:
    """A word of several enumerations may become any word of theirs."""
    words = words_of(Path(versions.__file__).parents[1])
    assert "V201" in words.members["OcppVersion"]
    assert "Rejected" in words.values["Accepted"]
    assert "Faulted" in words.values["SuspendedEV"]
    assert "Accepted" not in words.values["Accepted"]
