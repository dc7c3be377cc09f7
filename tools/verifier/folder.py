#!/usr/bin/env python3
"""Checks a whole folder, as docs/leaf.md §6 has it: every act, every checkpoint, the head.

    folder.py DIR --key VKEY [--json]

Exit code: 0 it holds, 1 it does not, 2 the question can't be answered.
"""
import argparse
import base64
import contextlib
import json
import pathlib
import sqlite3
import sys

from envelope import microseconds
from verify import (FORGED, HOLDS, SAID, UNREADABLE, Checkpoint, Forged, Unreadable, VerifierKey,
                    Tree, body_agrees, leaf_hash, leaf_of, read_envelope, sha256)

MAX_PROBLEMS = 10000  # a log false from end to end should not fill the memory
ACT = ("seq", "id", "file", "audience", "recorded", "kind", "envelope", "salt",
       "body_sum", "link", "body")
LENGTHS = {"id": 16, "file": 16, "audience": 16, "salt": 32, "body_sum": 32, "link": 32}


def connect(uri):
    con = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
    con.text_factory = bytes  # text that is not UTF-8 is for us to judge
    con.execute("PRAGMA trusted_schema = OFF")
    con.execute("BEGIN")  # one snapshot for all tables
    con.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return con


def open_read_only(path):
    """The database as it stands, and a caution or None. mode=ro sees a running server's
    write-ahead log. It fails where the folder itself can't be written (a CD, say), as
    SQLite wants to keep a shared index beside the log; then only the main file is read."""
    if not path.is_file():
        raise Unreadable("there is no sanad.db in that folder")
    for mode in ("mode=ro", "immutable=1"):
        try:
            con = connect(f"{path.resolve().as_uri()}?{mode}")
        except sqlite3.Error as e:
            why = str(e)
            if "locked" in why:
                break  # someone is writing: not the moment for immutable=1
            continue
        beside = [p.name for p in (path.with_name(path.name + end) for end in ("-wal", "-journal"))
                  if mode == "immutable=1" and p.exists() and p.stat().st_size]
        return con, f"{beside[0]} could not be read and was left out" if beside else None
    raise Unreadable(f"sanad.db can't be opened: {why}")


