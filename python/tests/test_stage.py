import math
import os
import signal
import sys
import threading
import types
import unittest
from fractions import Fraction
from unittest import mock

import blut
from blut._events import EventFile
from blut.contract import Problem, read_events
from blut.heartbeat import Heartbeat
from blut.progress import Progress

from .place import StageCase


class Context(StageCase):
    def test_arguments_inputs_and_output_come_from_the_context(self):
        data = self.step / "data"
        data.mkdir()
        (data / "x.csv").write_text("1")
        inputs = {"data": {"kind": "table", "digest": "ab", "path": str(data)}}
        with self.managed(args={"epochs": 3}, inputs=inputs, map={"index": 1, "key": "b"}):
            with blut.stage(heartbeat=None) as s:
                self.assertTrue(s.is_managed)
                self.assertEqual(s.params.integer("epochs"), 3)
                self.assertEqual(s.inputs["data"].file("x.csv").read_text(), "1")
                self.assertEqual(s.inputs["data"].elements(), {"x.csv": data / "x.csv"})
                self.assertEqual((s.inputs["data"].kind, s.inputs["data"].digest), ("table", "ab"))
                self.assertEqual(s.element, {"index": 1, "key": "b"})
                self.assertEqual(s.output("deep/model.json"), self.attempt / "out/deep/model.json")
                self.assertIs(blut.current(), s)
                with self.assertRaisesRegex(blut.ContextError, "no input model; there are: data"):
                    s.inputs["model"]
                with self.assertRaisesRegex(blut.ContextError, "no file y.csv"):
                    s.inputs["data"].file("y.csv")
                for outside in ("../x", "/etc/x", "a/../../x"):
                    with self.assertRaisesRegex(blut.ContextError, "not in the output directory"):
                        s.output(outside)

    def test_a_context_of_another_version_or_none_at_all_is_said(self):
        with self.managed(version=2), self.assertRaisesRegex(blut.ContextError, "not of version 1"):
            blut.stage()
        with mock.patch.dict(os.environ, {"BLUT_CONTEXT": "/no/such/context.json"}):
            with self.assertRaisesRegex(blut.ContextError, "cannot be read"):
                blut.stage()

    def test_by_hand_the_words_are_arguments_and_inputs_and_nothing_is_told(self):
        out = self.step / "mine"
        words = ["epochs=2", f"inputs.data={self.step}", f"out={out}"]
        with mock.patch.dict(os.environ, {}, clear=True), blut.stage(words) as s:
            before = threading.active_count()
            self.assertFalse(s.is_managed)
            self.assertEqual((dict(s.params), s.inputs["data"].path), ({"epochs": 2}, self.step))
            s.metric("loss", math.nan)
            s.progress(1, 2)
            s.checkpoints.save(b"x", 1)
            s.check()
            self.assertIsNone(s.resume())
            self.assertEqual(s.output("m"), out / "m")
            self.assertEqual(threading.active_count(), before)
        self.assertEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)
        self.assertTrue((self.step / "mine.checkpoints" / "checkpoint-000001").exists())
        self.assertFalse(self.events_path.exists())


    def test_what_is_wrong_with_a_command_line_is_a_sentence_and_no_traceback(self):
        script = """if True:
            import sys, blut
            from dataclasses import dataclass
            @dataclass
            class Asked:
                epochs: int
            sys.argv[0] = "train.py"
            with blut.stage() as s:
                s.params.bind(Asked)
                s.inputs["data"]
        """
        for words, said in (
            (["--help"], "expected name=value, got '--help'; "),
            (["epochs=x", "foo=4"], "epochs: expected int, got 'x'; there is no argument foo; "),
            (["epochs=1"], "there is no input data; there are: none; "),
        ):
            started = self.start(script, {}, *words)
            _, told = started.communicate()
            self.assertEqual((started.returncode, told.count("\n")), (2, 1), told)
            self.assertTrue(told.startswith(f"train.py: {said}"), told)


