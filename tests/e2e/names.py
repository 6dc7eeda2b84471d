"""Names in DNS, with real programs and a real server: zones of every style, changes, and a server that is down."""

import json
import subprocess
import sys

from cases import expect, run_cases  # first: it says where the forest's modules are
from forest import Forest
from processes import Failed, wait_for

FEED = "2"  # of bucket 2


def small(folder, programs, **style):
    """An origin above an inner node above a leaf for each of two buckets."""
    shape = {"buckets": 2, "origins": ["1-2"], "inner": ["1-2.1-2"], "leaves": {1: "1.1-2.1-2", 2: "2.1-2.1-2"}}
    return Forest(folder, programs, shape, **style)


def say(forest, text):
    path = f"{forest.folder}/event.ndjson"
    with open(path, "w") as f:
        f.write(json.dumps({"event_kind": "add_comment", "comment_id": text}) + "\n")
    forest.append(FEED, path)


def heard(forest):
    return [event["details"]["comment_id"] for event in forest.events(FEED)]


class NamesThatChange:
    def __init__(self, forest):
        self.forest = forest

    def case_an_srv_record_that_changes_is_followed_without_a_restart(self):
        """The inner node moves to another machine: new name in DNS, old one gone. The leaves find it by themselves."""
        forest = self.forest
        say(forest, "before")
        name = "1-2.1-2"
        old = forest.places[name][0][0]
        forest.places[name].clear()
        forest.add_server(name, "l1-moved", 10)
        forest.knot.reload(forest.zone_text())
        moved = forest.nodes["l1-moved"]
        moved.words = [str(word) for word in forest.command("l1-moved")]
        moved.start().wait_ready()
        forest.nodes[old].kill()
        say(forest, "after")
        said = forest.xylem("tail", FEED, "--json", "--wait", 2)
        expect(len(said.stdout.splitlines()) == 2, said.stdout)
        moved_log = open(moved.log_path).read()
        expect(forest.nodes["l2-2a"].running() and moved_log, "a leaf was restarted")

    def case_a_reader_follows_to_the_server_that_dns_names_now(self):
        forest = self.forest
        out = f"{forest.folder}/follower.json"
        with open(out, "w") as target:
            reader = subprocess.Popen(forest.reader_words("tail", FEED, "--json"), stdout=target,
                                      stderr=subprocess.DEVNULL)
        try:
            wait_for("the reader has what there is", lambda: len(open(out).readlines()) == 2)
            name = "2.1-2.1-2"
            old = forest.places[name][0][0]
            forest.places[name].clear()
            forest.add_server(name, "l2-moved", 10)
            forest.knot.reload(forest.zone_text())
            moved = forest.nodes["l2-moved"]
            moved.words = [str(word) for word in forest.command("l2-moved")]
            moved.start().wait_ready()
            forest.nodes[old].kill()
            say(forest, "later")
            wait_for("the reader has what came later", lambda: len(open(out).readlines()) == 3, 30)
        finally:
            reader.terminate()
            reader.wait()

    def case_programs_start_and_read_while_dns_is_down(self):
        forest = self.forest
        heard(forest)  # what was asked last is kept on disk
        forest.knot.stop()
        leaf = forest.process_of("2.1-2.1-2")
        leaf.kill()
        leaf.start().wait_ready()
        say(forest, "without DNS")
        said = forest.xylem("tail", FEED, "--json", "--wait", 4)
        expect(len(said.stdout.splitlines()) == 4, said.stdout)
        where = forest.xylem("where", FEED)
        words = where.stdout + where.stderr
        expect("cache" in words or "last known" in words or "kept" in words, f"where does not say so: {words}")
        forest.knot.start()

    def case_a_reader_that_knows_nothing_says_that_dns_does_not_answer(self):
        forest = self.forest
        forest.knot.stop()
        words = forest.reader_words("tail", FEED, "--until-live", "--timeout", "3s", "--cache",
                                    f"{forest.folder}/empty")
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        forest.knot.start()
        expect(done.returncode == 1 and "DNS" in done.stderr, f"{done.returncode}: {done.stderr}")


class OtherStyles:
    def __init__(self, forest):
        self.forest = forest

    def reads(self):
        say(self.forest, "hello")
        expect(heard(self.forest) == ["hello"], "the event did not arrive")


class UnderscoreZone(OtherStyles):
    def case_a_zone_whose_srv_records_stand_below_xylem_tcp(self):
        self.reads()
        dug = self.forest.knot.ask(f"2.1-2.1-2.{self.forest.zone}", "SRV")
        expect(dug == "", f"the plain name has SRV records: {dug}")


class WildcardZone(OtherStyles):
    """One tier, no node names: at its first start a relay is told who the origin is, then the manifest says it."""

    def case_a_wildcard_zone_of_one_tier(self):
        self.reads()

    def case_there_a_relay_finds_the_origin_by_its_manifest(self):
        relay = self.forest.nodes["l2-1-2a"]
        relay.kill()
        cut = relay.words.index("--upstream")
        del relay.words[cut:cut + 4]
        relay.start().wait_ready()
        say(self.forest, "again")
        said = self.forest.xylem("tail", FEED, "--json", "--wait", 2)
        expect(len(said.stdout.splitlines()) == 2, said.stdout)


class WildcardForest(Forest):
    def command(self, host):
        words = super().command(host)
        if host.startswith("feed-"):
            return words
        origin = self.places["1-2"][0]
        return [*words, "--upstream", f"{origin[0]}.{self.zone}:{origin[1]}", "--zone-id", self.zone_id]


def underscore(folder, programs):
    return small(folder, programs, style="underscore")


def wildcard(folder, programs):
    shape = {"buckets": 2, "origins": ["1-2"], "inner": [], "leaves": {1: "1-2.1-2", 2: "1-2.1-2"}}
    return WildcardForest(folder, programs, shape, style="wildcard")


if __name__ == "__main__":
    try:
        sys.exit(run_cases(NamesThatChange, small) | run_cases(UnderscoreZone, underscore) |
                 run_cases(WildcardZone, wildcard))
    except Failed as failure:
        sys.exit(f"not ok names: {failure}")