class Folder:
    def __init__(self, path, key):
        self.key = key
        self.problems, self.more = [], 0
        self.tree = Tree()
        self.agreed = 0         # size of the newest checkpoint that is signed and agrees
        self.diverged = self.beyond = False  # told already of a false root, of acts missing
        self.why = None         # why there is no answer to what is left, if there is none
        self.recorded = None    # of the act before
        self.con, self.caution = open_read_only(pathlib.Path(path) / "sanad.db")
        self.links, self.ids, self.threads, self.pairs = {}, {}, {}, {}  # of the acts so far

    def problem(self, seq, what):
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append({"seq": seq, "what": what})
        else:
            self.more += 1

    def check(self):
        try:
            acts = self.con.execute(f"SELECT {', '.join(ACT)} FROM act ORDER BY seq")
            notes = self.con.execute("SELECT size, note FROM checkpoint ORDER BY size")
            heads = self.con.execute("SELECT origin, size, root FROM head LIMIT 2").fetchall()
        except sqlite3.Error as e:
            raise Unreadable(f"sanad.db is not a log of this form: {e}")
        expected = 0
        try:
            waiting = self.checkpoints_to(0, notes, notes.fetchone())
            for row in acts:
                act = dict(zip(ACT, row))
                if type(act["seq"]) is not int:
                    self.problem(expected, "the column seq does not hold a number")
                    act["seq"] = expected
                elif act["seq"] > expected:
                    self.problem(expected, f"the acts {expected} to {act['seq'] - 1} are missing")
                elif act["seq"] < expected:
                    self.problem(act["seq"], "seq does not count up from 0")
                expected = act["seq"] + 1
                self.check_act(act)
                waiting = self.checkpoints_to(self.tree.size, notes, waiting)
            self.checkpoints_to(None, notes, waiting)
            signed = self.con.execute("SELECT 1 FROM checkpoint WHERE size > 0").fetchone()
            if self.tree.size and not signed:
                self.problem(None, "there is no checkpoint: nobody signed anything here")
        except sqlite3.Error as e:  # a fault already found stays a fault
            self.why = f"from act {expected} on sanad.db can't be read: {e}"
            return
        self.check_head(heads)

    # -- one act

    def check_act(self, act):
        """§6: a row, its leaf and its envelope."""
        seq, sound = act["seq"], True
        for name in ACT:
            if name not in ("seq", "recorded") and (
                    type(act[name]) is not bytes
                    or len(act[name]) != LENGTHS.get(name, len(act[name]))):
                self.problem(seq, f"the column {name} does not hold "
                             f"{LENGTHS.get(name, 'any')} bytes")
                act[name], sound = b"", False
        # A row that is no act still takes its place in the tree, so that the
        # numbers after it stay right; its leaf will not be the one signed.
        act["sealed_sum"] = sha256(act["body"])
        self.tree.append(leaf_hash(leaf_of(act, self.key.name)))
        if sound:
            before = self.links.setdefault(act["link"], seq)
            if before != seq:
                self.problem(seq, f"its link is that of act {before}: a fork of a thread")
        try:
            envelope = read_envelope(act["envelope"])
        except Forged as e:
            self.problem(seq, str(e))
            return
        if sound and not (body_agrees(envelope, act)
                          and ("key" in envelope) == (act["body"] != b"")):
            self.problem(seq, "envelope, body_sum and body do not agree on whether there is a body")
        self.check_columns(act, envelope)
        self.check_thread(seq, envelope)
        self.check_citations(seq, envelope)

    def check_columns(self, act, envelope):
        """§6: the columns that repeat the envelope; recorded never goes back (§5)."""
        seq, recorded = act["seq"], microseconds(envelope["recorded"])
        says = {name: base64.b32decode(envelope[name].upper() + "======")
                for name in ("id", "file", "audience")}
        says.update(kind=envelope["kind"].encode(), recorded=recorded)
        for name, value in says.items():
            if type(act[name]) is not type(value) or act[name] != value:
                self.problem(seq, f"the column {name} is not the envelope's")
        if self.recorded is not None and recorded < self.recorded:
            self.problem(seq, "recorded goes back")
        self.recorded = recorded

    def check_thread(self, seq, envelope):
        """§6: pos, file and audience within a thread; §2: no two threads have both."""
        thread, pos = envelope["thread"], envelope["pos"]
        pair = (envelope["file"], envelope["audience"])
        before, next_pos = self.threads.get(thread, (pair, 0))
        if pos != next_pos:
            self.problem(seq, f"pos is {pos} where its thread is at {next_pos}")
        for name, had, has in zip(("file", "audience"), before, pair):
            if had != has:
                self.problem(seq, f"its thread is of another {name}")
        # A second thread of the same two, with a key of its own, would be a fork that
        # no link shows. It is told where the thread takes up the two.
        starts = thread not in self.threads or before != pair
        if self.pairs.setdefault(pair, thread) != thread and starts:
            self.problem(seq, "its file has another thread for the same audience")
        # What is found is remembered, right or wrong: one gap, one problem.
        self.threads[thread] = (pair, pos + 1)

    def check_citations(self, seq, envelope):
        """§6: acts cited come before, their commitments stay, ids are distinct."""
        commits = {c["name"]: c["sum"] for c in envelope.get("commits", ())}
        for cited in envelope.get("cites", ()):
            if cited not in self.ids:
                self.problem(seq, f"it cites {cited}, which is no act before it")
                continue
            before, committed = self.ids[cited]
            for name, total in committed.items():
                if commits.get(name, total) != total:
                    self.problem(seq, f"it changes the commitment {name} of act {before}, "
                                 "which it cites")
        before, _ = self.ids.setdefault(envelope["id"], (seq, commits))
        if before != seq:
            self.problem(seq, f"its id is that of act {before}")

    # -- checkpoints and head

    def checkpoints_to(self, size, notes, row):
        """Judge the checkpoints due at this size (with None: whatever is left),
        and give the first that is not due yet."""
        while row and (size is None or type(row[0]) is not int or row[0] <= size):
            self.check_note(*row)
            row = notes.fetchone()
        return row

    def check_note(self, size, note):
        # A checkpoint's problem is told at the last act it covers; a false root
        # at the first act that no good checkpoint covers, where to look first.
        if type(size) is not int or size < 0:
            self.problem(None, "a checkpoint's size is not a number")
            return
        last = size - 1 if size else None
        try:
            checkpoint = Checkpoint(note if type(note) is bytes else b"")
            checkpoint.judge(self.key)
        except (Unreadable, Forged) as e:
            self.problem(last, f"checkpoint of size {size}: {e}")
            return
        if checkpoint.size != size:
            self.problem(last, f"checkpoint of size {size}: its note says {checkpoint.size}")
        elif size > self.tree.size:
            if not self.beyond:
                self.problem(self.tree.size, f"a checkpoint of size {size} is signed, and there "
                             f"are {self.tree.size} acts")
            self.beyond = True
        elif checkpoint.root == self.tree.root():
            self.agreed, self.diverged = size, False
        else:
            if not self.diverged:  # one false leaf makes every later root false
                self.problem(self.agreed if self.agreed < size else last,
                             f"checkpoint of size {size} states another root: an act from "
                             f"{self.agreed} to {size - 1} is not the one that was signed")
            self.diverged = True

    def check_head(self, heads):
        """§6: one row, of this log, with the size and root that the acts give."""
        if len(heads) != 1:
            self.problem(None, "the head has not one row")
            return
        origin, size, root = heads[0]
        if origin != self.key.name:
            self.problem(None, "the head is of another log")
        if type(size) is not int or size != self.tree.size:
            said = size if type(size) is int else "no number"
            self.problem(None, f"the head's size is {said}, and there are {self.tree.size} acts")
        elif root != self.tree.root():
            self.problem(self.agreed if self.agreed < size else None,
                         "the head's root is not the one the acts give")