class Telling(StageCase):
    def test_what_is_told_keeps_the_contract(self):
        with self.managed(), blut.stage(heartbeat=None) as s:
            s.metric("loss", 0.5, step=1)
            s.metric("loss", math.nan, 2)
            s.metric("up", math.inf)
            s.metric("down", -math.inf)
            s.metric("third", Fraction(1, 4))
            s.progress(3, 10, "half\ud800 " + "é" * 2000)
            s.artifact("plot", self.attempt / "out" / "a.png")
            s.heartbeat()
        with self.events_path.open("rb") as file:
            self.assertEqual([one for one in read_events(file) if isinstance(one, Problem)], [])
        told = self.events()
        self.assertEqual(
            told[:5],
            [
                {"type": "metric", "name": "loss", "value": 0.5, "step": 1},
                {"type": "metric", "name": "loss", "value": "NaN", "step": 2},
                {"type": "metric", "name": "up", "value": "Infinity"},
                {"type": "metric", "name": "down", "value": "-Infinity"},
                {"type": "metric", "name": "third", "value": 0.25},
            ],
        )
        self.assertEqual(len(told[5]["message"].encode()), 1000)
        self.assertEqual([one["type"] for one in told[6:]], ["artifact", "heartbeat"])

    def test_what_could_not_be_read_is_a_mistake_of_the_script(self):
        with self.managed(), blut.stage(heartbeat=None) as s:
            for wrong in (
                lambda: s.metric("", 1),
                lambda: s.metric("x" * 129, 1),
                lambda: s.metric("x", "a lot"),
                lambda: s.metric("x", 1, math.nan),
                lambda: s.progress(-1),
                lambda: s.progress(1, 0),
                lambda: s.artifact("x", "a\0b"),
            ):
                with self.assertRaises(ValueError):
                    wrong()
        self.assertEqual(self.events(), [])

    def test_a_full_disk_ends_nothing(self):
        events = EventFile("/dev/full")
        with mock.patch("sys.stderr") as stderr:
            events.append("heartbeat")
            events.append("heartbeat")
        events.close()
        self.assertEqual(events.lost, 2)
        self.assertIn("No space left", "".join(str(call) for call in stderr.write.mock_calls))

    def test_progress_in_a_fast_loop_is_thinned_out_but_the_end_is_told(self):
        now = [0.0]
        events = EventFile(str(self.events_path))
        progress = Progress(events, 0.1, lambda: now[0])
        for done in range(1, 101):
            now[0] += 0.01
            progress(done, 100)
        told = [one["done"] for one in self.events()]
        self.assertEqual((told[0], told[-1]), (1, 100))
        self.assertLessEqual(len(told), 12)

    def test_lines_of_several_threads_are_never_mixed(self):
        events = EventFile(str(self.events_path))
        tell = [
            threading.Thread(target=lambda: [events.append("note", text="x" * 5000) for _ in range(50)])
            for _ in range(4)
        ]
        for thread in tell:
            thread.start()
        for thread in tell:
            thread.join()
        self.assertEqual(len(self.events("note")), 200)

    def test_the_heart_beats_faster_where_silence_ends_a_stage_sooner(self):
        with self.managed(heartbeatMs=30), blut.stage(heartbeat=3600) as s:
            with self.events_path.open() as told:
                beats = 0
                while beats < 3:
                    beats += '"heartbeat"' in told.readline()
        self.assertTrue(s.is_managed)

    def test_the_heart_beats_until_it_is_stopped(self):
        beats = threading.Semaphore(0)

        class Told(EventFile):
            def append(self, kind, **fields):
                super().append(kind, **fields)
                beats.release()

        heart = Heartbeat(Told(str(self.events_path)), 0.01)
        heart.start()
        for _ in range(3):
            self.assertTrue(beats.acquire(timeout=10))
        heart.stop()
        self.assertGreaterEqual(len(self.events("heartbeat")), 3)
        self.assertNotIn("blut-heartbeat", [thread.name for thread in threading.enumerate()])


