"""The main job, shown: a thread flows through a forest of real processes and stays readable without its origin."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from forest import Forest  # noqa: E402
from processes import Failed, wait_for  # noqa: E402

FEED = "31337"
OTHER_FEEDS = [str(n) for n in range(1, 13)]  # one in each bucket, so that every relay carries something
READERS = 6


class Demo:
    def __init__(self, forest, options):
        self.forest, self.options = forest, options
        self.events = f"{forest.folder}/events.ndjson"
        self.readers = []
        self.drawn = False

    def say(self, text):
        print(text, flush=True)

    def prepare_events(self):
        """The thread as events; gives how many comments it has."""
        thread = self.options.thread or f"{self.forest.folder}/thread.jsonl"
        programs = self.forest.programs
        if not self.options.thread:
            with open(thread, "w") as out:
                subprocess.run([f"{programs}/xylem-thread", "generate", "--seed", "1"], stdout=out, check=True)
        with open(self.events, "w") as out:
            subprocess.run([f"{programs}/xylem-thread", "convert", thread], stdout=out, check=True)
        with open(thread) as f:
            self.source = [json.loads(line) for line in f if line.strip()]
        with open(self.events) as f:
            self.count = sum(1 for _ in f)

    def start_readers(self):
        for number in range(READERS):
            out = f"{self.forest.folder}/reader{number}.json"
            words = self.forest.reader_words("tail", FEED, "--json")
            with open(out, "w") as target, open(f"{self.forest.folder}/logs/reader{number}.log", "w") as log:
                self.readers.append((subprocess.Popen(words, stdout=target, stderr=log), out))

    def feed_thread(self):
        """Appends at the chosen speed while the comments that arrive at a leaf are counted."""
        rate = self.options.rate or (1000 if self.options.once else 300)
        words = self.forest.append_words(FEED, self.events, "--view", "comments", "--rate", rate, "--quiet")
        feeder = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for feed in OTHER_FEEDS:
            line = f"{self.forest.folder}/hello.ndjson"
            with open(line, "w") as f:
                f.write('{"event_kind":"add_comment","comment_id":"1","user_id":"demo","message":"hello"}\n')
            self.forest.append(feed, line)
        while feeder.poll() is None:
            self.progress()
            time.sleep(0.05)
        if feeder.returncode != 0:
            raise Failed("append ended: " + feeder.stderr.read())
        wait_for("the thread is at every reader", lambda: self.all_have(self.count), 20)
        self.progress()

    def arrived(self):
        """How many events each reader has printed."""
        counts = []
        for _, out in self.readers:
            with open(out, "rb") as f:
                counts.append(f.read().count(b"\n"))
        return counts

    def all_have(self, count):
        return min(self.arrived()) >= count

    def progress(self):
        """The way of the thread's bucket through the forest, each place with a bar of what it has."""
        if not sys.stderr.isatty():
            return
        leaf = self.forest.shape["leaves"][self.forest.bucket_of(FEED)]
        places = [(leaf.split(".", 1)[1], "L1 relay"), (leaf, "  L2 relay")]
        rows = [(f"{what} {name}", self.held_by(name)) for name, what in places]
        rows += [(f"    reader {number + 1}", have) for number, have in enumerate(self.arrived())]
        if self.drawn:
            print(f"\x1b[{len(rows)}A", end="", file=sys.stderr)
        for label, have in rows:
            full = 40 * have // self.count
            print(f"\r  {label:<24} {'█' * full}{'░' * (40 - full)} {have:>6}\x1b[K", file=sys.stderr)
        self.drawn = True

    def held_by(self, node_name):
        """The feed's newest version at a relay."""
        port = self.forest.places[node_name][0][1]
        try:
            url = f"http://127.0.0.1:{port}/v1/stream/{FEED}?offset=now"
            with urllib.request.urlopen(url, timeout=1) as answer:
                return int(answer.headers["Stream-Next-Offset"].split("_")[1])
        except (OSError, TypeError, ValueError):
            return 0

    def check_thread(self):
        """Every comment under its parent, with its score, as in the input."""
        thread = json.loads(self.forest.xylem("thread", FEED, "--json").stdout)
        got = {c["id"]: (c["parent"], c["score"]) for c in thread["comments"]}
        for comment in self.source[1:]:
            kind, _, parent = comment["parent_id"].partition("_")
            expected = (parent if kind == "t1" else None, comment["score"])
            if got.get(comment["id"]) != expected:
                found = got.get(comment["id"])
                raise Failed(f"comment {comment['id']}: expected parent and score {expected}, got {found}")
        return len(got)

    def check_versions(self, events, first=1):
        expected = list(range(first, first + len(events)))
        got = [event["version"] for event in events]
        missing, doubled = len(set(expected) - set(got)), len(got) - len(set(got))
        return missing, doubled

    def run(self):
        forest = self.forest
        started = time.monotonic()
        forest.start()
        relays = sum(1 for name in forest.nodes if not name.startswith("feed-"))
        self.say(f"forest: DNS at {forest.knot.address}, {len(forest.shape['origins'])} origins, {relays} relays")
        self.prepare_events()
        self.say(forest.xylem("where", FEED).stdout)
        self.start_readers()
        self.say(f"feeding {self.count} events of {len(self.source) - 1} comments; {READERS} readers verify every byte")
        self.feed_thread()
        comments = self.check_thread()
        self.say(f"thread: {comments} comments, each under its parent with its score")

        origin = forest.process_of(forest.origin_of(FEED))
        origin.kill()
        self.say(f"killed the origin ({origin.name}); a new reader asks …")
        events = forest.events(FEED)
        if len(events) != self.count:
            raise Failed(f"without the origin a new reader got {len(events)} of {self.count} events")
        self.say(f"without the origin a new reader got all {len(events)} events")

        origin.start().wait_ready()
        more = f"{forest.folder}/more.ndjson"
        with open(more, "w") as f:
            for number in range(20):
                event = {"event_kind": "add_comment", "comment_id": f"after-{number}", "message": "it is back"}
                f.write(json.dumps(event) + "\n")
        forest.append(FEED, more)
        total = self.count + 20
        resumed = forest.xylem("tail", FEED, "--json", "--from", events[-1]["cursor"], "--wait", total)
        resumed = [json.loads(line) for line in resumed.stdout.splitlines()]
        lost, doubled = self.check_versions(resumed, self.count + 1)
        lost += 20 - len(resumed)
        self.say(f"the origin is back; a resumed reader was sent the {len(resumed)} new events only")

        wait_for("every live reader has the new events", lambda: self.all_have(total), 20)
        for process, out in self.readers:
            with open(out) as f:
                reader_lost, reader_doubled = self.check_versions([json.loads(line) for line in f][:total])
            lost, doubled = lost + reader_lost, doubled + reader_doubled
        verdict = "ok" if lost == 0 and doubled == 0 else "FAILED"
        seconds = time.monotonic() - started
        self.say(f"demo: {verdict} events={total} comments={comments} readers={READERS + 2} relays={relays} "
                 f"lost={lost} duplicated={doubled} seconds={seconds:.1f}")
        return verdict == "ok"

    def show_what_to_try(self):
        forest = self.forest
        leaf = forest.places[forest.shape["leaves"][forest.bucket_of(FEED)]][0]
        programs = forest.programs
        self.say(f"""
The forest goes on running; Ctrl-C ends it. Try:
  {programs}/xylem thread {forest.zone} {FEED} --dns {forest.knot.address} --allow-private
  {programs}/xylem where  {forest.zone} {FEED} --dns {forest.knot.address} --allow-private
  dig @127.0.0.1 -p {forest.knot.port} SRV 5.4-6.1-6.{forest.zone}
  curl 'http://127.0.0.1:{leaf[1]}/v1/stream/{FEED}?limit=3'
""")

    def end_readers(self):
        for process, _ in self.readers:
            process.terminate()
            process.wait()