# ------------------------------------------------------- the report, command line

def check_folder(path, key_text):
    """(answer, report)"""
    try:
        folder = Folder(path, VerifierKey(key_text))
        with contextlib.closing(folder.con):
            folder.check()
    except (Unreadable, OSError, sqlite3.Error) as e:
        return UNREADABLE, {"ok": False, "acts": 0, "root": None, "signed": 0,
                            "problems": [], "why": str(e)}
    answer = FORGED if folder.problems else UNREADABLE if folder.why else HOLDS
    report = {"ok": answer == HOLDS, "acts": folder.tree.size,
              "root": base64.b64encode(folder.tree.root()).decode(), "signed": folder.agreed,
              "problems": folder.problems, "more": folder.more, "why": folder.why,
              "caution": folder.caution}
    return answer, {k: v for k, v in report.items() if v or k not in ("more", "why", "caution")}


def tell(answer, report):
    for problem in report["problems"]:
        place = "log" if problem["seq"] is None else f"act {problem['seq']}"
        print(f"{place}: {ascii(problem['what'])[1:-1]}")
    if report.get("more"):
        print(f"and {report['more']} more problems")
    for what in ("why", "caution"):
        if report.get(what):
            print("note: " + ascii(report[what])[1:-1])
    if answer == UNREADABLE:
        print(SAID[answer])
        return
    print(f"{SAID[answer]}: {report['acts']} acts, root {report['root']}")
    unsigned = report["acts"] - report["signed"]
    if unsigned > 0:
        print(f"note: the last {unsigned} acts are covered by the head alone, which nobody signed")


def main(argv=None):
    parser = argparse.ArgumentParser(description="Checks a folder from docs/leaf.md alone.")
    parser.add_argument("dir")
    parser.add_argument("--key", required=True, help="the log's verifier key, NAME+HEX+BASE64")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    answer, report = check_folder(args.dir, args.key)
    if args.json:
        print(json.dumps(report))
    else:
        tell(answer, report)
    return answer


if __name__ == "__main__":
    sys.exit(main())
