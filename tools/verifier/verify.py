#!/usr/bin/env python3
"""An independent verifier for Sanad's log, written from docs/leaf.md alone.

It shares no code with Sanad and needs nothing but Python 3.9 or later. Section
numbers (§) in the comments are those of docs/leaf.md.

    verify.py vectors FILE                     the test vectors
    verify.py receipt FILE --key VKEY          one receipt
    verify.py folder  DIR  --key VKEY [--json] a whole folder

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
ANSWER = {HOLDS: "holds", FORGED: "forged", UNREADABLE: "unreadable"}
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


def b64(raw):
    return base64.b64encode(raw).decode("ascii")


def unb64(text, length=None):
    """Strict base64. Encoding again and comparing refuses what decoders let
    pass: line ends inside, missing padding, stray low bits in the last letter."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("not base64")
    again = base64.b64encode(raw)
    if again != (text if isinstance(text, bytes) else text.encode("ascii")):
        raise ValueError("not base64 as one would write it")
    if length is not None and len(raw) != length:
        raise ValueError("%d bytes where %d belong" % (len(raw), length))
    return raw


def decimal(text):
    """A count as checkpoints and receipts write it. int() alone would take
    spaces, underscores, a plus and the digits of every script."""
    if not re.fullmatch(rb"0|[1-9][0-9]{0,18}", text):
        raise ValueError("not a decimal number")
    return int(text)


# ------------------------------------------------------ Ed25519 (RFC 8032 §5.1)
# Verification handles public values only, so nothing here is constant-time.
# Points are extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(a, b):
    # The addition law of this curve is complete: it also doubles, and there is
    # no pair of points it fails on.
    ax, ay, az, at = a
    bx, by, bz, bt = b
    m = (ay - ax) * (by - bx) % P
    n = (ay + ax) * (by + bx) % P
    c = 2 * D * at * bt % P
    d = 2 * az * bz % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_decode(raw):
    """The point, or None for bytes that are no point or not its one encoding."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == (P - u) % P:
        x = x * SQRT_MINUS_1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def point_encode(p):
    x, y, z, _ = p
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


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
        point = point_decode(raw)
        if point is None:
            raise ValueError("not a point of the curve")
        eighth = point
        for _ in range(3):
            eighth = point_add(eighth, eighth)
        if point_encode(eighth) == point_encode(NEUTRAL):
            # Under such a key signatures can be made that fit any text.
            raise ValueError("a point of small order")
        x, y, z, t = point
        self.raw = raw
        self.minus = multiples((P - x, y, z, P - t))

    def verify(self, message, signature):
        if len(signature) != 64:
            return False
        r, s = signature[:32], int.from_bytes(signature[32:], "little")
        if s >= L:  # else S + L would be a second signature of the same text
            return False
        h = hashlib.sha512(r + self.raw + message).digest()
        h = int.from_bytes(h, "little") % L
        # [S]B = R + [h]A, compared as bytes: R has to be in its one encoding.
        return point_encode(point_add(times(BASE, s), times(self.minus, h))) == r


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
            self.name = parts[0].encode("utf-8")
            raw = unb64(parts[2], 33)
            if raw[0] != 1:
                raise ValueError("not of type Ed25519")
            self.hash4 = sha256(self.name, b"\n", raw)[:4]
            if parts[1] != self.hash4.hex():
                raise ValueError("its hash is not that of its name and key")
            self.key = PublicKey(raw[1:])
        except ValueError as e:
            raise Unreadable("the verifier key is bad: %s" % e)


class Checkpoint:
    """A signed note: parsed here, judged in judge(). The two are apart because
    a receipt we can't parse is 'unreadable' and one that fails is 'forged'."""

    def __init__(self, note):
        try:
            text = note.decode("utf-8")
        except UnicodeDecodeError:
            raise Unreadable("the checkpoint is not UTF-8")
        if any(c < " " and c != "\n" for c in text):
            raise Unreadable("the checkpoint has control characters")
        cut = note.rfind(b"\n\n")
        if cut < 0 or not note.endswith(b"\n"):
            raise Unreadable("the checkpoint is not a signed note")
        self.text = note[:cut + 1]
        lines = self.text.split(b"\n")[:-1]
        if len(lines) != 3 or not lines[0]:
            raise Unreadable("the checkpoint has not the three lines origin, size, root")
        self.origin = lines[0]
        try:
            self.size = decimal(lines[1])
            self.root = unb64(lines[2], 32)
        except ValueError as e:
            raise Unreadable("the checkpoint's size or root can't be read: %s" % e)
        self.signatures = []
        for line in note[cut + 2:].split(b"\n")[:-1]:
            words = line.decode("utf-8").split(" ")
            if len(words) != 3 or words[0] != "\u2014" or not good_name(words[1]):
                raise Unreadable("the checkpoint has a signature line that is none")
            try:
                raw = unb64(words[2])
            except ValueError:
                raw = b""
            if len(raw) < 5:
                raise Unreadable("the checkpoint has a signature that can't be read")
            self.signatures.append((words[1].encode("utf-8"), raw[:4], raw[4:]))

    def judge(self, key):
        if self.origin != key.name:
            raise Forged("the checkpoint is of another log")
        ours = [s for name, hash4, s in self.signatures
                if (name, hash4) == (key.name, key.hash4)]
        if not ours:
            raise Forged("the checkpoint is not signed by this key")
        if not all(key.key.verify(self.text, s) for s in ours):
            raise Forged("the checkpoint's signature by this key is false")


