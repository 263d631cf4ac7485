import asyncio
import base64
import json
import os
import socket
import tempfile
import threading
import unittest

from blut import Client, Event, Gap, NoAnswer, Refused
from blut.aio import AsyncClient


class Daemon:
    """A socket that answers by script: a function from a request to frames; None hangs up."""

    def __init__(self, case, answer):
        place = tempfile.TemporaryDirectory()
        case.addCleanup(place.cleanup)
        self.path = os.path.join(place.name, "blutd.sock")
        self.requests = []
        self._answer = answer
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.path)
        self._server.listen()
        case.addCleanup(self.close)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        try:
            self._server.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._server.close()
        self._thread.join(10)

    def _serve(self):
        while True:
            try:
                end, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(end,), daemon=True).start()

    def _talk(self, end):
        with end, end.makefile("rb") as lines:
            for line in lines:
                request = json.loads(line)
                self.requests.append(request)
                frames = self._answer(request)
                if frames is None:
                    return
                end.sendall(b"".join(json.dumps(one).encode() + b"\n" for one in frames))


def result(request, value):
    return {"jsonrpc": "2.0", "id": request["id"], "result": value}


def event(seq):
    params = {"seq": seq, "at": 1, "kind": "run.queued", "runId": "run_1", "facts": {}}
    return {"jsonrpc": "2.0", "method": "events.event", "params": params}


def refusal(request):
    data = {"reason": "not-found", "remedy": "look again", "retryable": False, "selector": "x"}
    return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32001, "message": "no run x", "data": data}}


ENDED = {"id": "run_1", "state": "failed", "exitCode": 3, "sentence": "it exited with 3"}
GOING = {"id": "run_1", "state": "running", "sentence": "it runs"}


class Blocking(unittest.TestCase):
    def test_submit_sends_directory_and_environment_and_no_word_of_a_stage(self):
        daemon = Daemon(self, lambda r: [result(r, {"id": "run_1", "deduplicated": False})])
        os.environ["BLUT_OUT"] = "/not/for/others"
        self.addCleanup(os.environ.pop, "BLUT_OUT")
        with Client(daemon.path) as client:
            self.assertEqual(client.submit(["echo", "hi"], name="one"), "run_1")
            client.submit_plan({"version": 1, "steps": []}, env={}, failFast=True)
        sent, plan = (request["params"] for request in daemon.requests)
        self.assertEqual((sent["argv"], sent["cwd"], sent["name"]), (["echo", "hi"], os.getcwd(), "one"))
        self.assertIn("PATH", sent["env"])
        self.assertNotIn("BLUT_OUT", sent["env"])
        self.assertEqual(plan, {"plan": {"version": 1, "steps": []}, "env": {}, "failFast": True})

    def test_a_recipe_is_named_or_a_file_and_takes_arguments_from_the_environment(self):
        daemon = Daemon(self, lambda r: [result(r, {"id": "run_1"})])
        os.environ["BLUT_ARG_LR"] = "0.1"
        self.addCleanup(os.environ.pop, "BLUT_ARG_LR")
        with Client(daemon.path) as client:
            self.assertEqual(client.run_recipe("digits", "epochs=5", failFast=True), "run_1")
            client.run_recipe("./digits.toml", cwd="/tmp", env={})
            client.run_recipe("words.ts#count", cwd="/tmp", env={})
        named, file, of_cookbook = (request["params"] for request in daemon.requests)
        self.assertEqual((named["recipe"], named["overrides"]), ({"name": "digits"}, ["epochs=5"]))
        self.assertEqual((named["cwd"], named["env"]["BLUT_ARG_LR"]), (os.getcwd(), "0.1"))
        self.assertTrue(named["failFast"])
        self.assertEqual((file["recipe"], file["env"]), ({"file": "/tmp/digits.toml"}, {}))
        self.assertEqual(of_cookbook["recipe"], {"file": "/tmp/words.ts#count"})

    def test_a_refusal_has_its_reason_and_what_to_do(self):
        daemon = Daemon(self, lambda r: [refusal(r)])
        with Client(daemon.path) as client, self.assertRaises(Refused) as refused:
            client.get("x")
        error = refused.exception
        self.assertEqual((error.reason, error.remedy, error.data), ("not-found", "look again", {"selector": "x"}))
        self.assertEqual(str(error), "no run x; look again")

    def test_wait_asks_again_until_the_end(self):
        answers = [{"done": False, "runs": [GOING]}, {"done": True, "runs": [ENDED]}]
        daemon = Daemon(self, lambda r: [result(r, answers.pop(0))])
        with Client(daemon.path) as client:
            [ended] = client.wait("last")
        self.assertEqual((ended.id, ended.state, ended.exit_code), ("run_1", "failed", 3))
        self.assertEqual(len(daemon.requests), 2)

    def test_wait_gives_up_when_its_time_is_over(self):
        daemon = Daemon(self, lambda r: [result(r, {"done": False, "runs": [GOING]})])
        with Client(daemon.path) as client, self.assertRaisesRegex(TimeoutError, "run_1"):
            client.wait("last", timeout=0)
        self.assertEqual(daemon.requests[0]["params"]["waitMs"], 0)

    def test_a_call_that_changes_nothing_looks_for_a_daemon_that_went_away(self):
        went = []
        daemon = Daemon(self, lambda r: [result(r, {"done": True, "runs": [ENDED]})] if went else went.append(1))
        with Client(daemon.path) as client:
            self.assertEqual(client.wait("last")[0].exit_code, 3)
        self.assertEqual(len(daemon.requests), 2)

    def test_a_submit_that_was_cut_off_is_not_made_twice(self):
        daemon = Daemon(self, lambda r: None)
        with Client(daemon.path) as client, self.assertRaises(NoAnswer):
            client.submit(["true"])
        self.assertEqual(len(daemon.requests), 1)

    def test_no_daemon_is_said_with_what_to_do(self):
        with self.assertRaisesRegex(NoAnswer, r"no daemon answers at /no/such.sock \(ENOENT\); start it with `blutd`"):
            Client("/no/such.sock", patience=0).get("last")
        with self.assertRaisesRegex(NoAnswer, "the socket's path has 201 bytes"):
            Client("/" + "x" * 200, patience=0).get("last")

    def test_a_log_comes_in_pieces(self):
        pages = [("one ", 0, False), ("two", 4, True)]

        def answer(request):
            text, offset, ended = pages.pop(0)
            chunk = base64.b64encode(text.encode()).decode()
            page = {"attempt": 1, "base64": chunk, "offset": offset, "next": offset + len(text), "ended": ended}
            return [result(request, page)]

        with Client(Daemon(self, answer).path) as client:
            self.assertEqual(b"".join(client.log("last")), b"one two")

    def test_events_go_on_after_a_lost_connection_with_the_gap_told_and_none_twice(self):
        gap = {"jsonrpc": "2.0", "method": "events.gap", "params": {"missed": 4, "next": 6}}
        turns = [[event(1), event(2)], [event(2), gap, event(7)]]

        def answer(request):
            if not turns:
                return None
            frames = [result(request, {"cursor": 0}), *turns.pop(0)]
            # The first connection ends with what is no frame: whoever hears of it subscribes again.
            return [*frames, 1] if turns else frames

        daemon = Daemon(self, answer)
        with Client(daemon.path) as client:
            events = client.events(since=0)
            found = [next(events) for _ in range(4)]
            events.close()
        self.assertEqual([one.seq for one in found if isinstance(one, Event)], [1, 2, 7])
        self.assertEqual(found[2], Gap(4, 6))


