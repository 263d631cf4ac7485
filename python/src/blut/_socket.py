"""Where the daemon's socket is, and what failing to reach it means."""

from __future__ import annotations

import errno
import os
import socket
from typing import Mapping

from .errors import NoAnswer

LONGEST_PATH_BYTES = 107
_BOX = "/run/blut/blutd.sock"


def socket_path(named: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The socket of the daemon that is meant: the one named, else the user's own, else the box's."""
    chosen = named or environ.get("BLUT_SOCKET")
    if chosen:
        return chosen
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if not runtime.startswith("/"):
        return _BOX
    own = runtime.rstrip("/") + "/blut/blutd.sock"
    order = [_BOX, own] if os.getuid() == 0 else [own, _BOX]
    return next((path for path in order if os.path.exists(path)), order[0])


def connect(path: str, timeout: float | None) -> socket.socket:
    """A connected socket. Raises NoAnswer with the reason and what to do about it."""
    refuse_long(path)
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.settimeout(timeout)
    try:
        end.connect(path)
    except OSError as error:
        end.close()
        raise unreachable(path, error) from error
    return end


def refuse_long(path: str) -> None:
    """Raises NoAnswer for a path that no socket can have."""
    length = len(os.fsencode(path))
    if length > LONGEST_PATH_BYTES:
        raise NoAnswer(
            f"the socket's path has {length} bytes, a socket's path can have {LONGEST_PATH_BYTES}",
            "give a shorter one",
        )


def unreachable(path: str, error: OSError) -> NoAnswer:
    """Why nobody is there, in one sentence."""
    if error.errno == errno.EACCES:
        return NoAnswer(
            f"the socket {path} is not open to this user",
            "start a daemon of your own with `blutd`, or join the group blut",
        )
    word = errno.errorcode.get(error.errno or 0, str(error))
    return NoAnswer(
        f"no daemon answers at {path} ({word})",
        "start it with `blutd`, in another terminal or as a service",
    )


def lost() -> NoAnswer:
    """The connection ended before the answer came."""
    return NoAnswer(
        "the daemon ended the connection before it answered",
        "see whether blutd still runs and what its log says, then try again",
    )
