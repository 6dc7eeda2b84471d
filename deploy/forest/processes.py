"""Child processes that never outlive the folder they work in: started, awaited by state, stopped, their logs kept."""

import json
import os
import signal
import socket
import subprocess
import time


class Failed(Exception):
    """Something did not happen in time or ended; the text says what, and where its log is."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=20.0):
    """Waits for a state: calls `condition` until it gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


class Process:
    """One program with its log file."""

    def __init__(self, name, words, log, ready_file=None):
        self.name, self.words, self.log_path, self.ready_file = name, [str(w) for w in words], log, ready_file
        self.process = None
        self.ready = None

    def start(self):
        if self.ready_file and os.path.exists(self.ready_file):
            os.remove(self.ready_file)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self, seconds=20.0):
        def look():
            if not self.running():
                raise Failed(f"{self.name} ended with {self.process.returncode}:\n{self.last_lines()}")
            try:
                with open(self.ready_file) as f:
                    return json.load(f)
            except (OSError, ValueError):
                return None

        self.ready = wait_for(f"{self.name} is ready (log: {self.log_path})", look, seconds)
        return self.ready

    def kill(self):
        if self.running():
            self.process.kill()
            self.process.wait()

    def stop(self, seconds=10.0):
        """SIGTERM, then its exit code; SIGKILL when it does not end."""
        if not self.running():
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def last_lines(self, count=15):
        try:
            with open(self.log_path, errors="replace") as f:
                return "".join(f.readlines()[-count:])
        except OSError:
            return ""
