"""A thousand readers that stop reading: memory stays flat, everybody else is served. A resumed reader costs the gap."""

import json
import re
import resource
import socket
import subprocess
import sys
import threading

from cases import expect, run_cases  # first: it says where the forest's modules are
from forest import Forest
from processes import wait_for

FEED = "1"
READERS = 1000
EVENTS = 4000
EVENT_BYTES = 2000
# Of a node's memory, for each reader that does not read: session and position; over HTTP a piece of text as well.
NATIVE_READER_BYTES_MAX = 16_000
HTTP_READER_BYTES_MAX = 56_000


def resident_bytes(process):
    with open(f"/proc/{process.process.pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) * 1024


class Wire:
    """Stands between one reader and a server, and keeps what each of them said."""

    def __init__(self, port):
        self.to_server, self.to_reader = bytearray(), bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.server = port
        self.threads = [threading.Thread(target=self.serve, daemon=True)]
        self.threads[0].start()

    def serve(self):
        while True:
            try:
                reader, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server))
            for source, target, kept in ((reader, server, self.to_server), (server, reader, self.to_reader)):
                self.threads.append(threading.Thread(target=self.carry, args=(source, target, kept), daemon=True))
                self.threads[-1].start()

    @staticmethod
    def carry(source, target, kept):
        try:
            while chunk := source.recv(65536):
                kept += chunk
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


class StalledReaders:
    def __init__(self, forest):
        self.forest = forest
        self.leaf = forest.process_of("1.1")
        self.port = forest.places["1.1"][0][1]
        self.posted = 0

    def post(self, count, size):
        path = f"{self.forest.folder}/events.ndjson"
        with open(path, "w") as f:
            for number in range(self.posted, self.posted + count):
                f.write(json.dumps({"event_kind": "add_comment", "comment_id": str(number), "message": "x" * size}))
                f.write("\n")
        self.forest.append(FEED, path, "--quiet")
        self.posted += count

    def read(self, *more):
        """One reader's events, and the bytes that it was sent."""
        wire = Wire(self.port)
        said = self.forest.checked([f"{self.forest.programs}/xylem", "tail", self.forest.zone, FEED, "--json",
                                    "--server", f"127.0.0.1:{wire.port}", "--cache", f"{self.forest.folder}/cache",
                                    *map(str, more)])
        wire.close()
        return [json.loads(line) for line in said.stdout.splitlines()], wire

    def case_a_resumed_reader_is_sent_the_gap_and_nothing_else(self):
        self.post(EVENTS, EVENT_BYTES)
        events, whole = self.read("--wait", self.posted)
        expect(len(events) == self.posted, f"{len(events)} events of {self.posted}")
        self.post(10, EVENT_BYTES)
        resumed, gap = self.read("--from", events[-1]["cursor"], "--wait", self.posted)
        expect([e["version"] for e in resumed] == list(range(EVENTS + 1, EVENTS + 11)), "not the gap")
        # Ten events, their headers and the greeting.
        expect(len(gap.to_reader) < 10 * (EVENT_BYTES + 1000) + 4000, f"{len(gap.to_reader)} bytes for 10 events")
        self.said = bytes(whole.to_server)

    def case_a_thousand_readers_that_stop_reading_cost_next_to_nothing(self):
        self.stall(self.said, NATIVE_READER_BYTES_MAX)

    def case_nor_do_a_thousand_over_http(self):
        self.stall(f"GET /v1/stream/{FEED} HTTP/1.1\r\nHost: relay\r\n\r\n".encode(), HTTP_READER_BYTES_MAX)

    def stall(self, request, reader_bytes_max):
        before = resident_bytes(self.leaf)
        stalled = []
        try:
            for _ in range(READERS):
                one = socket.create_connection(("127.0.0.1", self.port))
                one.sendall(request)
                stalled.append(one)
            for one in stalled:  # each of them is being served
                one.recv(1, socket.MSG_PEEK)
            self.post(1000, EVENT_BYTES)
            events, _ = self.read("--wait", self.posted)
            expect(len(events) == self.posted, f"{len(events)} events of {self.posted} beside the stalled readers")
            grown = resident_bytes(self.leaf) - before
            allowed = READERS * reader_bytes_max + 1000 * (EVENT_BYTES + 500)
            expect(grown < allowed, f"{grown} bytes more for {READERS} readers, {allowed} allowed")
        finally:
            for one in stalled:
                one.close()

    def case_afterwards_they_are_gone(self):
        def readers():
            said = subprocess.run(["curl", "-sS", f"http://127.0.0.1:{self.port}/v1/status"], capture_output=True)
            return json.loads(said.stdout)["readers"]
        wait_for("their sessions have ended", lambda: readers() <= 1)


def one_leaf(folder, programs):
    return Forest(folder, programs, {"buckets": 1, "origins": ["1"], "inner": [], "leaves": {1: "1.1"}})


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    sys.exit(run_cases(StalledReaders, one_leaf))
