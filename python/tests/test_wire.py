import base64
import json
import unittest
from pathlib import Path

from blut import _wire
from blut._calls import EventCursor, Event, Gap, LogReader

DATA = Path(__file__).resolve().parents[2] / "test" / "data" / "wire"
FRAMES = json.loads((DATA / "frames.json").read_text("utf-8"))
EXCHANGES = json.loads((DATA / "exchanges.json").read_text("utf-8"))


def shown(event):
    if isinstance(event, _wire.Frame):
        return {"kind": "frame", "value": event.value}
    return {"kind": "broken", "code": event.code, "close": event.close}


class Frames(unittest.TestCase):
    def test_the_frames_of_both_ends_are_what_they_are(self):
        for one in FRAMES:
            with self.subTest(one["name"]):
                decoder = _wire.FrameDecoder()
                found = [shown(event) for event in decoder.push(base64.b64decode(one["base64"]))]
                self.assertEqual(found, one["events"])

    def test_they_come_out_the_same_byte_by_byte(self):
        for one in FRAMES:
            with self.subTest(one["name"]):
                decoder = _wire.FrameDecoder()
                found = []
                for byte in base64.b64decode(one["base64"]):
                    found += [shown(event) for event in decoder.push(bytes([byte]))]
                self.assertEqual(found, one["events"])

    def test_a_frame_over_the_limit_closes_and_what_follows_is_swallowed(self):
        decoder = _wire.FrameDecoder(_wire.Limits(frame_bytes=16))
        [event] = decoder.push(b'"' + b"x" * 16 + b'"\n1\n')
        self.assertEqual((event.code, event.close), (_wire.INVALID_REQUEST, True))
        self.assertEqual(decoder.push(b"1\n"), [])

    def test_a_frame_of_too_many_values_is_refused_and_the_next_is_read(self):
        decoder = _wire.FrameDecoder(_wire.Limits(values=3))
        events = decoder.push(b'[1,2,3,4]\n["a,b,c,d"]\n')
        self.assertEqual([shown(event).get("close") for event in events], [False, None])

    def test_what_is_sent_is_one_line_of_json_without_nan(self):
        self.assertEqual(_wire.encode_frame({"a": "é\n"}), '{"a":"é\\n"}\n'.encode())
        with self.assertRaises(ValueError):
            _wire.encode_frame(float("nan"))
        with self.assertRaises(ValueError):
            _wire.encode_frame("x" * _wire.FRAME_BYTES)


class Exchanges(unittest.TestCase):
    def test_requests_are_the_bytes_that_the_daemon_reads(self):
        for one in EXCHANGES["requests"]:
            with self.subTest(one["method"]):
                number, frame = _wire.Wire().request(_wire.Request(one["method"], one["params"]))
                self.assertEqual(number, 1)
                self.assertEqual(frame.decode(), one["line"] + "\n")

    def test_answers_are_results_or_refusals_with_reason_and_remedy(self):
        for one in EXCHANGES["answers"]:
            with self.subTest(one["name"]):
                [said] = _wire.Wire().receive(one["line"].encode() + b"\n")
                self.assertIsInstance(said, _wire.Answer)
                self.assertEqual(said.id, one["id"])
                if "result" in one:
                    self.assertEqual((said.result, said.refusal), (one["result"], None))
                else:
                    refused = said.refusal
                    names = ("reason", "message", "remedy", "retryable", "data")
                    self.assertEqual({name: getattr(refused, name) for name in names}, one["refusal"])

    def test_notices_are_events_and_counted_gaps_and_nothing_comes_twice(self):
        cursor = EventCursor(0)
        cursor.subscribed({"cursor": 0})
        wire = _wire.Wire()
        for one in EXCHANGES["notices"]:
            with self.subTest(one["name"]):
                [said] = wire.receive(one["line"].encode() + b"\n")
                records = [vars(record) for record in cursor.take(said)]
                self.assertEqual(records, one["records"])
        self.assertEqual(cursor.request().params, {"since": EXCHANGES["cursorAfter"]})

    def test_what_is_no_object_ends_the_connection(self):
        [said] = _wire.Wire().receive(b"[1]\n")
        self.assertIsInstance(said, _wire.Lost)
        [said] = _wire.Wire().receive(b"hello\n")
        self.assertIsInstance(said, _wire.Lost)


