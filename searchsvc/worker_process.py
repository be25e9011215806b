"""Worker processes, forked from a template process that has loaded libraries and data once.

The template is a Python interpreter of its own, which loads nothing of the main program and runs no threads. So builds
run in scripts and in threads, and forking is safe. Standard input only shows that the builder has exited.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from threading import Thread

_BOOT = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from searchsvc.worker_process import serve_template
serve_template(int(sys.argv[2]))
"""
# Threads of linear algebra would compete with the other processes, and must not exist when a process forks.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Arrays of a batch are allocated from memory that the process has, not mapped and filled with zeros each time (glibc).
_REUSED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "4194304", "MALLOC_TRIM_THRESHOLD_": "16777216"}  # bytes
_YOUNG_OBJECTS = 20_000  # until a collection; with Python's 700, collections take 3 % of the time to clean articles
_PATIENCE = 2.0  # seconds for the template to end its processes; it may be loading

Serve = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class _ForkRequest:
    """Fork a process that runs `serve`; the connection follows."""

    serve: Serve


@dataclass(frozen=True, slots=True)
class _ExitRequest:
    """Return the exit code of an ended process. `number`: in the order of forking."""

    number: int


class WorkerTemplate:
    """A process from which worker processes are forked."""

    def __init__(self) -> None:
        """Start the process, which takes a while; requests may be made at once."""
        self._count = 0
        self._connection, theirs = Pipe()
        with theirs:
            arguments = [json.dumps(sys.path), str(theirs.fileno())]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, *arguments],
                stdin=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for the builder
                env=_REUSED_MEMORY | os.environ | _ONE_THREAD,
            )

    def load(self, loading: Callable[[], object]) -> None:
        """Call `loading`, which is pickled, in the template. Its exceptions are ignored."""
        with suppress(OSError):
            self._connection.send(loading)

    def fork(self, serve: Serve) -> "WorkerProcess":
        """Fork a process that calls `serve`, which is pickled, with a connection. Raises OSError."""
        ours, theirs = Pipe()
        with theirs:
            self._connection.send(_ForkRequest(serve))
            send_handle(self._connection, theirs.fileno(), self._process.pid)
        self._count += 1
        return WorkerProcess(ours, self, self._count - 1)

    def exit_code(self, number: int) -> int:
        """Wait for the end of a process; the code is negative for a signal. Raises OSError, EOFError."""
        self._connection.send(_ExitRequest(number))
        code: int = self._connection.recv()
        return code

    def close(self) -> None:
        """Kill all processes."""
        self._connection.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass(eq=False, frozen=True, slots=True)
class WorkerProcess:
    """A forked process and the connection to it."""

    connection: Connection
    _template: WorkerTemplate
    number: int

    def exit_code(self) -> int:
        """Close the connection and wait for the end; the code is negative for a signal. Raises OSError, EOFError."""
        self.connection.close()
        return self._template.exit_code(self.number)


def serve_template(descriptor: int) -> None:
    """Load libraries and fork processes until the builder closes the connection; then kill the processes."""
    connection = Connection(descriptor)
    pids: list[int] = []
    ended: set[int] = set()
    while True:
        try:
            request = connection.recv()
        except (EOFError, OSError):
            break
        if isinstance(request, _ForkRequest):
            pids.append(_forked(request.serve, recv_handle(connection), connection))
        elif isinstance(request, _ExitRequest):
            _, status = os.waitpid(pids[request.number], 0)
            ended.add(request.number)
            connection.send(os.waitstatus_to_exitcode(status))
        else:
            with suppress(Exception):  # the worker process does the same, and reports it
                request()
            gc.freeze()  # a collection would copy the memory that processes share
    running = [pid for number, pid in enumerate(pids) if number not in ended]
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    for pid in running:
        os.waitpid(pid, 0)


def _forked(serve: Serve, descriptor: int, template: Connection) -> int:
    """Fork, and return the id of the new process, which never returns from here."""
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    code = 1
    gc.set_threshold(_YOUNG_OBJECTS)
    try:
        template.close()
        Thread(target=_exit_with_builder, daemon=True).start()
        serve(Connection(descriptor))
        code = 0
    except BaseException:  # noqa: BLE001 - the outermost handler of this process
        traceback.print_exc()
    finally:
        os._exit(code)


def _exit_with_builder() -> None:
    os.read(0, 1)
    os._exit(1)
