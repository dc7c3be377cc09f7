#!/usr/bin/env python3
"""An independent verifier for Sanad's log, written from docs/leaf.md alone.

It shares no code with Sanad and needs nothing but Python 3.11 or later. § are the
document's sections. Two pieces that stand alone have files of their own: envelope.py
(§5) and ed25519.py (RFC 8032). folder.py (§6) and dump.py (docs/dump.md) build on this.

    verify.py vectors FILE               the test vectors
    verify.py receipt FILE --key VKEY    one receipt

Exit code: 0 it holds, 1 it does not, 2 the question can't be answered.
"""
import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import re
import sys

import ed25519
from envelope import values_of

HOLDS, FORGED, UNREADABLE = 0, 1, 2
ANSWER = ("holds", "forged", "unreadable")
SAID = ("holds", "forged", "can't be answered")
ZERO = bytes(32)


class Unreadable(Exception):
    """The input is not in a form this verifier knows: no answer either way."""


class Forged(Exception):
    """The input is in a form we know and says something that is not so."""


def unb64(text, length=None):
    """The bytes of base64, or ValueError. Encoding again and comparing refuses what
    decoders let pass: line ends, missing padding, stray bits at the end."""
    raw = base64.b64decode(text.encode(), validate=True)
    if base64.b64encode(raw) != text.encode():
        raise ValueError("not base64 as one would write it")
    if length is not None and len(raw) != length:
        raise ValueError(f"{len(raw)} bytes where {length} belong")
    return raw


def decimal(text):
    """A count below 2^63. int() alone would take spaces, underscores, a plus."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >= 2**63:
        raise ValueError("not a decimal number")
    return int(text)


# ------------------------------------------------------- leaf and tree (§2, §3)

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def keyed(key, what, message):
    """§2: each of the three HMACs, told apart by what it is of."""
    return hmac.digest(key, b"sanad " + what + b" v1\n" + message, "sha256")


def leaf_of(act, origin):
    """§2: the 161 bytes that bind an act, whose parts are given by name."""
    envelope = keyed(act["salt"], b"envelope", act["envelope"])
    return b"".join((b"\x01", sha256(origin), envelope, act["body_sum"], act["sealed_sum"],
                     act["link"]))


def link_of(act):
    """§2: the leaf's field link."""
    return keyed(act["thread_key"], b"link", act["previous"])


def body_sum_of(act):
    """§2: the leaf's field body; one that is opened and empty has no `body` (§4)."""
    return keyed(act["body_salt"], b"body", act.get("body", b""))


def leaf_hash(leaf):
    """§2, RFC 6962 §2.1"""
    return sha256(b"\x00", leaf)


def node(left, right):
    """§3, RFC 6962 §2.1"""
    return sha256(b"\x01", left, right)


class Tree:
    """§3: the root (RFC 6962 §2.1) as leaves arrive, from one hash for each complete subtree:
    as many as the size has one-bits, never the leaves themselves."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, hashed):
        n = self.size
        while n & 1:
            hashed = node(self.peaks.pop(), hashed)
            n >>= 1
        self.peaks.append(hashed)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256()
        root = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            root = node(left, root)
        return root


def root_from_proof(hashed, index, size, proof):
    """§4: RFC 6962 §2.1.1 read backwards. The last hash is the other half of the whole
    tree, so the proof is taken apart from its end. index is smaller than size."""
    if (size == 1) != (not proof):
        raise Forged("the inclusion proof has not the right number of hashes")
    if size == 1:
        return hashed
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return node(root_from_proof(hashed, index, left, proof[:-1]), proof[-1])
    return node(proof[-1], root_from_proof(hashed, index - left, size - left, proof[:-1]))


# ------------------------------------------------------- keys and checkpoints (§3)
# A key's name has no Unicode space and no plus (c2sp.org/signed-note).

NAME, LINE = r"[^\s+\x00-\x1f]+", r"[^\x00-\x1f]+\n"
KEY = re.compile(rf"({NAME})\+([0-9a-f]{{8}})\+(.+)")
NOTE = re.compile(f"(({LINE})({LINE})({LINE}))\n((?:{LINE})+)")
SIGNATURE = re.compile(f"\u2014 ({NAME}) ([^ ]+)")


class VerifierKey:
    """§3: NAME+HEX+BASE64; the name is the log's origin."""

    def __init__(self, text):
        try:
            found = KEY.fullmatch(text)
            if not found:
                raise ValueError("not NAME+HEX+BASE64")
            self.name, raw = found[1].encode(), unb64(found[3], 33)
            self.hash4, self.public = sha256(self.name, b"\n", raw)[:4], raw[1:]
            if raw[0] != 1 or found[2] != self.hash4.hex():
                raise ValueError("not Ed25519, or its hash is not that of its name and key")
            ed25519.point_of(self.public)
        except ValueError as e:
            raise Unreadable(f"the verifier key is bad: {e}")