# ------------------------------------------------------------- leaves and tree (§2, §3)

def leaf_bytes(origin, envelope, salt, body_sum, sealed_sum, link):
    return b"".join((b"\x01", sha256(origin),
                     mac(salt, b"sanad envelope v1\n", envelope),
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
        self.peaks.append(leaf)
        n = self.size
        while n & 1:
            right = self.peaks.pop()
            self.peaks[-1] = node(self.peaks[-1], right)
            n >>= 1
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
    if size == 1:
        if proof:
            raise Forged("the inclusion proof has hashes left over")
        return leaf
    if not proof:
        raise Forged("the inclusion proof is too short")
    half = 1 << (size - 1).bit_length() - 1  # largest power of two below size
    rest, other = proof[:-1], proof[-1]
    if index < half:
        return node(root_from_proof(leaf, index, half, rest), other)
    return node(other, root_from_proof(leaf, index - half, size - half, rest))


# ------------------------------------------------------------- the envelope (§5)
# Three steps: a scanner that knows only the few forms of JSON an envelope may
# use; a rebuilding of the text from the values, in the document's order, which
# checks each value on the way; and a comparison of the bytes. Python's own
# json module is not used: it takes NaN, duplicate keys, white space, numbers
# of any length, and true for 1.

MAX_ENVELOPE = 65536
MACHINE_KINDS = ("deadline.lapsed", "journal.digest", "key.destroyed", "register.dumped")
FACT_TYPES = ("bool", "int", "code", "codes", "date", "at", "id", "ids")

STRING = re.compile(r'"([ !#-\[\]-~]*)"')         # printable ASCII, no escapes
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?![0-9])")  # 16 digits hold 2^53
ID = re.compile(r"[a-z2-7]{25}[aeimquy4]")
CODE = re.compile(r"[A-Za-z0-9._@:/+-]{1,96}")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
INSTANT = re.compile(DATE.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z")


def scan(text, at, depth=0):
    """The value at `at` and the place after it."""
    if depth > 6:  # the deepest envelope has 5 levels; never exhaust the stack
        raise NotCanonical("nested too deep")
    if text.startswith("{", at):
        value, at = {}, at + 1
        while not text.startswith("}", at):
            if value:
                at = expect(text, at, ",")
            name = STRING.match(text, at)
            if not name:
                raise NotCanonical("a key is missing at byte %d" % at)
            if name.group(1) in value:
                raise NotCanonical("the key %s is there twice" % name.group(1))
            at = expect(text, name.end(), ":")
            value[name.group(1)], at = scan(text, at, depth + 1)
        return value, at + 1
    if text.startswith("[", at):
        value, at = [], at + 1
        while not text.startswith("]", at):
            if value:
                at = expect(text, at, ",")
            item, at = scan(text, at, depth + 1)
            value.append(item)
        return value, at + 1
    for word, value in (("true", True), ("false", False)):
        if text.startswith(word, at):
            return value, at + len(word)
    found = STRING.match(text, at)
    if found:
        return found.group(1), found.end()
    found = INTEGER.match(text, at)
    if found and found.group() != "-0":
        return int(found.group()), found.end()
    raise NotCanonical("no value of a known form at byte %d" % at)


def expect(text, at, char):
    if not text.startswith(char, at):
        raise NotCanonical("%s is missing at byte %d" % (char, at))
    return at + 1


# Each put_… takes a scanned value and gives the text it must have had.

def put_int(value, low=-(2**53 - 1), high=2**53 - 1):
    if type(value) is not int or not low <= value <= high:  # True is an int too
        raise NotCanonical("a number is not within %d and %d" % (low, high))
    return str(value)


def put_bool(value):
    if type(value) is not bool:
        raise NotCanonical("not true or false")
    return "true" if value else "false"


def put_matching(pattern, what):
    def put(value):
        if type(value) is not str or not pattern.fullmatch(value):
            raise NotCanonical("not %s" % what)
        return '"%s"' % value
    return put


put_id = put_matching(ID, "an id")
put_code = put_matching(CODE, "a code")


def put_date(value):
    found = DATE.fullmatch(value) if type(value) is str else None
    try:
        datetime.date(*map(int, found.groups()))
    except (AttributeError, ValueError):
        raise NotCanonical("not a date")
    return '"%s"' % value


def put_instant(value):
    microseconds(value)
    return '"%s"' % value


def microseconds(value):
    """An instant as microseconds since 1970, in whole numbers throughout."""
    found = INSTANT.fullmatch(value) if type(value) is str else None
    try:
        moment = datetime.datetime(*map(int, found.groups()))
    except (AttributeError, ValueError):
        raise NotCanonical("not an instant")
    since = moment - datetime.datetime(1970, 1, 1)
    return (since.days * 86400 + since.seconds) * 1000000 + since.microseconds


def put_sum(value):
    try:
        unb64(value, 32)
    except (TypeError, ValueError):
        raise NotCanonical("not the base64 of 32 bytes")
    return '"%s"' % value


def put_list(value, low, high, put, order=None):
    """A list; with `order` its items must ascend strictly, by that key."""
    if type(value) is not list or not low <= len(value) <= high:
        raise NotCanonical("not a list of %d to %d" % (low, high))
    texts = [put(item) for item in value]
    if order:
        keys = [order(item) for item in value]
        if any(a >= b for a, b in zip(keys, keys[1:])):
            raise NotCanonical("a list is not sorted, or has something twice")
    return "[%s]" % ",".join(texts)


def put_object(value, *fields):
    """An object of exactly these fields (name, put, always there?), in order."""
    if type(value) is not dict:
        raise NotCanonical("not an object")
    out = []
    for name, put, always in fields:
        if name in value:
            try:
                out.append('"%s":%s' % (name, put(value[name])))
            except NotCanonical as e:
                raise NotCanonical("%s: %s" % (name, e))
        elif always:
            raise NotCanonical("the key %s is missing" % name)
    if len(out) != len(value):
        raise NotCanonical("there is a key that does not belong")
    return "{%s}" % ",".join(out)


def itself(value):
    return value


PUT_TYPE = {
    "bool": put_bool, "int": put_int, "code": put_code, "date": put_date,
    "at": put_instant, "id": put_id,
    "codes": lambda v: put_list(v, 0, 256, put_code, itself),
    "ids": lambda v: put_list(v, 0, 256, put_id, itself),
}


def typed(value, needed):
    """The one TYPE:VALUE field of a fact or of what a gate saw."""
    there = [t for t in FACT_TYPES if type(value) is dict and t in value]
    if len(there) > 1 or (needed and not there):
        raise NotCanonical("a fact has not one value")
    return [(t, PUT_TYPE[t], True) for t in there]


def put_version(value):
    return put_int(value, 1, 9999)


def put_procedure(value):
    return put_object(value, ("id", put_id, True), ("protocol", put_code, True),
                      ("version", put_version, True), ("step", put_code, True))


def put_deadline(value):
    return put_object(value, ("rule", put_code, True), ("start", put_instant, True),
                      ("due", put_instant, True), ("calendar", put_code, True))


def put_fact(value):
    return put_object(value, ("name", put_code, True), *typed(value, True))


def put_saw(value):
    return put_object(value, ("fact", put_code, True), *typed(value, False),
                      ("from", put_id, False))


def put_gate(value):
    return put_object(
        value, ("gate", put_code, True), ("version", put_version, True),
        ("open", put_bool, True), ("because", put_code, True),
        ("saw", lambda v: put_list(v, 1, 64, put_saw, lambda s: s["fact"]), False))


def put_commit(value):
    return put_object(value, ("name", put_code, True), ("sum", put_sum, True))


ENVELOPE = (
    ("v", lambda v: put_int(v, 1, 1), True),
    ("id", put_id, True), ("file", put_id, True), ("of", put_code, True),
    ("audience", put_id, True), ("thread", put_id, True),
    ("pos", lambda v: put_int(v, 0), True),
    ("kind", put_code, True), ("version", put_version, True),
    ("recorded", put_instant, True), ("effective", put_instant, True),
    ("shown", put_id, False), ("mandate", put_id, False),
    ("cites", lambda v: put_list(v, 1, 64, put_id), False),
    ("procedure", put_procedure, False),
    ("deadlines", lambda v: put_list(v, 1, 16, put_deadline), False),
    ("law", put_code, True),
    ("facts", lambda v: put_list(v, 1, 128, put_fact, lambda f: f["name"]), False),
    ("gates", lambda v: put_list(v, 1, 64, put_gate, lambda g: g["gate"]), False),
    ("commits", lambda v: put_list(v, 1, 16, put_commit, lambda c: c["name"]), False),
    ("key", put_id, False),
)


def read_envelope(raw):
    """The envelope's values, or NotCanonical."""
    if len(raw) > MAX_ENVELOPE:
        raise NotCanonical("longer than %d bytes" % MAX_ENVELOPE)
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        raise NotCanonical("not ASCII")
    values, end = scan(text, 0)
    if end != len(text):
        raise NotCanonical("something follows the envelope")
    if put_object(values, *ENVELOPE) != text:
        raise NotCanonical("written again from its values it reads differently")
    # Instants have one width, so their texts sort as the times do.
    if values["effective"] > values["recorded"]:
        raise NotCanonical("effective is after recorded")
    if ("mandate" in values) == (values["kind"] in MACHINE_KINDS):
        raise NotCanonical("mandate is absent exactly where a machine acts")
    return values


def id_bytes(text):
    return base64.b32decode(text.upper() + "======")


# ------------------------------------------------------------- the receipt (§4)

EXTRA_BYTES = {"envelope": None, "salt": 32, "body_sum": 32, "sealed_sum": 32,
               "thread_key": 32, "previous": 32}
EXTRA_BODY = {"body": None, "body_salt": 32}


class Receipt:
    """The parts of a receipt. Whatever can't be parsed is Unreadable."""

    def __init__(self, data):
        head, gap, note = data.partition(b"\n\n")
        lines = head.split(b"\n")
        if lines[0] != b"c2sp.org/tlog-proof@v1" or not gap:
            raise Unreadable("not a tlog-proof of version 1")
        if len(lines) < 3 or not lines[1].startswith(b"extra ") \
                or not lines[2].startswith(b"index "):
            raise Unreadable("the lines extra and index are not where they belong")
        try:
            self.index = decimal(lines[2][6:])
            self.proof = [unb64(line, 32) for line in lines[3:]]
            extra = unb64(lines[1][6:]).decode("utf-8")
        except ValueError as e:  # UnicodeDecodeError is one
            raise Unreadable("the receipt can't be read: %s" % e)
        self.extra = self.read_extra(extra)
        self.checkpoint = Checkpoint(note)

    @staticmethod
    def read_extra(text):
        def pairs(items):
            if len(dict(items)) != len(items):
                raise ValueError("a key is there twice")
            return dict(items)

        def no_number(_):
            raise ValueError("a number that is none of ours")

        def small(digits):
            return int(digits) if len(digits) < 20 else no_number(digits)

        try:
            extra = json.loads(text, object_pairs_hook=pairs, parse_int=small,
                               parse_float=no_number, parse_constant=no_number)
        except (ValueError, RecursionError) as e:
            raise Unreadable("extra is not a JSON object: %s" % ascii(str(e)))
        if type(extra) is not dict:
            raise Unreadable("extra is not a JSON object")
        if type(extra.get("v")) is not int or extra["v"] != 1:
            raise Unreadable("a receipt of a form other than 1")
        wanted = dict(EXTRA_BYTES)
        if any(k in extra for k in EXTRA_BODY):  # both or neither
            wanted.update(EXTRA_BODY)
        if set(extra) != set(wanted) | {"v"}:
            raise Unreadable("extra has keys we do not know, or lacks some")
        out = {}
        for name, length in wanted.items():
            if type(extra[name]) is not str:
                raise Unreadable("%s is not a string" % name)
            try:
                out[name] = unb64(extra[name], length)
            except ValueError as e:
                raise Unreadable("%s can't be read: %s" % (name, e))
        return out

    def judge(self, key):
        """Forged, or the sentence that says what holds."""
        extra = self.extra
        try:
            envelope = read_envelope(extra["envelope"])
        except NotCanonical as e:
            raise Forged("the envelope is not canonical: %s" % e)
        if (extra["previous"] == ZERO) != (envelope["pos"] == 0):
            raise Forged("previous and the envelope's pos do not agree")
        if "body_salt" in extra and \
                body_sum_of(extra["body_salt"], extra["body"]) != extra["body_sum"]:
            raise Forged("the body is not the one that was recorded")
        leaf = leaf_bytes(key.name, extra["envelope"], extra["salt"], extra["body_sum"],
                          extra["sealed_sum"],
                          link_of(extra["thread_key"], extra["previous"]))
        self.checkpoint.judge(key)
        if self.index >= self.checkpoint.size:
            raise Forged("the index is beyond the checkpoint's size")
        if root_from_proof(leaf_hash(leaf), self.index, self.checkpoint.size,
                           self.proof) != self.checkpoint.root:
            raise Forged("the inclusion proof does not lead to the checkpoint's root")
        return "act %d, recorded %s, is in the log %s of size %d%s" % (
            self.index, envelope["recorded"], ascii(key.name.decode("utf-8"))[1:-1],
            self.checkpoint.size,
            ", with this body" if "body" in extra else "; its body was not shown")


def check_receipt(data, key):
    """(answer, one sentence why)"""
    try:
        return HOLDS, Receipt(data).judge(key)
    except Unreadable as e:
        return UNREADABLE, str(e)
    except Forged as e:
        return FORGED, str(e)


# ------------------------------------------------------------- a whole folder (§6)

MAX_PROBLEMS = 10000  # a log false from end to end should not fill the memory

ACT = ("seq", "id", "file", "audience", "recorded", "kind", "envelope", "salt",
       "body_sum", "link", "body")


def open_read_only(path):
    """The database as it stands; sanad.db itself is never written to. Returns
    the connection and a caution or None."""
    if not path.is_file():
        raise Unreadable("there is no sanad.db in that folder")
    last = None
    for mode in ("mode=ro", "immutable=1"):
        # mode=ro sees a running server's write-ahead log. It fails where the
        # folder itself can't be written (a CD, say), as SQLite wants to keep a
        # shared index beside the log. Then only the main file can be read.
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
        for end in ("-wal", "-journal") if mode == "immutable=1" else ():
            beside = path.with_name(path.name + end)
            if beside.exists() and beside.stat().st_size:
                return con, "%s could not be read and was left out" % beside.name
        return con, None
    raise Unreadable("sanad.db can't be opened: %s" % last)


class Memory:
    """What must be remembered of all acts so far. It grows with the log, so it
    lives in a temporary database that SQLite keeps on disk and removes."""

    def __init__(self):
        self.db = sqlite3.connect("", isolation_level=None)
        self.db.executescript("""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;
            CREATE TABLE id (k PRIMARY KEY, seq) WITHOUT ROWID;
            CREATE TABLE link (k PRIMARY KEY, seq) WITHOUT ROWID;
            CREATE TABLE thread (k PRIMARY KEY, file, audience, pos) WITHOUT ROWID;
            CREATE TABLE pair (file, audience, thread, PRIMARY KEY (file, audience)) WITHOUT ROWID;
            CREATE TABLE commitment (seq, name, sum, PRIMARY KEY (seq, name)) WITHOUT ROWID;
            BEGIN;""")

    def one(self, sql, *args):
        return self.db.execute(sql, args).fetchone()

    def first(self, table, key, seq):
        """Remember that `key` is of act `seq`; the act that had it before, or None."""
        had = self.one("SELECT seq FROM %s WHERE k = ?" % table, key)
        if had:
            return had[0]
        self.db.execute("INSERT INTO %s VALUES (?, ?)" % table, (key, seq))
        return None


class Folder:
    def __init__(self, path, key):
        self.key = key
        self.problems, self.more = [], 0
        self.tree = Tree()
        self.agreed = 0        # size of the newest checkpoint that is signed and agrees
        self.false_roots = 0   # checkpoints that state another root than the leaves give
        self.missing = 0       # checkpoints beyond the last act
        self.why = None        # why there is no answer to what is left, if there is none
        self.proven = 0        # problems found by then, which stand in any case
        self.recorded = None   # of the act before
        self.memory = Memory()
        self.con, self.caution = open_read_only(pathlib.Path(path) / "sanad.db")

    def problem(self, seq, what):
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append({"seq": seq, "what": what})
        else:
            self.more += 1

    def check(self):
        try:
            acts = self.con.execute("SELECT %s FROM act ORDER BY seq" % ", ".join(ACT))
            notes = self.con.execute("SELECT size, note FROM checkpoint ORDER BY size")
            heads = self.con.execute("SELECT origin, size, root FROM head LIMIT 2").fetchall()
        except sqlite3.Error as e:
            raise Unreadable("sanad.db is not a log of this form: %s" % e)
        expected = 0
        try:
            waiting = self.checkpoints_at(notes, notes.fetchone(), 0)
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
                waiting = self.checkpoints_at(notes, waiting, self.tree.size)
            while waiting:
                waiting = self.checkpoints_at(notes, waiting, None)
        except sqlite3.Error as e:
            self.why, self.proven = "sanad.db can't be read to its end", len(self.problems)
            self.problem(expected, "from here on the table can't be read: %s" % e)
            return
        if self.missing > 1:
            self.problem(self.tree.size, "%d checkpoints in all are beyond the last act" % self.missing)
        if self.false_roots > 1:
            self.problem(None, "%d checkpoints in all state other roots" % self.false_roots)
        self.check_head(heads)
        if self.tree.size and not self.agreed and not self.problems:
            self.why = "no checkpoint covers any act, so nobody signed anything here"

    # -- one act

    def check_act(self, act):
        seq = act["seq"]
        lengths = {"id": 16, "file": 16, "audience": 16, "salt": 32, "body_sum": 32, "link": 32}
        sound = True
        for name in ("id", "file", "audience", "kind", "envelope", "salt", "body_sum",
                     "link", "body"):
            if type(act[name]) is not bytes:
                self.problem(seq, "the column %s does not hold bytes" % name)
                act[name], sound = b"", False
            elif len(act[name]) != lengths.get(name, len(act[name])):
                self.problem(seq, "the column %s has not %d bytes" % (name, lengths[name]))
                sound = False
        # A row that is no act still takes its place in the tree, so that the
        # numbers after it stay right; its leaf will not be the one signed.
        self.tree.append(leaf_hash(leaf_bytes(
            self.key.name, act["envelope"], act["salt"], act["body_sum"],
            sha256(act["body"]), act["link"])))
        if sound:
            before = self.memory.first("link", act["link"], seq)
            if before is not None:
                self.problem(seq, "its link is that of act %d: a fork of a thread" % before)
            if (act["body_sum"] == ZERO) != (act["body"] == b""):
                self.problem(seq, "body_sum and body do not agree on whether there is a body")
        try:
            envelope = read_envelope(act["envelope"])
        except NotCanonical as e:
            self.problem(seq, "the envelope is not canonical: %s" % e)
            return
        self.check_columns(act, envelope)
        self.check_thread(seq, envelope)
        self.check_cites(seq, envelope)

    def check_columns(self, act, envelope):
        seq = act["seq"]
        for name in ("id", "file", "audience"):
            if act[name] != id_bytes(envelope[name]):
                self.problem(seq, "the column %s is not the envelope's" % name)
        if act["kind"] != envelope["kind"].encode("ascii"):
            self.problem(seq, "the column kind is not the envelope's")
        recorded = microseconds(envelope["recorded"])
        if type(act["recorded"]) is not int or act["recorded"] != recorded:
            self.problem(seq, "the column recorded is not the envelope's")
        if self.recorded is not None and recorded < self.recorded:
            self.problem(seq, "recorded goes back")
        self.recorded = recorded
        before = self.memory.first("id", envelope["id"], seq)
        if before is not None:
            self.problem(seq, "its id is that of act %d" % before)

    def check_thread(self, seq, envelope):
        thread, file, audience, pos = (envelope[k] for k in ("thread", "file", "audience", "pos"))
        had = self.memory.one("SELECT file, audience, pos FROM thread WHERE k = ?", thread)
        should = had[2] + 1 if had else 0
        if pos != should:
            self.problem(seq, "pos is %d where its thread is at %d" % (pos, should))
        if had and had[0] != file:
            self.problem(seq, "its thread is of another file")
        if had and had[1] != audience:
            self.problem(seq, "its thread is of another audience")
        # What is found is remembered, right or wrong: one gap, one problem.
        self.memory.db.execute("INSERT OR REPLACE INTO thread VALUES (?, ?, ?, ?)",
                               (thread, file, audience, pos))
        # §2: a thread is one file as one audience sees it. A second thread of
        # the same two, with a key of its own, would be a fork no link shows.
        pair = self.memory.one("SELECT thread FROM pair WHERE file = ? AND audience = ?",
                               file, audience)
        if pair is None:
            self.memory.db.execute("INSERT INTO pair VALUES (?, ?, ?)", (file, audience, thread))
        elif pair[0] != thread and not had:
            self.problem(seq, "its file has another thread for the same audience")

    def check_cites(self, seq, envelope):
        commits = {c["name"]: c["sum"] for c in envelope.get("commits", ())}
        for cited in dict.fromkeys(envelope.get("cites", ())):
            found = self.memory.one("SELECT seq FROM id WHERE k = ?", cited)
            if found is None or found[0] >= seq:
                self.problem(seq, "it cites %s, which is no act before it" % cited)
                continue
            for name, total in self.memory.db.execute(
                    "SELECT name, sum FROM commitment WHERE seq = ?", found):
                if commits.get(name, total) != total:
                    self.problem(seq, "it changes the commitment %s of act %d, which it cites"
                                 % (name, found[0]))
        self.memory.db.executemany("INSERT OR IGNORE INTO commitment VALUES (?, ?, ?)",
                                   [(seq, name, total) for name, total in commits.items()])

    # -- checkpoints and head

    def checkpoints_at(self, notes, row, size):
        """Judge the checkpoints due at this size (with None: whatever is left),
        and give the first that is not due yet."""
        while row and (size is None or type(row[0]) is not int or row[0] <= size):
            self.check_note(row[0], row[1])
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
            if type(note) is not bytes:
                raise Unreadable("the note is not text")
            checkpoint = Checkpoint(note)
            checkpoint.judge(self.key)
        except (Unreadable, Forged) as e:
            self.problem(last, "checkpoint of size %d: %s" % (size, e))
            return
        if checkpoint.size != size:
            self.problem(last, "checkpoint of size %d: its note says %d" % (size, checkpoint.size))
        elif size > self.tree.size:
            self.missing += 1
            if self.missing == 1:
                self.problem(self.tree.size, "a checkpoint of size %d is signed, and there are %d acts"
                             % (size, self.tree.size))
        elif checkpoint.root != self.tree.root():
            # One false leaf makes every later root false: the first says it all.
            self.false_roots += 1
            if self.false_roots == 1:
                self.problem(self.agreed if self.agreed < size else last,
                             "checkpoint of size %d states another root: an act from %d to %d "
                             "is not the one that was signed" % (size, self.agreed, size - 1))
        else:
            self.agreed = size

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

    # -- what to say

    def answer(self):
        if self.why:  # a fault already found stays a fault, whatever is unread
            return FORGED if self.proven else UNREADABLE
        return FORGED if self.problems else HOLDS

    def report(self):
        out = {"ok": self.answer() == HOLDS, "acts": self.tree.size,
               "root": b64(self.tree.root()), "signed": self.agreed,
               "problems": self.problems}
        for name, value in (("more", self.more), ("why", self.why), ("caution", self.caution)):
            if value:
                out[name] = value
        return out


def check_folder(path, key_text):
    """(answer, report)"""
    folder = None
    try:
        folder = Folder(path, VerifierKey(key_text))
        folder.check()
        return folder.answer(), folder.report()
    except (Unreadable, OSError, sqlite3.Error) as e:
        return UNREADABLE, {"ok": False, "acts": 0, "root": None, "signed": 0,
                            "problems": [], "why": str(e)}
    finally:
        if folder:
            folder.con.close()
            folder.memory.db.close()


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
    origin = vectors["origin"].encode("utf-8")
    check("verifier: its name is not the origin", key.name == origin)
    tree, threads, hashes, links, recorded = Tree(), {}, [], set(), ""
    for n, act in enumerate(vectors["acts"]):
        name = "act %d: " % n
        body_sum = body_sum_of(raw(act, "body_salt"), raw(act, "body")) \
            if "body_salt" in act else ZERO
        link = link_of(raw(act, "thread_key"), raw(act, "previous"))
        leaf = leaf_bytes(origin, raw(act, "envelope"), raw(act, "salt"), body_sum,
                          sha256(raw(act, "sealed")), link)
        check(name + "leaf", leaf == raw(act, "leaf") and len(leaf) == 161)
        check(name + "hash", leaf_hash(leaf) == raw(act, "hash"))
        check(name + "link", leaf[129:] == link and link not in links)
        links.add(link)
        tree.append(leaf_hash(leaf))
        check(name + "root", tree.root() == raw(act, "root"))
        hashes.append(leaf_hash(leaf))
        try:
            envelope = read_envelope(raw(act, "envelope"))
        except NotCanonical as e:
            check(name + "envelope: %s" % e, False)
            continue
        check(name + "envelope", True)
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
        try:
            read_envelope(raw(case, "text"))
            valid, why = True, "taken"
        except NotCanonical as e:
            valid, why = False, str(e)
        check("envelope %r: %s" % (case["name"], why), valid is case["valid"])
    for case in vectors["receipts"]:
        answer, why = check_receipt(raw(case, "text"), key)
        check("receipt %r: %s, %s" % (case["name"], ANSWER[answer], why),
              ANSWER[answer] == case["answer"])
        if answer != UNREADABLE:
            check("receipt %r: index" % case["name"],
                  Receipt(raw(case, "text")).index == case["index"])
    return checked, problems


# ------------------------------------------------------------- the command line

def main(argv=None):
    parser = argparse.ArgumentParser(description="Checks Sanad's log from docs/leaf.md alone.")
    commands = parser.add_subparsers(dest="command", required=True)
    sub = commands.add_parser("vectors", help="check the test vectors")
    sub.add_argument("file")
    sub = commands.add_parser("receipt", help="check one receipt")
    sub.add_argument("file")
    sub.add_argument("--key", required=True, help="the log's verifier key, NAME+HEX+BASE64")
    sub = commands.add_parser("folder", help="check a whole folder")
    sub.add_argument("dir")
    sub.add_argument("--key", required=True, help="the log's verifier key, NAME+HEX+BASE64")
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)

    if args.command == "vectors":
        try:
            vectors = json.loads(pathlib.Path(args.file).read_text("utf-8"))
            checked, problems = check_vectors(vectors)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, Unreadable) as e:
            print("can't be answered: the vectors can't be read: %s" % ascii(str(e)))
            return UNREADABLE
        for problem in problems:
            print(problem)
        print("%d checked, %d problems" % (checked, len(problems)))
        return FORGED if problems else HOLDS

    if args.command == "receipt":
        try:
            answer, why = check_receipt(pathlib.Path(args.file).read_bytes(),
                                        VerifierKey(args.key))
        except (OSError, Unreadable) as e:
            answer, why = UNREADABLE, ascii(str(e))[1:-1]
        print("%s: %s" % ({HOLDS: "holds", FORGED: "forged",
                           UNREADABLE: "can't be answered"}[answer], why))
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
    if report.get("caution"):
        print("note: " + report["caution"])
    if answer == UNREADABLE:
        print("can't be answered: " + ascii(report["why"])[1:-1])
        return answer
    print("%s: %d acts, root %s" % ("holds" if answer == HOLDS else "forged",
                                    report["acts"], report["root"]))
    if report["signed"] < report["acts"]:
        print("note: the last %d acts are covered by the head alone, which nobody signed"
              % (report["acts"] - report["signed"]))
    return answer


if __name__ == "__main__":
    sys.exit(main())