class Stopping(StageCase):
    def run_stage(self, body):
        script = "import blut, sys\nwith blut.stage() as s:\n" + body
        child = self.start(script, self.environ())
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stderr.close)
        self.assertEqual(child.stdout.readline(), "ready\n")
        return child

    def test_sigterm_stops_at_the_next_safe_point_with_what_was_saved_and_143(self):
        child = self.run_stage(
            "    print('ready', flush=True)\n"
            "    while not s.should_stop: pass\n"
            "    s.checkpoints.save(b'state', 3)\n"
            "    s.check()\n"
            "    print('never', flush=True)\n"
        )
        child.send_signal(signal.SIGTERM)
        self.assertEqual((child.wait(20), child.stderr.read()), (143, ""))
        [saved] = self.checkpoints.iterdir()
        self.assertEqual(saved.read_bytes(), b"state")
        self.assertEqual([one["file"] for one in self.events("checkpoint")], [saved.name])

    def test_a_tracked_loop_is_a_safe_point_at_each_item(self):
        child = self.run_stage(
            "    for epoch in s.track(range(10**12)):\n"
            "        if epoch == 3: print('ready', flush=True)\n"
        )
        child.send_signal(signal.SIGTERM)
        self.assertEqual((child.wait(20), child.stderr.read()), (143, ""))
        self.assertEqual(self.events("progress")[0], {"type": "progress", "done": 1, "total": 10**12})

    def test_a_second_sigterm_is_obeyed_at_once(self):
        child = self.run_stage(
            "    import time\n"
            "    print('ready', flush=True)\n"
            "    while not s.should_stop: time.sleep(0.01)\n"
            "    print('told', flush=True)\n"
            "    while True: time.sleep(10)\n"
        )
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.stdout.readline(), "told\n")
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(20), -signal.SIGTERM)

    def test_a_heartbeat_does_not_keep_a_failed_stage_alive(self):
        child = self.run_stage("    print('ready', flush=True)\n    raise ValueError('wrong')\n")
        self.assertEqual(child.wait(20), 1)
        self.assertIn("ValueError: wrong", child.stderr.read())

    def test_current_opens_a_stage_that_ends_with_the_process(self):
        script = "import blut\nblut.current().metric('a', 1)\nassert blut.current() is blut.current()"
        child = self.start(script, self.environ())
        self.assertEqual(child.communicate(timeout=20), ("", ""))
        self.assertEqual([one["name"] for one in self.events("metric")], ["a"])


class Wandb(StageCase):
    def told(self, module):
        with self.managed(args={"lr": 1}), mock.patch.dict(sys.modules, {"wandb": module}):
            os.environ.pop("WANDB_MODE", None)
            with mock.patch("sys.stderr") as stderr, blut.stage(heartbeat=None, wandb="digits") as s:
                s.metric("loss", 0.5, 1)
                s.metric("loss", 0.25, 2)
                mode = os.environ.get("WANDB_MODE")
        self.assertEqual([one["value"] for one in self.events("metric")], [0.5, 0.25])
        return mode, "".join(str(call) for call in stderr.write.mock_calls)

    def test_metrics_are_mirrored_offline(self):
        run = mock.Mock()
        module = types.SimpleNamespace(init=mock.Mock(return_value=run))
        mode, said = self.told(module)
        self.assertEqual((mode, said), ("offline", ""))
        self.assertEqual(module.init.call_args.kwargs["config"], {"lr": 1})
        self.assertEqual(
            [call.args[0] for call in run.log.call_args_list],
            [{"loss": 0.5, "step": 1.0}, {"loss": 0.25, "step": 2.0}],
        )
        run.finish.assert_called_once_with()

    def test_where_it_is_not_installed_nothing_is_said(self):
        self.assertEqual(self.told(None), ("offline", ""))

    def test_its_failures_are_said_once_and_end_nothing(self):
        run = mock.Mock()
        run.log.side_effect = OSError("no network")
        _, said = self.told(types.SimpleNamespace(init=lambda **_: run))
        self.assertEqual(said.count("no network"), 1)
        run.log.assert_called_once()


if __name__ == "__main__":
    unittest.main()
