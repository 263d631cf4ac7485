"""A place in which a stage believes that blut runs it."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = str(Path(__file__).resolve().parents[1] / "src")


class StageCase(unittest.TestCase):
    """Makes the directories of an attempt, as the daemon would."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.step = Path(place.name)
        self.attempt = self.step / "1"
        (self.attempt / "out").mkdir(parents=True)
        self.events_path = self.attempt / "events.jsonl"
        self.checkpoints = self.step / "checkpoints"

    def environ(self, resume=None, **context):
        facts = {
            "version": 1,
            "run": "run_1",
            "step": "train",
            "stage": {"name": "digits/train", "version": "1"},
            "attempt": "att_1",
            "number": 1,
            "argv": ["train"],
            "cwd": str(self.step),
            "args": {},
            "inputs": {},
            "out": str(self.attempt / "out"),
            "events": str(self.events_path),
            "checkpoints": str(self.checkpoints),
            "limitBytes": 1,
            "claims": {},
            **context,
        }
        path = self.attempt / "context.json"
        path.write_text(json.dumps(facts))
        found = {"BLUT_CONTEXT": str(path), "BLUT_EVENTS": str(self.events_path)}
        return {**found, "BLUT_RESUME": str(resume)} if resume is not None else found

    @contextlib.contextmanager
    def managed(self, resume=None, **context):
        """blut's variables are set in here."""
        before = dict(os.environ)
        os.environ.update(self.environ(resume, **context))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def events(self, *types):
        """What was told, without the times; of these types alone, where some are named."""
        lines = [json.loads(line) for line in self.events_path.read_text("utf-8").splitlines()]
        for line in lines:
            self.assertIsInstance(line.pop("at"), int)
        return [line for line in lines if not types or line["type"] in types]

    def start(self, script, environ, *words):
        """Starts a script that may use the package."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("BLUT_")}
        return subprocess.Popen(
            [sys.executable, "-c", script, *words],
            env={**plain, "PYTHONPATH": SOURCE, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.step,
        )
