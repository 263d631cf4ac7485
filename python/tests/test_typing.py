import ast
import importlib
import inspect
import pkgutil
import sys
import typing
import unittest
from pathlib import Path

import blut


def functions_of(module):
    for _, found in inspect.getmembers(module):
        if getattr(found, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(found):
            yield found
        elif inspect.isclass(found):
            methods = [one for one in vars(found).values() if inspect.isfunction(one)]
            # What dataclasses make themselves is in no file.
            yield from (one for one in methods if one.__code__.co_filename == module.__file__)


class Types(unittest.TestCase):
    def test_every_function_says_what_it_takes_and_answers(self):
        seen = 0
        for found in pkgutil.iter_modules(blut.__path__):
            module = importlib.import_module(f"blut.{found.name}")
            for function in functions_of(module):
                with self.subTest(f"{module.__name__}.{function.__qualname__}"):
                    parameters = list(inspect.signature(function).parameters)
                    named = [name for name in parameters if name not in ("self", "cls")]
                    self.assertEqual(set(named) - set(function.__annotations__), set())
                    self.assertIn("return", function.__annotations__)
                    seen += 1
        self.assertGreater(seen, 80)

    def test_the_words_of_the_package_are_there_and_it_is_marked_as_typed(self):
        for name in blut.__all__:
            self.assertTrue(hasattr(blut, name), name)
        self.assertTrue((Path(blut.__file__).parent / "py.typed").exists())
        for record in (blut.Artifact, blut.Ended, blut.Event, blut.Gap):
            self.assertNotIn(None, typing.get_type_hints(record).values())

    def test_nothing_but_the_standard_library_and_syntax_of_3_9(self):
        known = getattr(sys, "stdlib_module_names", None)
        for path in Path(blut.__file__).parent.glob("*.py"):
            tree = ast.parse(path.read_text("utf-8"), path.name, feature_version=(3, 9))
            for node in ast.walk(tree):
                self.assertFalse(type(node).__name__ in ("Match", "TryStar"), path.name)
                for name in imported(node):
                    with self.subTest(path.name, module=name):
                        self.assertTrue(known is None or name in known)


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module.split(".")[0]]
    return []


if __name__ == "__main__":
    unittest.main()
