#!/usr/bin/env python3
"""An independent verifier for Sanad's log, written from docs/leaf.md and
docs/dump.md alone.

It shares no code with Sanad and needs nothing but Python 3.9 or later. Section
numbers (§) in the comments are those of docs/leaf.md, or of the page they name.

    verify.py vectors FILE                           the test vectors
    verify.py receipt FILE --key VKEY                one receipt
    verify.py dump    FILE --key VKEY [--against OLD] a dump, and one kept before
    verify.py folder  DIR  --key VKEY [--json]       a whole folder

Exit code: 0 it holds, 1 it does not, 2 the question can't be answered.
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import sqlite3
import sys

HOLDS, FORGED, UNREADABLE = 0, 1, 2
ANSWER = ("holds", "forged", "unreadable")
ZERO = bytes(32)


class Unreadable(Exception):
    """The input is not in a form this verifier knows: no answer either way."""


class Forged(Exception):
    """The input is in a form we know and says something that is not so."""


class NotCanonical(Exception):
    """The bytes are not an envelope of §5."""


# ---------------------------------------------------------------- small bytes

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def unb64(text, length=None):
    """Strict base64 of bytes or str. Encoding again and comparing refuses what
    decoders let pass: line ends, missing padding, stray bits in the last letter."""
    text = text.encode() if isinstance(text, str) else text
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw) != text:
        raise ValueError("not base64 as one would write it")
    if length is not None and len(raw) != length:
        raise ValueError("%d bytes where %d belong" % (len(raw), length))
    return raw


def decimal(text):
    """A count. int() alone would take spaces, underscores, a plus, other digits."""
    if not re.fullmatch(rb"0|[1-9][0-9]{0,18}", text) or int(text) >= 2**63:
        raise ValueError("not a decimal number")
    return int(text)


# ------------------------------------------------------ Ed25519 (RFC 8032 §5.1)
# Verification handles public values only, so nothing here is constant-time.
# Points are extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)


def point_add(a, b):
    # The addition law of this curve is complete: it also doubles, and there is
    # no pair of points it fails on.
    ax, ay, az, at = a
    bx, by, bz, bt = b
    m, n = (ay - ax) * (by - bx) % P, (ay + ax) * (by + bx) % P
    c, d = 2 * D * at * bt % P, 2 * az * bz % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_decode(raw):
    """The point, or ValueError for bytes that are none or not its one encoding."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == (P - u) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or v * x * x % P != u or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def point_encode(p):
    x, y, z, _ = p
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def small_order(p):
    for _ in range(3):
        p = point_add(p, p)
    return point_encode(p) == point_encode(NEUTRAL)


def multiples(p):
    """table[i][j] is j * 16**i * p. A folder may hold very many checkpoints by
    one key; with the table a multiplication is 64 additions and no doubling."""
    table = []
    for _ in range(64):
        row = [NEUTRAL]
        for _ in range(15):
            row.append(point_add(row[-1], p))
        table.append(row)
        p = point_add(row[-1], p)
    return table


def times(table, n):
    total = NEUTRAL
    for row in table:
        total = point_add(total, row[n & 15])
        n >>= 4
    return total


