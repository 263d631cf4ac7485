import hashlib
import importlib.util
import sys
import tempfile
import unittest
from dataclasses import asdict
from pathlib import Path

from blut import ParamError, Params

PATH = Path(__file__).resolve().parents[1] / "examples" / "finetune" / "spec.py"
loaded = importlib.util.spec_from_file_location("finetune_spec", PATH)
spec = importlib.util.module_from_spec(loaded)
sys.modules[loaded.name] = spec
loaded.loader.exec_module(spec)


class FineTuneSpec(unittest.TestCase):
    def problems(self, **values):
        with self.assertRaises(ParamError) as refused:
            spec.spec_of(Params({"method": "full", "optimiser": "adam", "source": "digits", **values}))
        return list(refused.exception.problems)

    def test_a_good_one_is_whole_and_frozen(self):
        found = spec.spec_of(Params({"method": "low-rank", "optimiser": "sgd", "source": "digits-turned", "lr": 1}))
        self.assertEqual(
            asdict(found),
            {
                "method": {"name": "low-rank", "rank": 4},
                "optimiser": {"name": "sgd", "lr": 1.0, "momentum": 0.9},
                "source": {"kind": "builtin", "name": "digits-turned", "path": "", "sha256": ""},
                "epochs": 5,
                "batch": 32,
                "seed": 1,
            },
        )
        with self.assertRaises(AttributeError):
            found.epochs = 6

    def test_a_csv_is_in_it_by_its_content(self):
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(b"1,2\n")
            file.flush()
            found = spec.spec_of(Params({"method": "head", "optimiser": "adam", "source": file.name})).source
        self.assertEqual((found.kind, found.sha256), ("csv", hashlib.sha256(b"1,2\n").hexdigest()))

    def test_what_makes_no_sense_is_refused_all_at_once(self):
        self.assertEqual(
            self.problems(method="part", optimiser="lion"),
            [
                "method.name: expected one of 'full', 'head', 'low-rank', got 'part'",
                "optimiser.name: expected one of 'sgd', 'momentum', 'adam', got 'lion'",
            ],
        )
        self.assertEqual(
            self.problems(rank=11, lr=-1, optimiser="momentum", momentum=1, epochs=0, source="/no/such.csv"),
            [
                "rank: expected 1 to 10, got 11",
                "lr: expected a number above 0, got -1.0",
                "momentum: expected a number between 0 and 1, got 1.0",
                "epochs and batch are at least 1",
                "source: expected digits, digits-turned, digits-inverted or a CSV that is there, got '/no/such.csv'",
            ],
        )


if __name__ == "__main__":
    unittest.main()
