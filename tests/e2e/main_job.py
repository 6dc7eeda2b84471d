"""The main job end to end, on one forest of real processes. Prints `ok NAME` or `not ok NAME: why` for each case."""

import json
import os
import random
import subprocess
import sys

from cases import ROOT, expect, run_cases  # first: it says where the forest's modules are
from forest import Forest
from processes import wait_for

FEED = "31337"
SHARED_THREAD = f"{ROOT}/../shared/data/thread-n49rw.jsonl"


class MainJob:
    def __init__(self, forest):
        self.forest = forest
        self.events = f"{forest.folder}/events.ndjson"

    def write(self, name, *lines):
        path = f"{self.forest.folder}/{name}"
        with open(path, "w") as f:
            f.write("".join(json.dumps(line) + "\n" for line in lines))
        return path

    def case_a_thread_arrives_whole_and_in_order(self):
        forest = self.forest
        thread = SHARED_THREAD
        if not os.path.exists(thread):
            thread = f"{forest.folder}/thread.jsonl"
            with open(thread, "w") as out:
                subprocess.run([f"{forest.programs}/xylem-thread", "generate", "--seed", "7"], stdout=out, check=True)
        with open(self.events, "w") as out:
            subprocess.run([f"{forest.programs}/xylem-thread", "convert", thread], stdout=out, check=True)
        forest.append(FEED, self.events, "--view", "comments")
        with open(self.events) as f:
            lines = [json.loads(line) for line in f]
        got = forest.events(FEED)
        expect([e["version"] for e in got] == list(range(1, len(lines) + 1)), f"{len(got)} events of {len(lines)}")
        expect([e["details"] for e in got] == lines, "details differ from what was posted")
        with open(thread) as f:
            source = [json.loads(line) for line in f if line.strip()][1:]
        shown = json.loads(forest.xylem("thread", FEED, "--json").stdout)
        shown = {c["id"]: (c["parent"], c["score"]) for c in shown["comments"]}
        for comment in source:
            kind, _, parent = comment["parent_id"].partition("_")
            expected = (parent if kind == "t1" else None, comment["score"])
            found = shown.get(comment["id"])
            expect(found == expected, f"{comment['id']}: {expected} became {found}")
        expect(len(shown) == len(source), f"{len(shown)} comments of {len(source)}")

    def case_dig_gives_what_where_says(self):
        forest = self.forest
        where = json.loads(forest.xylem("where", FEED, "--json").stdout)
        expect(where["node"] == "5.4-6.1-6." + forest.zone, where["node"])
        dug = sorted(forest.knot.ask("5.4-6.1-6." + forest.zone, "SRV").splitlines())
        said = sorted(f"{s['priority']} {s['weight']} {s['port']} {s['host']}." for s in where["servers"])
        expect(dug == said, f"dig says {dug}, where says {said}")
        expect(all(server["answers"] for server in where["servers"]), "a server does not answer")

    def case_without_the_origin_a_new_reader_gets_everything(self):
        forest = self.forest
        before = forest.events(FEED)
        forest.process_of("1-6").kill()
        expect(forest.events(FEED) == before, "events differ without the origin")
        forest.process_of("1-6").start().wait_ready()

    def case_a_resumed_reader_is_sent_only_what_is_new(self):
        forest = self.forest
        before = forest.events(FEED)
        event = {"event_kind": "add_comment", "comment_id": "new", "message": "back"}
        forest.append(FEED, self.write("more.ndjson", event))
        said = forest.xylem("tail", FEED, "--json", "--from", before[-1]["cursor"], "--wait", len(before) + 1)
        resumed = [json.loads(line) for line in said.stdout.splitlines()]
        expect([e["version"] for e in resumed] == [len(before) + 1], [e["version"] for e in resumed])

    def case_a_leaf_killed_and_started_again_misses_nothing(self):
        forest = self.forest
        leaf = forest.process_of("5.4-6.1-6")
        before = forest.events(FEED)
        leaf.kill()
        event = {"event_kind": "add_comment", "comment_id": "away", "message": "x"}
        forest.append(FEED, self.write("while.ndjson", event))
        leaf.start().wait_ready()
        said = forest.xylem("tail", FEED, "--json", "--wait", len(before) + 1)
        expect(len(said.stdout.splitlines()) == len(before) + 1, "versions are missing")

    def case_an_origin_killed_under_load_loses_nothing_it_acknowledged(self):
        """A retrying writer goes on over twenty kills at random points: each event stands once, in order, and no reader
        ever saw a version with another content."""
        forest, feed = self.forest, "43"  # bucket 7
        total, chance = 8000, random.Random(7)
        path = self.write("load.ndjson", *[{"event_kind": "add_comment", "comment_id": str(i)} for i in range(total)])
        words = forest.append_words(feed, path, "--rate", 1500, "--quiet")
        seen = f"{forest.folder}/seen.json"
        with open(seen, "w") as out:
            follower = subprocess.Popen(forest.reader_words("tail", feed, "--json"), stdout=out,
                                        stderr=subprocess.DEVNULL)
        writer = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        origin = forest.process_of("7-12")
        kills = 0
        while kills < 20 and writer.poll() is None:
            goal = len(open(seen).readlines()) + chance.randrange(100)
            wait_for("the writer is at work", lambda: writer.poll() is not None or len(open(seen).readlines()) >= goal)
            origin.kill()
            kills += 1
            origin.start().wait_ready()
        expect(writer.wait(60) == 0, "append failed")
        expect(kills >= 10, f"only {kills} kills")
        said = forest.xylem("tail", feed, "--json", "--wait", total)
        events = [json.loads(line) for line in said.stdout.splitlines()]
        ids = [event["details"]["comment_id"] for event in events]
        expect(ids == [str(i) for i in range(total)], f"{len(ids)} events, {len(set(ids))} different")
        wait_for("the follower has everything", lambda: len(open(seen).readlines()) >= total)
        follower.terminate()
        follower.wait()
        told = [json.loads(line) for line in open(seen)]
        expect([(e["version"], e["details"]) for e in told] == [(e["version"], e["details"]) for e in events],
               "what the follower saw is not what there is")

    def case_bad_lines_are_refused_with_their_number(self):
        forest = self.forest
        path = f"{forest.folder}/bad.ndjson"
        with open(path, "w") as f:
            f.write('{"event_kind":"add_comment"}\n{"event_kind":\n')
        done = subprocess.run(forest.append_words("1", path), capture_output=True, text=True)
        expect(done.returncode == 1 and "line 2" in done.stderr, f"{done.returncode}: {done.stderr}")

    def case_wrong_words_end_with_2_and_a_cure(self):
        wrong = (["xylem", "tial"], ["xylem", "thread"], ["xylem-relay", "--zone", "x"], ["xylem-origin", "serve"])
        for words in wrong:
            done = subprocess.run([f"{self.forest.programs}/{words[0]}", *words[1:]], capture_output=True, text=True)
            expect(done.returncode == 2 and done.stderr, f"{words}: {done.returncode} {done.stderr}")

    def case_curl_reads_a_feed_and_a_nodes_health(self):
        _, port, _, _ = self.forest.places["5.4-6.1-6"][0]
        page = self.forest.checked(["curl", "-sS", f"http://127.0.0.1:{port}/v1/stream/{FEED}?limit=3"]).stdout
        expect(len(json.loads(page)) == 3, page)
        self.forest.checked(["curl", "-sSf", f"http://127.0.0.1:{port}/healthz"])

    def case_fsck_finds_an_origins_and_a_relays_log_sound_and_a_flipped_bit_not(self):
        forest = self.forest
        for host in ("feed-1-6", "l1-4-6a", "l2-5a"):
            said = forest.run("xylem-relay", "fsck", f"{forest.folder}/data/{host}").stdout
            expect("sound" in said and "bucket 5: seq 1 to" in said, f"{host}: {said}")
        before = forest.events(FEED)
        forest.process_of("5.4-6.1-6").kill()
        folder = f"{forest.folder}/data/l2-5a"
        log = next(f"{folder}/b00005/{name}" for name in os.listdir(f"{folder}/b00005") if name.endswith(".open"))
        with open(log, "r+b") as f:
            f.seek(5000)
            byte = f.read(1)[0]
            f.seek(5000)
            f.write(bytes([byte ^ 1]))
        words = [f"{forest.programs}/xylem-relay", "fsck", folder]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        expect(done.returncode == 1 and "damage: b00005/" in done.stdout, f"{done.returncode}: {done.stdout}")
        forest.process_of("5.4-6.1-6").start().wait_ready()
        wait_for("the leaf has fetched it again", lambda: forest.events(FEED) == before)
        expect("sound" in forest.run("xylem-relay", "fsck", folder).stdout, "the leaf's log is not sound again")


if __name__ == "__main__":
    sys.exit(run_cases(MainJob, Forest))