BASE = multiples(point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")))


class PublicKey:
    def __init__(self, raw):
        x, y, z, t = point = point_decode(raw)
        if small_order(point):  # one signature under such a key fits many texts
            raise ValueError("a point of small order")
        self.raw, self.minus = raw, multiples((P - x, y, z, P - t))

    def verify(self, message, signature):
        r, s = signature[:32], int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or s >= L:  # else S + L would be a second signature
            return False
        h = int.from_bytes(hashlib.sha512(r + self.raw + message).digest(), "little") % L
        # [S]B = R + [h]A, compared as bytes: R has to be in its one encoding.
        point = point_add(times(BASE, s), times(self.minus, h))
        return point_encode(point) == r and not small_order(point)


# ------------------------------------------------------- keys and checkpoints (§3)

def good_name(name):
    # c2sp.org/signed-note: no Unicode space and no plus in a key's name.
    return bool(name) and not any(c.isspace() or c == "+" or c < " " for c in name)


class VerifierKey:
    def __init__(self, text):
        parts = text.split("+", 2)  # base64 may contain a plus, a name may not
        if len(parts) != 3 or not good_name(parts[0]):
            raise Unreadable("the verifier key is not NAME+HEX+BASE64")
        try:
            self.name, raw = parts[0].encode(), unb64(parts[2], 33)
            self.hash4 = sha256(self.name, b"\n", raw)[:4]
            if raw[0] != 1 or parts[1] != self.hash4.hex():
                raise ValueError("not Ed25519, or its hash is not that of its name and key")
            self.key = PublicKey(raw[1:])
        except ValueError as e:
            raise Unreadable("the verifier key is bad: %s" % e)


class Checkpoint:
    """A signed note: parsed here, judged in judge(). The two are apart because
    a receipt we can't parse is 'unreadable' and one that fails is 'forged'."""

    def __init__(self, note):
        try:
            if any(c < " " and c != "\n" for c in note.decode()):
                raise ValueError("a control character")
            text, gap, tail = note.rpartition(b"\n\n")
            lines, signatures = text.split(b"\n"), tail.split(b"\n")
            if len(lines) != 3 or not lines[0] or signatures.pop() or not signatures:
                raise ValueError("not origin, size, root, blank line and signatures")
            if len(signatures) > 100:
                raise ValueError("more than 100 signatures")
            self.text = text + b"\n"
            self.origin, self.size, self.root = lines[0], decimal(lines[1]), unb64(lines[2], 32)
            self.signatures = []
            for line in signatures:
                dash, name, raw = line.decode().split(" ")
                raw = unb64(raw)
                if dash != "\u2014" or not good_name(name) or len(raw) < 5:
                    raise ValueError("a signature line that is none")
                self.signatures.append((name.encode(), raw[:4], raw[4:]))
        except ValueError as e:
            raise Unreadable("the checkpoint can't be read: %s" % ascii(str(e)))

    def judge(self, key):
        if self.origin != key.name:
            raise Forged("the checkpoint is of another log")
        ours = [s for name, hash4, s in self.signatures
                if (name, hash4) == (key.name, key.hash4)]
        if not ours:
            raise Forged("the checkpoint is not signed by this key")
        if sum(name == key.name for name, _, _ in self.signatures) > 1:
            raise Forged("the checkpoint is signed twice under the log's name")
        if not all(key.key.verify(self.text, s) for s in ours):
            raise Forged("the checkpoint's signature by this key is false")


# ------------------------------------------------------------- leaves and tree (§2, §3)

def leaf_bytes(origin, envelope, salt, body_sum, sealed_sum, link):
    return b"".join((b"\x01", sha256(origin), mac(salt, b"sanad envelope v1\n", envelope),
                     body_sum, sealed_sum, link))


def link_of(thread_key, previous):
    return mac(thread_key, b"sanad link v1\n", previous)


def body_sum_of(body_salt, body):
    return mac(body_salt, b"sanad body v1\n", body)


def leaf_hash(leaf):
    return sha256(b"\x00", leaf)


def node(left, right):
    return sha256(b"\x01", left, right)


class Tree:
    """The tree's root as leaves arrive, holding one hash for each complete
    subtree: as many as the size has one-bits, never the leaves themselves."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, leaf):
        n = self.size
        while n & 1:
            leaf = node(self.peaks.pop(), leaf)
            n >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256()
        root = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            root = node(left, root)
        return root


def root_from_proof(leaf, index, size, proof):
    """RFC 6962 §2.1.1 read backwards. The last hash is the other half of the
    whole tree, so the proof is taken apart from its end."""
    if (size == 1) != (not proof):
        raise Forged("the inclusion proof has not the right number of hashes")
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1  # largest power of two below size
    rest, other = proof[:-1], proof[-1]
    if index < half:
        return node(root_from_proof(leaf, index, half, rest), other)
    return node(other, root_from_proof(leaf, index - half, size - half, rest))


# ------------------------------------------------------------- the envelope (§5)
# Python's json module takes white space, escapes, a key twice, NaN and more.
# That is harmless here: the values are checked by the rules below, and written
# again they must give the very bytes that were read.

def fail(what):
    raise NotCanonical(what)


def matching(pattern, what):
    return lambda v: type(v) is str and re.fullmatch(pattern, v) or fail("not " + what)


def integer(low=-(2**53 - 1), high=2**53 - 1):  # True is an int too, so type()
    return lambda v: type(v) is int and low <= v <= high or fail(
        "not a number within %d and %d" % (low, high))


def list_of(low, high, rule, order=None):
    """A list; with `order` its items must ascend strictly, by that key."""
    def check(value):
        if type(value) is not list or not low <= len(value) <= high:
            fail("not a list of %d to %d" % (low, high))
        for item in value:
            rule(item)
        keys = [order(item) for item in value] if order else []
        if any(a >= b for a, b in zip(keys, keys[1:])):
            fail("a list is not sorted, or has something twice")
    return check


def record(fields):
    """An object of exactly these fields in this order; "name?" may be absent."""
    fields = [(name.rstrip("?"), name[-1] == "?", rule) for name, rule in fields.items()]

    def check(value):
        if type(value) is not dict:
            fail("not an object")
        wanted = [name for name, optional, _ in fields if not optional or name in value]
        if list(value) != wanted:
            fail("its keys are not %s" % ", ".join(wanted))
        for name, _, rule in fields:
            if name in value:
                try:
                    rule(value[name])
                except NotCanonical as e:
                    fail("%s: %s" % (name, e))
    return check


def microseconds(value):
    """An instant as microseconds since 1970, in whole numbers throughout."""
    found = type(value) is str and re.fullmatch(
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z", value)
    try:
        moment = datetime.datetime(*map(int, found.groups()))
    except (AttributeError, ValueError):
        fail("not a day or instant")
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


def date(value):
    microseconds(type(value) is str and value + "T00:00:00.000000Z")


def boolean(value):
    return type(value) is bool or fail("not true or false")


def sum_of_32(value):
    try:
        unb64(value, 32)
    except (TypeError, ValueError):
        fail("not the base64 of 32 bytes")


def cites(value):
    list_of(1, 64, ident)(value)
    if len(set(value)) != len(value):
        fail("something is cited twice")


def fact(value, label="name", needed=True):
    known = [k for k in value if k in TYPES] if type(value) is dict else []
    if len(known) > 1 or (needed and not known):
        fail("not one value of a known type")
    record({label: code, **{k: TYPES[k] for k in known},
            **({"from?": ident} if known and not needed else {})})(value)


def saw(value):
    fact(value, "fact", False)


# The last letter's two low bits are zero. That no id is 16 zero bytes is known
# from testdata/leaf (of `key`): §5 does not say it.
ident = matching(r"(?!a{26})[a-z2-7]{25}[aeimquy4]", "an id")
code = matching(r"[A-Za-z0-9._@:/+-]{1,96}", "a code")
version = integer(1, 9999)
TYPES = {"bool": boolean, "int": integer(), "code": code, "date": date, "at": microseconds,
         "id": ident, "codes": list_of(0, 256, code, str), "ids": list_of(0, 256, ident, str)}
PROCEDURE = record({"id": ident, "protocol": code, "version": version, "step": code})
DEADLINE = record({"rule": code, "start": microseconds, "due": microseconds, "calendar": code})
GATE = record({"gate": code, "version": version, "open": boolean, "because": code,
               "saw?": list_of(1, 64, saw, lambda s: s["fact"])})
COMMIT = record({"name": code, "sum": sum_of_32})
ENVELOPE = record({
    "v": integer(1, 1), "id": ident, "file": ident, "of": code, "audience": ident,
    "thread": ident, "pos": integer(0), "kind": code, "version": version,
    "recorded": microseconds, "effective": microseconds, "shown?": ident, "mandate?": ident,
    "cites?": cites, "procedure?": PROCEDURE, "deadlines?": list_of(1, 16, DEADLINE), "law": code,
    "facts?": list_of(1, 128, fact, lambda f: f["name"]),
    "gates?": list_of(1, 64, GATE, lambda g: g["gate"]),
    "commits?": list_of(1, 16, COMMIT, lambda c: c["name"]), "key?": ident})
MACHINE_KINDS = ("deadline.lapsed", "journal.digest", "key.destroyed", "register.dumped")


def read_envelope(raw):
    """The envelope's values, or NotCanonical."""
    if len(raw) > 65536:
        fail("longer than 65536 bytes")
    try:
        values = json.loads(raw.decode("ascii"))
    except (ValueError, RecursionError) as e:
        fail("not JSON in ASCII: %s" % ascii(str(e)))
    ENVELOPE(values)
    if json.dumps(values, separators=(",", ":")).encode() != raw:
        fail("written again from its values it reads differently")
    # Instants have one width, so their texts sort as the times do.
    if values["effective"] > values["recorded"]:
        fail("effective is after recorded")
    if ("mandate" in values) == (values["kind"] in MACHINE_KINDS):
        fail("mandate is absent exactly where a machine acts")
    return values


def body_agrees(envelope, body_sum, sealed_sum):
    """Whether envelope and leaf say the same on there being a body."""
    return (body_sum != ZERO if "key" in envelope
            else body_sum == ZERO and sealed_sum == sha256())


# ------------------------------------------------------------- the receipt (§4)

MAX_RECEIPT = 1 << 20
# The one way to write `extra`. An empty body is opened by body_salt alone.
EXTRA = re.compile(
    rb'{"v":1,"envelope":"(?P<envelope>[^"]*)","salt":"(?P<salt>[^"]*)",'
    rb'"body_sum":"(?P<body_sum>[^"]*)","sealed_sum":"(?P<sealed_sum>[^"]*)",'
    rb'(?:(?:"body":"(?P<body>[^"]+)",)?"body_salt":"(?P<body_salt>[^"]*)",)?'
    rb'"thread_key":"(?P<thread_key>[^"]*)","previous":"(?P<previous>[^"]*)"}')


def read_opening(text):
    """The byte strings of `extra`, or ValueError."""
    found = EXTRA.fullmatch(text)
    if not found:
        raise ValueError("what opens the act is not in the one form we know")
    return {name: unb64(value, None if name in ("envelope", "body") else 32)
            for name, value in found.groupdict().items() if value is not None}


def judge_opening(extra, key):
    """(the envelope's values, the leaf's hash), or Forged."""
    try:
        envelope = read_envelope(extra["envelope"])
    except NotCanonical as e:
        raise Forged("the envelope is not canonical: %s" % e)
    if not body_agrees(envelope, extra["body_sum"], extra["sealed_sum"]):
        raise Forged("envelope and leaf do not agree on whether there is a body")
    if (extra["previous"] == ZERO) != (envelope["pos"] == 0):
        raise Forged("previous and the envelope's pos do not agree")
    if "body_salt" in extra \
            and body_sum_of(extra["body_salt"], extra.get("body", b"")) != extra["body_sum"]:
        raise Forged("the body is not the one that was recorded")
    return envelope, leaf_hash(leaf_bytes(
        key.name, extra["envelope"], extra["salt"], extra["body_sum"], extra["sealed_sum"],
        link_of(extra["thread_key"], extra["previous"])))


class Receipt:
    """The parts of a receipt. Whatever can't be parsed is Unreadable."""

    def __init__(self, data):
        head, gap, note = data.partition(b"\n\n")
        lines = head.split(b"\n")
        if len(data) > MAX_RECEIPT or not gap or len(lines) < 3 \
                or lines[0] != b"c2sp.org/tlog-proof@v1" \
                or lines[1][:6] != b"extra " or lines[2][:6] != b"index ":
            raise Unreadable("not a tlog-proof of version 1 with extra and index")
        try:
            self.index = decimal(lines[2][6:])
            self.proof = [unb64(line, 32) for line in lines[3:]]
            self.extra = read_opening(unb64(lines[1][6:]))
        except ValueError as e:
            raise Unreadable("the receipt can't be read: %s" % e)
        self.checkpoint = Checkpoint(note)

    def judge(self, key):
        """Forged, or the sentence that says what holds."""
        checkpoint = self.checkpoint
        envelope, leaf = judge_opening(self.extra, key)
        checkpoint.judge(key)
        if self.index >= checkpoint.size:
            raise Forged("the index is beyond the checkpoint's size")
        if checkpoint.root != root_from_proof(leaf, self.index, checkpoint.size, self.proof):
            raise Forged("the inclusion proof does not lead to the checkpoint's root")
        return "act %d, recorded %s, is in the log %s of size %d%s" % (
            self.index, envelope["recorded"], ascii(key.name.decode())[1:-1], checkpoint.size,
            ", with this body" if "body_salt" in self.extra else
            "; its body was not shown" if "key" in envelope else "; it has no body")


def check_receipt(data, key):
    """(answer, one sentence why)"""
    try:
        return HOLDS, Receipt(data).judge(key)
    except Unreadable as e:
        return UNREADABLE, str(e)
    except Forged as e:
        return FORGED, str(e)


# ------------------------------------------------------------- the dump (docs/dump.md)

MAX_LINE, MAX_ACTS, MAX_PATH = 1 << 20, 1 << 20, 63


def written(values):
    """A line's JSON in the one way §1 of docs/dump.md has it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for c in "<>&\u2028\u2029":
        text = text.replace(c, "\\u%04x" % ord(c))
    return text.encode()


def read_line(file, keys):
    """The values of the next line, None after the last, or Unreadable."""
    raw = file.readline(MAX_LINE + 1)
    if not raw:
        return None
    if len(raw) > MAX_LINE or not raw.endswith(b"\n"):
        raise Unreadable("it is too long, or cut off")
    try:
        values = json.loads(raw[:-1].decode())
        if type(values) is not dict or list(values) != keys or written(values) != raw[:-1]:
            raise ValueError("it is not as one is written")
    except (ValueError, RecursionError) as e:
        raise Unreadable(ascii(str(e))[1:-1])
    return values


def count(value, most):
    if type(value) is not int or not 0 <= value <= most:
        raise Unreadable("not a number up to %d" % most)
    return value


class Dump:
    """A dump, read to its end and judged: Unreadable, or Forged, or what it
    proves in `acts`, a list of (index, leaf hash), and in `last`."""

    def __init__(self, file, key):
        head = read_line(file, ["sanad", "acts", "checkpoint"])
        if head is None or head["sanad"] != "dump/v1":
            raise Unreadable("not a dump of version 1")
        says = count(head["acts"], MAX_ACTS)
        if type(head["checkpoint"]) is not str:
            raise Unreadable("its checkpoint is no text")
        self.checkpoint = Checkpoint(head["checkpoint"].encode())
        if self.checkpoint.size < 1:
            raise Unreadable("its checkpoint is of an empty log")
        self.key, self.acts, self.last, self.same = key, [], None, None
        forged = None
        try:
            self.checkpoint.judge(key)
        except Forged as e:
            forged = str(e)
        lines = 0
        while True:
            try:
                line = self.parsed(file)
                if line is None:
                    break
                lines += 1
                if lines > MAX_ACTS:
                    raise Unreadable("there are more acts than a dump may have")
            except Unreadable as e:
                raise Unreadable("line %d: %s" % (lines + 2, e))
            if forged is None:  # else it is read on only to know whether all of it can be
                try:
                    self.judge(*line)
                except Forged as e:
                    forged = "line %d: %s" % (lines + 1, e)
        if forged is None and lines != says:
            forged = "it says it has %d acts, and has %d" % (says, lines)
        if forged is not None:
            raise Forged(forged)

    @staticmethod
    def parsed(file):
        """(index, path, opening) of the next act; None after the last."""
        values = read_line(file, ["index", "path", "opening"])
        if values is None:
            return None
        index, path = count(values["index"], 2**63 - 1), values["path"]
        if type(path) is not list or len(path) > MAX_PATH or any(type(h) is not str for h in path):
            raise Unreadable("its path is none")
        try:
            return index, [unb64(h, 32) for h in path], read_opening(written(values["opening"]))
        except ValueError as e:
            raise Unreadable(ascii(str(e))[1:-1])

    def judge(self, index, path, opening):
        envelope, leaf = judge_opening(opening, self.key)
        same = [envelope[name] for name in ("file", "of", "thread", "audience")]
        same.append(opening["thread_key"])
        if self.same not in (None, same):
            raise Forged("the act is of another thread than those before it")
        if envelope["pos"] != len(self.acts):
            raise Forged("the act is at position %d of its thread, and %d is expected: one was "
                         "left out, or they are in another order" % (envelope["pos"], len(self.acts)))
        before = self.acts[-1] if self.acts else (-1, ZERO)
        if opening["previous"] != before[1]:
            raise Forged("the act does not follow the one before it")
        if not before[0] < index < self.checkpoint.size:
            raise Forged("the act's number does not lie after the one before and in the log")
        if self.last and envelope["recorded"] < self.last["recorded"]:
            raise Forged("the act was recorded before the one before it")
        if root_from_proof(leaf, index, self.checkpoint.size, path) != self.checkpoint.root:
            raise Forged("the inclusion proof does not lead to the checkpoint's root")
        self.same, self.last = same, envelope
        self.acts.append((index, leaf))

    def holds(self, kept):
        """Forged where this dump has not all that one somebody kept has (§4)."""
        for n, (ours, theirs) in enumerate(zip(self.acts, kept.acts)):
            if ours != theirs:
                raise Forged("line %d: the kept dump has another act here" % (n + 2))
        if len(self.acts) < len(kept.acts):
            raise Forged("it ends after %d acts, and the kept dump has %d"
                         % (len(self.acts), len(kept.acts)))
        if self.checkpoint.size == kept.checkpoint.size and self.checkpoint.root != kept.checkpoint.root:
            raise Forged("its checkpoint and the kept one's state two roots for one size")


def check_dump(path, key, against=()):
    """(answer, one sentence why)"""
    try:
        kept = []
        for name in against:
            with open(name, "rb") as file:
                kept.append(Dump(file, key))
        with open(path, "rb") as file:
            dump = Dump(file, key)
        for one in kept:
            dump.holds(one)
    except (OSError, Unreadable) as e:
        return UNREADABLE, str(e)
    except Forged as e:
        return FORGED, str(e)
    if not dump.acts:
        return HOLDS, "it has no act, and says nothing of any file"
    return HOLDS, "the first %d acts of one file, the last recorded %s, are in the log %s of size %d%s" % (
        len(dump.acts), dump.last["recorded"], ascii(key.name.decode())[1:-1], dump.checkpoint.size,
        ", and hold what was kept" if kept else "")


# ------------------------------------------------------------- a whole folder (§6)

MAX_PROBLEMS = 10000  # a log false from end to end should not fill the memory
ACT = ("seq", "id", "file", "audience", "recorded", "kind", "envelope", "salt",
       "body_sum", "link", "body")
LENGTHS = {"id": 16, "file": 16, "audience": 16, "salt": 32, "body_sum": 32, "link": 32}


def open_read_only(path):
    """The database as it stands, and a caution or None. mode=ro sees a running
    server's write-ahead log. It fails where the folder itself can't be written
    (a CD, say), as SQLite wants to keep a shared index beside the log; then
    only the main file can be read."""
    if not path.is_file():
        raise Unreadable("there is no sanad.db in that folder")
    for mode in ("mode=ro", "immutable=1"):
        con = None
        try:
            con = sqlite3.connect(path.resolve().as_uri() + "?" + mode, uri=True,
                                  isolation_level=None, timeout=10)
            con.text_factory = bytes  # text that is not UTF-8 is for us to judge
            con.execute("PRAGMA trusted_schema = OFF")
            con.execute("BEGIN")  # one snapshot for all tables
            con.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as e:
            last = e
            if con:
                con.close()
            if "locked" in str(e):
                break  # someone is writing: not the moment for immutable=1
            continue
        beside = [p.name for p in (path.with_name(path.name + end) for end in ("-wal", "-journal"))
                  if mode == "immutable=1" and p.exists() and p.stat().st_size]
        return con, "%s could not be read and was left out" % beside[0] if beside else None
    raise Unreadable("sanad.db can't be opened: %s" % last)


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
        # What must be remembered of all acts grows with the log, so it lives in
        # a temporary database that SQLite keeps on disk and removes.
        self.memory = sqlite3.connect("", isolation_level=None)
        self.memory.executescript("""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;
            CREATE TABLE seen (k PRIMARY KEY, v) WITHOUT ROWID; BEGIN;""")

    def problem(self, seq, what):
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append({"seq": seq, "what": what})
        else:
            self.more += 1

    def recall(self, key):
        row = self.memory.execute("SELECT v FROM seen WHERE k = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def remember(self, key, value):
        self.memory.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, json.dumps(value)))

    def before(self, key, value):
        """What was remembered first for the key; if nothing, from now on the value."""
        had = self.recall(key)
        if had is None:
            self.remember(key, value)
        return had

    def check(self):
        try:
            acts = self.con.execute("SELECT %s FROM act ORDER BY seq" % ", ".join(ACT))
            notes = self.con.execute("SELECT size, note FROM checkpoint ORDER BY size")
            heads = self.con.execute("SELECT origin, size, root FROM head LIMIT 2").fetchall()
        except sqlite3.Error as e:
            raise Unreadable("sanad.db is not a log of this form: %s" % e)
        expected = 0
        try:
            waiting = self.checkpoints_to(0, notes, notes.fetchone())
            for row in acts:
                act = dict(zip(ACT, row))
                if type(act["seq"]) is not int:
                    self.problem(expected, "the column seq does not hold a number")
                    act["seq"] = expected
                elif act["seq"] > expected:
                    self.problem(expected, "the acts %d to %d are missing"
                                 % (expected, act["seq"] - 1))
                elif act["seq"] < expected:
                    self.problem(act["seq"], "seq does not count up from 0")
                expected = act["seq"] + 1
                self.check_act(act)
                waiting = self.checkpoints_to(self.tree.size, notes, waiting)
            self.checkpoints_to(None, notes, waiting)
            if self.tree.size and not self.con.execute("SELECT 1 FROM checkpoint").fetchone():
                self.problem(None, "there is no checkpoint: nobody signed anything here")
        except sqlite3.Error as e:  # a fault already found stays a fault
            self.why = "from act %d on sanad.db can't be read: %s" % (expected, e)
            return
        self.check_head(heads)

    # -- one act

    def check_act(self, act):
        seq, sound = act["seq"], True
        for name in ACT:
            if name not in ("seq", "recorded") and (
                    type(act[name]) is not bytes
                    or len(act[name]) != LENGTHS.get(name, len(act[name]))):
                self.problem(seq, "the column %s does not hold %s bytes"
                             % (name, LENGTHS.get(name, "any")))
                act[name], sound = b"", False
        # A row that is no act still takes its place in the tree, so that the
        # numbers after it stay right; its leaf will not be the one signed.
        sealed_sum = sha256(act["body"])
        self.tree.append(leaf_hash(leaf_bytes(self.key.name, act["envelope"], act["salt"],
                                              act["body_sum"], sealed_sum, act["link"])))
        if sound:
            before = self.before("link " + act["link"].hex(), seq)
            if before is not None:
                self.problem(seq, "its link is that of act %d: a fork of a thread" % before)
        try:
            envelope = read_envelope(act["envelope"])
        except NotCanonical as e:
            self.problem(seq, "the envelope is not canonical: %s" % e)
            return
        if sound and not (body_agrees(envelope, act["body_sum"], sealed_sum)
                          and ("key" in envelope) == (act["body"] != b"")):
            self.problem(seq, "envelope, body_sum and body do not agree on whether there is a body")
        self.check_columns(act, envelope)
        self.check_thread(seq, envelope)
        commits = {c["name"]: c["sum"] for c in envelope.get("commits", ())}
        for cited in envelope.get("cites", ()):
            found = self.recall("id " + cited)
            if found is None:
                self.problem(seq, "it cites %s, which is no act before it" % cited)
                continue
            for name, total in found[1].items():
                if commits.get(name, total) != total:
                    self.problem(seq, "it changes the commitment %s of act %d, which it cites"
                                 % (name, found[0]))
        before = self.before("id " + envelope["id"], (seq, commits))
        if before:
            self.problem(seq, "its id is that of act %d" % before[0])

    def check_columns(self, act, envelope):
        seq, recorded = act["seq"], microseconds(envelope["recorded"])
        says = {name: base64.b32decode(envelope[name].upper() + "======")
                for name in ("id", "file", "audience")}
        says.update(kind=envelope["kind"].encode(), recorded=recorded)
        for name, value in says.items():
            if type(act[name]) is not type(value) or act[name] != value:
                self.problem(seq, "the column %s is not the envelope's" % name)
        if self.recorded is not None and recorded < self.recorded:
            self.problem(seq, "recorded goes back")
        self.recorded = recorded

    def check_thread(self, seq, envelope):
        thread, pos = envelope["thread"], envelope["pos"]
        pair = [envelope["file"], envelope["audience"]]
        had = self.recall("thread " + thread)
        should = had[2] + 1 if had else 0
        if pos != should:
            self.problem(seq, "pos is %d where its thread is at %d" % (pos, should))
        for n, name in enumerate(("file", "audience")):
            if had and had[n] != pair[n]:
                self.problem(seq, "its thread is of another " + name)
        # What is found is remembered, right or wrong: one gap, one problem.
        self.remember("thread " + thread, pair + [pos])
        # A second thread of the same two, with a key of its own, would be a
        # fork that no link shows.
        other = self.before(" ".join(pair), thread)
        if other not in (None, thread) and (not had or had[:2] != pair):
            self.problem(seq, "its file has another thread for the same audience")

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
            self.problem(last, "checkpoint of size %d: %s" % (size, e))
            return
        if checkpoint.size != size:
            self.problem(last, "checkpoint of size %d: its note says %d" % (size, checkpoint.size))
        elif size > self.tree.size:
            if not self.beyond:
                self.problem(self.tree.size, "a checkpoint of size %d is signed, and there are "
                             "%d acts" % (size, self.tree.size))
            self.beyond = True
        elif checkpoint.root == self.tree.root():
            self.agreed, self.diverged = size, False
        else:
            if not self.diverged:  # one false leaf makes every later root false
                self.problem(self.agreed if self.agreed < size else last,
                             "checkpoint of size %d states another root: an act from %d to %d "
                             "is not the one that was signed" % (size, self.agreed, size - 1))
            self.diverged = True

    def check_head(self, heads):
        if len(heads) != 1:
            self.problem(None, "the head has not one row")
            return
        origin, size, root = heads[0]
        if origin != self.key.name:
            self.problem(None, "the head is of another log")
        if type(size) is not int or size != self.tree.size:
            self.problem(None, "the head's size is %s, and there are %d acts"
                         % (size if type(size) is int else "no number", self.tree.size))
        elif root != self.tree.root():
            self.problem(self.agreed if self.agreed < size else None,
                         "the head's root is not the one the acts give")


def check_folder(path, key_text):
    """(answer, report)"""
    try:
        folder = Folder(path, VerifierKey(key_text))
        try:
            folder.check()
        finally:
            folder.con.close()
            folder.memory.close()
    except (Unreadable, OSError, sqlite3.Error) as e:
        return UNREADABLE, {"ok": False, "acts": 0, "root": None, "signed": 0,
                            "problems": [], "why": str(e)}
    answer = FORGED if folder.problems else UNREADABLE if folder.why else HOLDS
    report = {"ok": answer == HOLDS, "acts": folder.tree.size,
              "root": base64.b64encode(folder.tree.root()).decode(), "signed": folder.agreed,
              "problems": folder.problems, "more": folder.more, "why": folder.why,
              "caution": folder.caution}
    return answer, {k: v for k, v in report.items() if v or k not in ("more", "why", "caution")}


# ------------------------------------------------------------- the test vectors

def check_vectors(vectors):
    """(number checked, problems)"""
    checked, problems = 0, []

    def check(what, good):
        nonlocal checked
        checked += 1
        if not good:
            problems.append(what)

    def raw(holder, name):
        return base64.b64decode(holder.get(name) or "")

    key = VerifierKey(vectors["verifier"])
    origin = vectors["origin"].encode()
    check("verifier: its name is not the origin", key.name == origin)
    tree, threads, links, recorded = Tree(), {}, set(), ""
    for n, act in enumerate(vectors["acts"]):
        name = "act %d: " % n
        body_sum = body_sum_of(raw(act, "body_salt"), raw(act, "body")) \
            if "body_salt" in act else ZERO
        sealed_sum = sha256(raw(act, "sealed"))
        link = link_of(raw(act, "thread_key"), raw(act, "previous"))
        leaf = leaf_bytes(origin, raw(act, "envelope"), raw(act, "salt"), body_sum,
                          sealed_sum, link)
        tree.append(leaf_hash(leaf))
        check(name + "leaf", leaf == raw(act, "leaf") and len(leaf) == 161)
        check(name + "hash", leaf_hash(leaf) == raw(act, "hash"))
        check(name + "link", link not in links)
        check(name + "root", tree.root() == raw(act, "root"))
        links.add(link)
        try:
            envelope = read_envelope(raw(act, "envelope"))
        except NotCanonical as e:
            check(name + "envelope: %s" % e, False)
            continue
        check(name + "body", body_agrees(envelope, body_sum, sealed_sum))
        # The thread's key, file and audience stay, pos counts, previous is the
        # leaf hash of the act before.
        holder = (act["thread_key"], envelope["file"], envelope["audience"])
        before = threads.get(envelope["thread"])
        check(name + "thread order", (holder, envelope["pos"], raw(act, "previous")) == (
            (before[0], before[1] + 1, before[2]) if before else (holder, 0, ZERO)))
        threads[envelope["thread"]] = (holder, envelope["pos"], leaf_hash(leaf))
        check(name + "recorded", envelope["recorded"] >= recorded)
        recorded = envelope["recorded"]
    for case in vectors["envelopes"]:
        valid, why = True, "taken"
        try:
            read_envelope(raw(case, "text"))
        except NotCanonical as e:
            valid, why = False, str(e)
        check("envelope %r: %s" % (case["name"], why), valid is case["valid"])
    for case in vectors["receipts"]:
        answer, why = check_receipt(raw(case, "text"), key)
        check("receipt %r: %s, %s" % (case["name"], ANSWER[answer], why),
              ANSWER[answer] == case["answer"])
        check("receipt %r: index" % case["name"],
              answer == UNREADABLE or Receipt(raw(case, "text")).index == case["index"])
    return checked, problems


# ------------------------------------------------------------- the command line

def main(argv=None):
    parser = argparse.ArgumentParser(description="Checks Sanad's log from its documents alone.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command, what in (("vectors", "file"), ("receipt", "file"), ("dump", "file"),
                          ("folder", "dir")):
        sub = commands.add_parser(command)
        sub.add_argument(what)
        if command != "vectors":
            sub.add_argument("--key", required=True, help="the log's verifier key, NAME+HEX+BASE64")
        if command == "dump":
            sub.add_argument("--against", action="append", default=[], metavar="OLD",
                             help="a dump somebody kept; may be repeated")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)

    if args.command == "vectors":
        try:
            checked, problems = check_vectors(json.loads(pathlib.Path(args.file).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, Unreadable) as e:
            print("can't be answered: the vectors can't be read: %s" % ascii(str(e)))
            return UNREADABLE
        print("\n".join(problems + ["%d checked, %d problems" % (checked, len(problems))]))
        return FORGED if problems else HOLDS

    if args.command == "dump":
        try:
            answer, why = check_dump(args.file, VerifierKey(args.key), args.against)
        except Unreadable as e:
            answer, why = UNREADABLE, str(e)
        print("%s: %s" % ("can't be answered" if answer == UNREADABLE else ANSWER[answer],
                          ascii(why)[1:-1]))
        return answer

    if args.command == "receipt":
        try:
            with open(args.file, "rb") as file:
                answer, why = check_receipt(file.read(MAX_RECEIPT + 1), VerifierKey(args.key))
        except (OSError, Unreadable) as e:
            answer, why = UNREADABLE, ascii(str(e))[1:-1]
        print("%s: %s" % ("can't be answered" if answer == UNREADABLE else ANSWER[answer], why))
        return answer

    answer, report = check_folder(args.dir, args.key)
    if args.json:
        print(json.dumps(report))
        return answer
    for problem in report["problems"]:
        print("%s: %s" % ("log" if problem["seq"] is None else "act %d" % problem["seq"],
                          problem["what"]))
    if report.get("more"):
        print("and %d more problems" % report["more"])
    for what in ("why", "caution"):
        if report.get(what):
            print("note: " + ascii(report[what])[1:-1])
    if answer == UNREADABLE:
        print("can't be answered")
        return answer
    print("%s: %d acts, root %s" % (ANSWER[answer], report["acts"], report["root"]))
    if report["signed"] < report["acts"]:
        print("note: the last %d acts are covered by the head alone, which nobody signed"
              % (report["acts"] - report["signed"]))
    return answer


if __name__ == "__main__":
    sys.exit(main())
