#!/usr/bin/env python3
"""Checks a dump, a whole public file, as docs/dump.md has it. § are that document's
sections where no other is named; the parts of an act are read by verify.py.

    dump.py FILE --key VKEY [--against OLD]    a dump, and one kept from before

Exit code: 0 it holds, 1 it does not, 2 the question can't be answered.
"""
import argparse
import json
import sys

from verify import (ZERO, Checkpoint, Forged, Unreadable, VerifierKey, answer_of,
                    judge_inclusion, judge_opening, leaf_hash, leaf_of, read_opening, tell, unb64)

MAX_LINE, MAX_ACTS, MAX_PATH = 1 << 20, 1 << 20, 63


# ------------------------------------------------------- the file (§1)

def written(values):
    """A line's JSON in the one way §1 has it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for c in "<>&\u2028\u2029":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return text


def read_line(file, keys):
    """The values of the next line, None after the last, or ValueError."""
    raw = file.readline(MAX_LINE + 1)
    if not raw:
        return None
    if len(raw) > MAX_LINE or not raw.endswith(b"\n"):
        raise ValueError("it is too long, or cut off")
    text = raw[:-1].decode()
    try:
        values = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested without end")
    if type(values) is not dict or list(values) != keys:
        raise ValueError(f"it is no object with the keys {', '.join(keys)}")
    if written(values) != text:
        raise ValueError("it is not as one is written")
    return values


def count(value, most):
    """A number from 0 to most, or ValueError."""
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"not a number up to {most}")
    return value


def read_head(file):
    """(number of acts, checkpoint), or ValueError or Unreadable."""
    head = read_line(file, ["sanad", "acts", "checkpoint"])
    if head is None or head["sanad"] != "dump/v1":
        raise ValueError("not a dump of version 1")
    acts = count(head["acts"], MAX_ACTS)
    if type(head["checkpoint"]) is not str:
        raise ValueError("its checkpoint is no text")
    checkpoint = Checkpoint(head["checkpoint"].encode())
    if checkpoint.size < 1:
        raise ValueError("its checkpoint is of an empty log")
    return acts, checkpoint


def read_act(file):
    """(index, path, opening) of the next act; None after the last; or ValueError."""
    values = read_line(file, ["index", "path", "opening"])
    if values is None:
        return None
    index, path = count(values["index"], 2**63 - 1), values["path"]
    if type(path) is not list or len(path) > MAX_PATH or any(type(h) is not str for h in path):
        raise ValueError(f"its path is not a list of up to {MAX_PATH} hashes")
    return index, [unb64(h, 32) for h in path], read_opening(written(values["opening"]))


# ------------------------------------------------------- what must hold (§2)

class Thread:
    """The acts judged so far, as (index, leaf hash), and what the next has to follow."""

    def __init__(self, key, checkpoint):
        self.key, self.checkpoint = key, checkpoint
        self.acts, self.last, self.same = [], None, None

    def judge(self, index, path, opening):
        """§2.2 of the next act, or Forged."""
        envelope = judge_opening(opening)
        same = [envelope[name] for name in ("file", "of", "thread", "audience")]
        same.append(opening["thread_key"])
        if self.same not in (None, same):
            raise Forged("the act is of another thread than those before it")
        expected = len(self.acts)
        if envelope["pos"] != expected:
            raise Forged(f"the act is at position {envelope['pos']} of its thread, and {expected} "
                         "is expected: one was left out, or they are in another order")
        index_before, hash_before = self.acts[-1] if self.acts else (-1, ZERO)
        if opening["previous"] != hash_before:
            raise Forged("the act does not follow the one before it")
        if index <= index_before:
            raise Forged("the act's number does not lie after that of the one before it")
        if self.last and envelope["recorded"] < self.last["recorded"]:
            raise Forged("the act was recorded before the one before it")
        hashed = leaf_hash(leaf_of(opening, self.key.name))
        judge_inclusion(hashed, index, path, self.checkpoint)
        self.same, self.last = same, envelope
        self.acts.append((index, hashed))


def read_dump(path, key):
    """The Thread of a dump that holds; or Unreadable, or Forged. What can't be read is
    told before what is false, so the file is read to its end before either is said."""
    with open(path, "rb") as file:
        line, forged = 1, None
        try:
            acts, checkpoint = read_head(file)
            thread = Thread(key, checkpoint)
            try:
                checkpoint.judge(key)
            except Forged as e:
                forged = e
            line += 1
            while (act := read_act(file)) is not None:
                if line - 1 > MAX_ACTS:
                    raise ValueError("there are more acts than a dump may have")
                if forged is None:
                    try:
                        thread.judge(*act)
                    except Forged as e:
                        forged = Forged(f"line {line}: {e}")
                line += 1
        except (ValueError, Unreadable) as e:
            raise Unreadable(f"line {line}: {e}")
    if forged is None and line - 2 != acts:
        forged = Forged(f"it says it has {acts} acts, and has {line - 2}")
    if forged is not None:
        raise forged
    return thread


# ------------------------------------------------------- against one that was kept (§4)

def judge_kept(ours, kept):
    """Forged where a dump has not all that one somebody kept has."""
    for n, (our, their) in enumerate(zip(ours.acts, kept.acts)):
        if our != their:
            raise Forged(f"line {n + 2}: the kept dump has another act here")
    if len(ours.acts) < len(kept.acts):
        raise Forged(f"it ends after {len(ours.acts)} acts, and the kept dump has "
                     f"{len(kept.acts)}")
    if (ours.checkpoint.size == kept.checkpoint.size
            and ours.checkpoint.root != kept.checkpoint.root):
        raise Forged("its checkpoint and the kept one's state two roots for one size")


def check_dump(path, key_text, against):
    """What holds, in a sentence; or Unreadable or Forged."""
    key = VerifierKey(key_text)
    kept = []
    for name in against:
        try:
            kept.append(read_dump(name, key))
        except (Forged, Unreadable) as e:
            raise type(e)(f"kept dump {name}: {e}")
    thread = read_dump(path, key)
    for one in kept:
        judge_kept(thread, one)
    if not thread.acts:
        return "it has no act, and says nothing of any file"
    return (f"the first {len(thread.acts)} acts of one file, the last recorded "
            f"{thread.last['recorded']}, are in the log {key.name.decode()} of size "
            f"{thread.checkpoint.size}{', and hold what was kept' if kept else ''}")


def main(argv=None):
    parser = argparse.ArgumentParser(description="Checks a dump from docs/dump.md alone.")
    parser.add_argument("file")
    parser.add_argument("--key", required=True, help="the log's verifier key, NAME+HEX+BASE64")
    parser.add_argument("--against", action="append", default=[], metavar="OLD",
                        help="a dump somebody kept; may be repeated")
    args = parser.parse_args(argv)
    return tell(*answer_of(check_dump, args.file, args.key, args.against))


if __name__ == "__main__":
    sys.exit(main())
