"""Every command of docs/reading.md that asks the relay of `xylem-origin dev`, run as it stands there."""

import os
import re
import subprocess
import sys

from cases import ROOT, expect, run_cases  # first: it says where the forest's modules are
from processes import Process, free_port, wait_for

PORT_IN_DOCS = "7413"


class Dev:
    """`xylem-origin dev` on free ports."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.stop()

    def start(self):
        for _ in range(5):
            self.port = 20000 + free_port() % 20000  # with the two after it, and those 1000 above
            words = [f"{self.programs}/xylem-origin", "dev", "--dir", f"{self.folder}/dev", "--port", self.port]
            self.process = Process("dev", words, f"{self.folder}/dev.log").start()
            wait_for("it tells what to try", lambda: not self.process.running() or "Ctrl-C" in self.said())
            if self.process.running():
                return
        expect(False, self.said())

    def said(self):
        with open(f"{self.folder}/dev.log") as f:
            return f.read()

    def run(self, command):
        """Its lines, as of a terminal; `xylem` is ours."""
        environment = os.environ | {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": self.folder}
        command = command.replace(f":{PORT_IN_DOCS}", f":{self.port + 2}")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60,
                              env=environment, cwd=self.folder)
        expect(done.returncode == 0 and (done.stdout or " > " in command),
               f"{command}\n{done.returncode}: {done.stderr}")
        return done.stdout


class Reading:
    def __init__(self, dev):
        self.dev = dev

    def case_every_command_of_reading_md_works_as_written(self):
        with open(f"{ROOT}/docs/reading.md") as f:
            commands = re.findall(rf"^    ((?:xylem|curl) .*:{PORT_IN_DOCS}.*)$", f.read(), re.MULTILINE)
        commands = [c for c in commands if "--follow" not in c and "OFFSET'" not in c]
        expect(len(commands) >= 9, f"only {len(commands)} commands found")
        for command in commands:
            said = self.dev.run(command)
            expect("urn:xylem" not in said, f"{command}\n{said}")

    def case_an_offset_goes_on_where_a_page_ended(self):
        url = f"http://127.0.0.1:{PORT_IN_DOCS}/v1/stream/31337"
        page = self.dev.run(f"curl -si '{url}?limit=2'")
        offset = re.search(r"(?mi)^Stream-Next-Offset: (\S+)", page).group(1)
        said = self.dev.run(f"curl -s '{url}?offset={offset}&limit=1&shape=event'")
        expect('"version":3' in said, said)


if __name__ == "__main__":
    sys.exit(run_cases(Reading, Dev))
