import os
import pathlib
import signal
import unittest
from unittest import mock

import blut

from .place import StageCase


class Checkpoints(StageCase):
    def names(self):
        return sorted(path.name for path in self.checkpoints.iterdir())

    def test_one_is_there_whole_and_told_after_that(self):
        with self.managed(), blut.stage(heartbeat=None) as s:
            seen = []

            def write(path):
                seen.append((path.parent, self.events_path.read_text()))
                path.write_bytes(b"weights")

            path = s.checkpoints.save(write, step=3, name="model.joblib")
        self.assertEqual((path.name, path.read_bytes()), ("model-000003.joblib", b"weights"))
        self.assertEqual(seen, [(self.checkpoints, "")])
        self.assertEqual(self.events(), [{"type": "checkpoint", "file": "model-000003.joblib", "step": 3}])

    def test_half_of_one_is_nowhere_and_the_previous_one_stays(self):
        with self.managed(), blut.stage(heartbeat=None) as s:
            s.checkpoints.save(b"good", 1)

            def fail(path):
                path.write_bytes(b"ha")
                raise OSError("no space")

            with self.assertRaises(OSError):
                s.checkpoints.save(fail, 2)
        self.assertEqual(self.names(), ["checkpoint-000001"])
        self.assertEqual(len(self.events("checkpoint")), 1)

    def test_a_process_killed_while_it_saves_leaves_the_previous_one(self):
        script = (
            "import blut, os, signal\n"
            "with blut.stage() as s:\n"
            "    s.checkpoints.save(b'good', 1)\n"
            "    def die(path):\n"
            "        path.write_bytes(b'ha')\n"
            "        os.kill(os.getpid(), signal.SIGKILL)\n"
            "    s.checkpoints.save(die, 2)\n"
        )
        child = self.start(script, self.environ())
        child.communicate(timeout=20)
        self.assertEqual(child.returncode, -signal.SIGKILL)
        whole = [name for name in self.names() if not name.endswith(".partial")]
        self.assertEqual(whole, ["checkpoint-000001"])

    def test_it_is_forced_to_disk_before_it_has_its_name_and_its_name_before_it_is_told(self):
        order = []
        sync, replace = os.fsync, os.replace
        with self.managed(), blut.stage(heartbeat=None) as s:
            with mock.patch("os.fsync", lambda fd: (order.append(os.readlink(f"/proc/self/fd/{fd}")), sync(fd))):
                with mock.patch("os.replace", lambda a, b: (order.append("named"), replace(a, b))):
                    s.checkpoints.save(b"x", 1)
        self.assertTrue(order[0].endswith(".partial"))
        self.assertEqual(order[1:], ["named", os.path.realpath(self.checkpoints)])

    def test_the_newest_few_are_kept_whatever_their_step_and_other_files_stay(self):
        with self.managed(), blut.stage(heartbeat=None, keep_checkpoints=2) as s:
            other = self.checkpoints / "notes.txt"
            for at, step in enumerate([7, 8, 9, 1, 2]):
                path = s.checkpoints.save(b"x", step)
                os.utime(path, ns=(at * 10**9, at * 10**9))
                other.write_text("mine")
        self.assertEqual(self.names(), ["checkpoint-000001", "checkpoint-000002", "notes.txt"])

    def test_a_later_attempt_goes_on_from_the_last_one(self):
        path = self.checkpoints / "checkpoint-000004"
        with self.managed(resume=path), blut.stage(heartbeat=None) as s:
            self.assertIsNone(s.resume())
        self.checkpoints.mkdir()
        path.write_text("{}")
        with self.managed(resume=path), blut.stage(heartbeat=None) as s:
            self.assertEqual(s.resume(), pathlib.Path(path))
        with self.managed(), blut.stage(heartbeat=None) as s:
            self.assertIsNone(s.resume())

    def test_names_that_lead_elsewhere_and_steps_below_0_are_refused(self):
        with self.managed(), blut.stage(heartbeat=None) as s:
            for step, name in ((1, "../x"), (1, "a/b"), (1, ""), (1, ".hidden"), (-1, "x")):
                with self.assertRaises(ValueError):
                    s.checkpoints.save(b"x", step, name)


if __name__ == "__main__":
    unittest.main()