class Checkpoint:
    """§3: a signed note, parsed here and judged in judge(). The two are apart because a
    receipt we can't parse is unreadable, and one that fails is forged."""

    def __init__(self, note):
        try:
            found = NOTE.fullmatch(note.decode())
            if not found:
                raise ValueError("not origin, size, root, blank line and signatures")
            text, origin, size, root, lines = found.groups()
            self.text, self.origin = text.encode(), origin[:-1].encode()
            self.size, self.root = decimal(size[:-1]), unb64(root[:-1], 32)
            self.signatures = [self.signature(line) for line in lines[:-1].split("\n")]
            if len(self.signatures) > 100:
                raise ValueError("more than 100 signatures")
        except ValueError as e:
            raise Unreadable(f"the checkpoint can't be read: {e}")

    @staticmethod
    def signature(line):
        found = SIGNATURE.fullmatch(line)
        raw = unb64(found[2]) if found else b""
        if len(raw) < 5:
            raise ValueError("a signature line that is none")
        return found[1].encode(), raw[:4], raw[4:]

    def judge(self, key):
        """§3: Forged unless it is of this log and signed by this key, once."""
        if self.origin != key.name:
            raise Forged("the checkpoint is of another log")
        named = [(hash4, raw) for name, hash4, raw in self.signatures if name == key.name]
        ours = [raw for hash4, raw in named if hash4 == key.hash4]
        if not ours:
            raise Forged("the checkpoint is not signed by this key")
        if len(named) > 1:
            raise Forged("the checkpoint is signed twice under the log's name")
        if not ed25519.holds(key.public, self.text, ours[0]):
            raise Forged("the checkpoint's signature by this key is false")


# ------------------------------------------------------- the receipt (§4)

MAX_RECEIPT = 1 << 20
RECEIPT = re.compile("c2sp\\.org/tlog-proof@v1\nextra (.*)\nindex (.*)\n((?:.+\n)*)\n((?s:.*))")
# The one way to write `extra`. An empty body is opened by body_salt alone.
EXTRA = re.compile(
    '{"v":1,"envelope":"(?P<envelope>[^"]*)","salt":"(?P<salt>[^"]*)",'
    '"body_sum":"(?P<body_sum>[^"]*)","sealed_sum":"(?P<sealed_sum>[^"]*)",'
    '(?:(?:"body":"(?P<body>[^"]+)",)?"body_salt":"(?P<body_salt>[^"]*)",)?'
    '"thread_key":"(?P<thread_key>[^"]*)","previous":"(?P<previous>[^"]*)"}')


def read_envelope(raw):
    """§5: the envelope's values by name, or Forged."""
    try:
        return values_of(raw)
    except ValueError as e:
        raise Forged(f"the envelope is not canonical: {e}")


def read_opening(extra):
    """§4: the parts of an act by name, from the JSON of `extra`, or ValueError."""
    found = EXTRA.fullmatch(extra)
    if not found:
        raise ValueError("what opens the act is not in the one form we know")
    act = {name: unb64(value, None if name in ("envelope", "body") else 32)
           for name, value in found.groupdict().items() if value is not None}
    return {**act, "link": link_of(act)}


def body_agrees(envelope, act):
    """Whether envelope and leaf say the same on there being a body (§2, §5)."""
    if "key" in envelope:
        return act["body_sum"] != ZERO
    return act["body_sum"] == ZERO and act["sealed_sum"] == sha256()


def judge_opening(act):
    """§4: the envelope's values, or Forged where the act's parts contradict each other."""
    envelope = read_envelope(act["envelope"])
    if not body_agrees(envelope, act):
        raise Forged("envelope and leaf do not agree on whether there is a body")
    if (act["previous"] == ZERO) != (envelope["pos"] == 0):
        raise Forged("previous and the envelope's pos do not agree")
    if "body_salt" in act and body_sum_of(act) != act["body_sum"]:
        raise Forged("the body is not the one that was recorded")
    return envelope


def judge_inclusion(hashed, index, proof, checkpoint):
    """§4: Forged unless the leaf is at this place under the checkpoint's root."""
    if index >= checkpoint.size:
        raise Forged("the index is beyond the checkpoint's size")
    if root_from_proof(hashed, index, checkpoint.size, proof) != checkpoint.root:
        raise Forged("the inclusion proof does not lead to the checkpoint's root")


