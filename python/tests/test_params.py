import math
import unittest
from dataclasses import dataclass, field
from typing import Dict, List, Literal, Optional, Tuple

from blut import ParamError, Params


@dataclass
class Optimiser:
    name: Literal["sgd", "adam"]
    lr: float = 0.1


@dataclass
class Train:
    epochs: int
    lr: float
    model: str = "gbt"
    augment: bool = False
    layers: List[int] = field(default_factory=list)
    size: Optional[Tuple[int, ...]] = None
    limits: Optional[Dict[str, float]] = None
    optimiser: Optional[Optimiser] = None


class Binding(unittest.TestCase):
    def problems(self, values, kind=Train):
        with self.assertRaises(ParamError) as refused:
            Params(values).bind(kind)
        return list(refused.exception.problems)

    def test_values_come_as_their_types(self):
        bound = Params(
            {
                "epochs": 5.0,
                "lr": 1,
                "layers": [32, 16],
                "size": [8, 8],
                "limits": {"a": 1},
                "optimiser": {"name": "adam", "lr": "Infinity"},
                "unknown": "left alone",
            }
        ).bind(Train)
        expected = Train(5, 1.0, "gbt", False, [32, 16], (8, 8), {"a": 1.0}, Optimiser("adam", math.inf))
        self.assertEqual(bound, expected)
        self.assertIsInstance(bound.epochs, int)
        self.assertIsInstance(bound.lr, float)

    def test_numbers_that_json_cannot_write_come_by_name(self):
        self.assertTrue(math.isnan(Params({"epochs": 1, "lr": "NaN"}).bind(Train).lr))

    def test_everything_wrong_is_said_at_once_and_where(self):
        wrong = {
            "epoch": 5,
            "lr": "fast",
            "augment": 1,
            "layers": [1, "two"],
            "optimiser": {"name": "rmsprop"},
        }
        self.assertEqual(
            self.problems(wrong),
            [
                "epochs is missing (there is epoch)",
                "lr: expected float, got 'fast'",
                "augment: expected bool, got 1",
                "layers[1]: expected int, got 'two'",
                "optimiser: expected typing.Optional[test_params.Optimiser], got {'name': 'rmsprop'}".replace(
                    "test_params", __name__
                ),
            ],
        )

    def test_true_is_no_number_and_half_is_no_count(self):
        self.assertEqual(
            self.problems({"epochs": True, "lr": 0.5}), ["epochs: expected int, got True"]
        )
        self.assertEqual(self.problems({"epochs": 2.5, "lr": 0.5}), ["epochs: expected int, got 2.5"])

    def test_what_is_no_dataclass_is_a_mistake_of_the_script(self):
        with self.assertRaises(TypeError):
            Params({}).bind(dict)


class OneByOne(unittest.TestCase):
    def test_typed_access_and_defaults(self):
        params = Params({"epochs": 5, "lr": 1, "model": "mlp", "on": True, "nothing": None})
        self.assertEqual(
            (params.integer("epochs"), params.number("lr"), params.text("model"), params.flag("on")),
            (5, 1.0, "mlp", True),
        )
        self.assertEqual((params.integer("other", 3), params.text("nothing", "x")), (3, "x"))
        self.assertEqual(dict(params)["model"], "mlp")

    def test_a_wrong_name_or_type_says_so(self):
        params = Params({"epochs": 5})
        with self.assertRaisesRegex(ParamError, "there is no argument epoch, did you mean epochs?"):
            params.integer("epoch")
        with self.assertRaisesRegex(ParamError, "epochs: expected str, got 5"):
            params.text("epochs")

    def test_words_of_a_command_line(self):
        params = Params.from_words(["epochs=5", "lr=0.1", "model=mlp", "on=true", "text=a=b", 'list=[1,"x"]'])
        self.assertEqual(
            dict(params),
            {"epochs": 5, "lr": 0.1, "model": "mlp", "on": True, "text": "a=b", "list": [1, "x"]},
        )
        with self.assertRaisesRegex(ParamError, "expected name=value, got '--epochs'"):
            Params.from_words(["--epochs"])

    def test_words_that_no_field_has_are_refused_with_the_rest(self):
        with self.assertRaises(ParamError) as refused:
            Params.from_words(["epochs=five", "lr=1", "modle=mlp", "foo=4"]).bind(Train)
        self.assertEqual(
            list(refused.exception.problems),
            [
                "epochs: expected int, got 'five'",
                "there is no argument modle, did you mean model?",
                "there is no argument foo",
            ],
        )


if __name__ == "__main__":
    unittest.main()