def page(attempt, text, offset, ended):
    return {
        "attempt": attempt,
        "base64": base64.b64encode(text.encode()).decode(),
        "offset": offset,
        "next": offset + len(text),
        "dropped": 0,
        "ended": ended,
    }


class Logs(unittest.TestCase):
    def test_a_log_that_is_not_followed_ends_where_it_is_now(self):
        reader = LogReader("r", None, "stdout", False)
        self.assertEqual(reader.request().params["waitMs"], 0)
        self.assertEqual(reader.take(page(1, "one", 0, False)), b"one")
        self.assertEqual(reader.request().params["offset"], 3)
        self.assertFalse(reader.done)
        self.assertEqual(reader.take(page(1, "", 3, False)), b"")
        self.assertTrue(reader.done)

    def test_a_followed_log_goes_on_with_the_next_attempt_from_its_start(self):
        reader = LogReader("r", "train", "stderr", True)
        asked = reader.request().params
        self.assertEqual((asked["step"], asked["stream"], "attempt" in asked), ("train", "stderr", False))
        self.assertEqual(reader.take(page(0, "", 0, False)), b"")
        self.assertEqual(reader.take(page(1, "one", 0, False)), b"one")
        self.assertEqual(reader.request().params["attempt"], 1)
        self.assertEqual(reader.take(page(1, "!", 3, True)), b"!")
        self.assertNotIn("attempt", reader.request().params)
        self.assertEqual(reader.take(page(2, "", 4, False)), b"")
        self.assertEqual((reader.request().params["attempt"], reader.request().params["offset"]), (2, 0))
        self.assertEqual(reader.take(page(2, "two", 0, True)), b"two")
        self.assertFalse(reader.done)
        self.assertEqual(reader.take(page(2, "", 3, True)), b"")
        self.assertTrue(reader.done)

    def test_a_followed_run_of_many_steps_goes_on_with_the_next_step_from_its_start(self):
        reader = LogReader("r", None, "stdout", True)
        self.assertEqual(reader.take({**page(1, "one", 0, False), "step": "a"}), b"one")
        asked = reader.request().params
        self.assertEqual((asked["step"], asked["attempt"], asked["offset"]), ("a", 1, 3))
        self.assertEqual(reader.take({**page(1, "", 3, True), "step": "a"}), b"")
        self.assertNotIn("step", reader.request().params)
        self.assertEqual(reader.take({**page(1, "b", 3, False), "step": "b"}), b"")
        asked = reader.request().params
        self.assertEqual((asked["step"], asked["attempt"], asked["offset"]), ("b", 1, 0))

    def test_each_of_two_steps_that_ran_at_once_is_read_a_single_time(self):
        reader = LogReader("r", None, "stdout", True)
        newer = lambda text, offset, ended: {**page(1, text, offset, ended), "step": "newer"}
        older = lambda text, offset, ended: {**page(1, text, offset, ended), "step": "older"}
        pages = [newer("new", 0, True), older("", 3, False), older("old", 0, True), newer("", 3, False)]
        self.assertEqual(b"".join(map(reader.take, pages)), b"newold")
        asked = reader.request().params
        self.assertEqual(("step" in asked, asked["offset"]), (False, 3))
        self.assertEqual(reader.take(newer("", 3, True)), b"")
        self.assertTrue(reader.done)


class Records(unittest.TestCase):
    def test_records_are_compared_by_what_they_say(self):
        self.assertEqual(Gap(1, 2), Gap(1, 2))
        self.assertNotEqual(Event(1, 2, "a", None, None, {}), Event(1, 2, "b", None, None, {}))


if __name__ == "__main__":
    unittest.main()
