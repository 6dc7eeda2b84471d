"""How the end-to-end programs run their cases and print `ok NAME` or `not ok NAME: why` for each."""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{ROOT}/deploy/forest")
from processes import Failed  # noqa: E402


def expect(condition, what):
    if not condition:
        raise Failed(what)


def run_cases(cases, make_forest):
    """Runs the methods of the class `cases` that begin with `case_`, in the order they stand there, on one forest."""
    folder = tempfile.mkdtemp(prefix="xylem-e2e-")
    failed = 0
    with make_forest(folder, os.path.abspath(sys.argv[1])) as forest:
        try:
            forest.start()
        except Failed as failure:
            print(f"not ok {cases.__name__}: forest starts: {failure} (logs: {folder})")
            return 1
        on_forest = cases(forest)
        for name in [name for name in vars(cases) if name.startswith("case_")]:
            try:
                getattr(on_forest, name)()
                print(f"ok {name[5:]}", flush=True)
            except (Failed, subprocess.SubprocessError, OSError, ValueError, KeyError) as failure:
                failed += 1
                print(f"not ok {name[5:]}: {failure} (logs: {folder})", flush=True)
    if failed == 0:
        shutil.rmtree(folder)
    return 1 if failed else 0
