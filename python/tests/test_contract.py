import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from blut import contract

DATA = Path(__file__).resolve().parents[2] / "test" / "data" / "wire"


def verdict(found):
    if isinstance(found, contract.EventLine):
        return {"line": found.line, "event": found.fields}
    field = {} if found.field is None else {"field": found.field}
    return {"line": found.line, "problem": {"reason": found.reason, **field}}


class Contract(unittest.TestCase):
    maxDiff = None

    def test_every_line_is_what_the_daemon_takes_it_for(self):
        expected = json.loads((DATA / "events.verdicts.json").read_text("utf-8"))
        with (DATA / "events.jsonl").open("rb") as file:
            found = {one.line: verdict(one) for one in contract.read_events(file)}
        for one in expected:
            with self.subTest(line=one["line"]):
                self.assertEqual(found.get(one["line"], {"line": one["line"], "blank": True}), one)
        self.assertGreater(len(expected), 80)

    def check(self, content):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "events.jsonl"
            path.write_bytes(content)
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = contract.main(["check", str(path)])
            return code, out.getvalue().replace(str(path), "FILE"), err.getvalue()

    def test_a_good_file_is_0_and_says_how_many_events_it_has(self):
        code, out, err = self.check(b'{"type":"heartbeat"}\n\n{"type":"metric","name":"a","value":NaN}\n')
        self.assertEqual((code, out, err), (0, "", "2 events, 0 problems\n"))

    def test_a_bad_one_is_1_with_line_and_reason(self):
        code, out, _ = self.check(b'{"type":"heartbeat"}\nhello\n{"type":"progress","done":-1}\n')
        self.assertEqual(code, 1)
        lines = out.splitlines()
        self.assertTrue(lines[0].startswith("FILE:2: not-json: "))
        self.assertEqual(lines[1], "FILE:3: bad-field: progress: done: expected a number from 0 on, got -1")

    def test_a_line_of_a_hundred_megabytes_is_one_problem_and_the_next_line_is_read(self):
        code, out, err = self.check(b"x" * 100_000_000 + b'\n{"type":"heartbeat"}\n')
        self.assertEqual((code, err), (1, "1 events, 1 problems\n"))
        self.assertTrue(out.startswith("FILE:1: too-long"))

    def test_a_file_that_is_not_there_and_a_wrong_verb_are_2(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(contract.main(["check", "/no/such/file"]), 2)
            with self.assertRaises(SystemExit) as ended:
                contract.main(["verify"])
        self.assertEqual(ended.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