def main():
    parser = argparse.ArgumentParser(prog="deploy/demo", description=__doc__)
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--thread", metavar="FILE", help="an exported thread; else one is generated")
    parser.add_argument("--rate", type=int, metavar="N", help="events a second (default 300, with --once 1000)")
    parser.add_argument("--once", action="store_true", help="run unattended and end")
    parser.add_argument("--keep", action="store_true", help="leave the forest running and print what to try")
    parser.add_argument("--dir", metavar="FOLDER", default="_demo", help="work folder, emptied first (default _demo)")
    options = parser.parse_args()
    folder = os.path.abspath(options.dir)
    if os.path.exists(folder) and os.listdir(folder) and not os.path.exists(f"{folder}/.xylem-demo"):
        print(f"demo: {folder} is not empty and not of a demo; choose another --dir", file=sys.stderr)
        return 2
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    open(f"{folder}/.xylem-demo", "w").close()
    with Forest(folder, options.programs) as forest:
        demo = Demo(forest, options)
        try:
            ok = demo.run()
            if ok and (options.keep or not options.once):
                demo.show_what_to_try()
                while True:
                    time.sleep(3600)
            return 0 if ok else 1
        except Failed as failure:
            print(f"demo: failed: {failure}\nlogs: {folder}/logs", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0
        finally:
            demo.end_readers()


if __name__ == "__main__":
    sys.exit(main())