def read_receipt(data):
    """§4: (act, index, proof, checkpoint), or Unreadable."""
    try:
        found = RECEIPT.fullmatch(data.decode())
        if len(data) > MAX_RECEIPT or not found:
            raise ValueError("not a tlog-proof of version 1 with extra and index")
        extra, index, lines, note = found.groups()
        act, index = read_opening(unb64(extra).decode()), decimal(index)
        proof = [unb64(line, 32) for line in lines.split("\n")[:-1]]
    except ValueError as e:
        raise Unreadable(f"the receipt can't be read: {e}")
    return act, index, proof, Checkpoint(note.encode())


def check_receipt(data, key):
    """§4: what holds, in a sentence; or Unreadable or Forged."""
    act, index, proof, checkpoint = read_receipt(data)
    envelope = judge_opening(act)
    checkpoint.judge(key)
    judge_inclusion(leaf_hash(leaf_of(act, key.name)), index, proof, checkpoint)
    body = "its body was not shown" if "key" in envelope else "it has no body"
    body = "its body is this one" if "body_salt" in act else body
    return (f"act {index}, recorded {envelope['recorded']}, is in the log {key.name.decode()} "
            f"of size {checkpoint.size}; {body}")


# ------------------------------------------------------- test vectors, command line

def check_vectors(vectors):
    """Yields each thing that the vectors state, and whether it is so."""
    key = VerifierKey(vectors["verifier"])
    yield "verifier: its name is the origin", key.name == vectors["origin"].encode()
    tree, threads, links, recorded = Tree(), {}, set(), ""
    for n, given in enumerate(vectors["acts"]):
        act = {name: unb64(value) for name, value in given.items() if value is not None}
        act["body_sum"] = body_sum_of(act) if "body_salt" in act else ZERO
        act["sealed_sum"], act["link"] = sha256(act.get("sealed", b"")), link_of(act)
        leaf = leaf_of(act, key.name)
        hashed = leaf_hash(leaf)
        tree.append(hashed)
        yield f"act {n}: leaf", leaf == act["leaf"] and len(leaf) == 161
        yield f"act {n}: hash", hashed == act["hash"]
        yield f"act {n}: root", tree.root() == act["root"]
        yield f"act {n}: link", act["link"] not in links
        links.add(act["link"])
        answer, envelope = answer_of(judge_opening, act)
        yield f"act {n}: opening: {envelope}", answer == HOLDS
        if answer != HOLDS:
            continue
        # A thread's key, file and audience stay, pos counts up from 0, and previous is
        # the leaf hash of the act before it.
        same = (act["thread_key"], envelope["file"], envelope["audience"])
        expected = threads.get(envelope["thread"], (same, 0, ZERO))
        yield f"act {n}: thread order", (same, envelope["pos"], act["previous"]) == expected
        threads[envelope["thread"]] = (same, envelope["pos"] + 1, hashed)
        yield f"act {n}: recorded", envelope["recorded"] >= recorded
        recorded = envelope["recorded"]
    for case in vectors["envelopes"]:
        answer, why = answer_of(read_envelope, unb64(case["text"]))
        yield f"envelope {case['name']!r}: {why}", (answer == HOLDS) is case["valid"]
    for case in vectors["receipts"]:
        text = unb64(case["text"] or "")
        answer, why = answer_of(check_receipt, text, key)
        yield f"receipt {case['name']!r}: {why}", ANSWER[answer] == case["answer"]
        index = None if answer == UNREADABLE else read_receipt(text)[1]
        yield f"receipt {case['name']!r}: index", index in (None, case["index"])


def answer_of(question, *args):
    """HOLDS and what the question gives, or another answer and why."""
    try:
        return HOLDS, question(*args)
    except Forged as e:
        return FORGED, str(e)
    except (Unreadable, OSError) as e:
        return UNREADABLE, str(e)


def tell(answer, why):
    """Prints the answer on one line of ASCII, and gives it back as the exit code."""
    print(f"{SAID[answer]}: {ascii(why)[1:-1]}")
    return answer


def read_and_check(path, key):
    with open(path, "rb") as file:
        return check_receipt(file.read(MAX_RECEIPT + 1), VerifierKey(key))


def main(argv=None):
    parser = argparse.ArgumentParser(description="Checks the test vectors, or a receipt.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("vectors").add_argument("file")
    receipt = commands.add_parser("receipt")
    receipt.add_argument("file")
    receipt.add_argument("--key", required=True, help="the log's verifier key, NAME+HEX+BASE64")
    args = parser.parse_args(argv)
    if args.command == "receipt":
        return tell(*answer_of(read_and_check, args.file, args.key))
    try:
        checked = list(check_vectors(json.loads(pathlib.Path(args.file).read_bytes())))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Unreadable) as e:
        return tell(UNREADABLE, f"the vectors can't be read: {e}")
    problems = [what for what, good in checked if not good]
    print("\n".join(problems + [f"{len(checked)} checked, {len(problems)} problems"]))
    return FORGED if problems else HOLDS


if __name__ == "__main__":
    sys.exit(main())