class Asyncio(unittest.TestCase):
    def test_calls_are_open_together_and_answered_in_any_order(self):
        held = []

        def answer(request):
            held.append(request)
            if len(held) < 3:
                return []
            return [result(one, {"number": one["params"]["run"]}) for one in reversed(held)]

        async def ask(path):
            async with AsyncClient(path) as client:
                return await asyncio.gather(*(client.get(str(n)) for n in range(3)))

        found = asyncio.run(ask(Daemon(self, answer).path))
        self.assertEqual(found, [{"number": "0"}, {"number": "1"}, {"number": "2"}])

    def test_refusals_losses_and_no_daemon_are_told_apart(self):
        async def ask(path):
            async with AsyncClient(path) as client:
                return await client.get("x")

        with self.assertRaises(Refused):
            asyncio.run(ask(Daemon(self, lambda r: [refusal(r)]).path))
        with self.assertRaisesRegex(NoAnswer, "ended the connection"):
            asyncio.run(ask(Daemon(self, lambda r: None).path))
        with self.assertRaisesRegex(NoAnswer, "no daemon answers"):
            asyncio.run(ask("/no/such.sock"))

    def test_it_connects_again_at_the_next_call(self):
        lost = []
        daemon = Daemon(self, lambda r: [result(r, {"id": "run_1"})] if lost else lost.append(1))

        async def ask():
            async with AsyncClient(daemon.path) as client:
                with self.assertRaises(NoAnswer):
                    await client.get("x")
                return await client.get("x")

        self.assertEqual(asyncio.run(ask()), {"id": "run_1"})

    def test_submit_wait_log_and_events_speak_as_the_blocking_client_does(self):
        page = {"attempt": 1, "base64": "aGk=", "offset": 0, "next": 2, "ended": True}
        answers = {
            "run.submit": {"id": "run_1"},
            "run.wait": {"done": True, "runs": [ENDED]},
            "run.log": page,
            "events.subscribe": {"cursor": 0},
        }

        def answer(request):
            more = [event(1)] if request["method"] == "events.subscribe" else []
            return [result(request, answers[request["method"]]), *more]

        async def talk(path):
            async with AsyncClient(path) as client:
                run = await client.submit(["true"])
                [ended] = await client.wait(run)
                text = b"".join([chunk async for chunk in client.log(run)])
                events = client.events(0)
                first = await events.__anext__()
                await events.aclose()
                return run, ended.exit_code, text, first.seq

        self.assertEqual(asyncio.run(talk(Daemon(self, answer).path)), ("run_1", 3, b"hi", 1))


if __name__ == "__main__":
    unittest.main()
