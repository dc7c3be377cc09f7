"""What the tests share: a log made by docs/leaf.md with a signing of its own, which
they tamper with. Nothing here is taken from the verifier."""
import base64
import contextlib
import datetime
import functools
import hashlib
import hmac
import io
import json
import os
import sqlite3

ORIGIN = "test.example/log"


# A signer after RFC 8032 §5.1.6 in affine coordinates: slow, and on purpose
# not the arithmetic of verify.py.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2 % P
    both = pow(1 - k * k, -1, P)  # 1 / ((1 + k) (1 - k))
    return ((x1 * y2 + x2 * y1) * both * (1 - k) % P,
            (y1 * y2 + x1 * x2) * both * (1 + k) % P)


BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202,
        46316835694926478169428394003475163141307993866256225615783033603165251855960)
DOUBLES = [BASE]
while len(DOUBLES) < 256:
    DOUBLES.append(add(DOUBLES[-1], DOUBLES[-1]))


def multiply(n):
    total = (0, 1)
    for i in range(256):
        if n >> i & 1:
            total = add(total, DOUBLES[i])
    return (total[1] | (total[0] & 1) << 255).to_bytes(32, "little")


class Signer:
    def __init__(self, seed, name=ORIGIN):
        h = hashlib.sha512(seed).digest()
        self.a = (int.from_bytes(h[:32], "little") & ~7 & (1 << 254) - 1) | 1 << 254
        self.prefix, self.name = h[32:], name
        self.public = multiply(self.a)
        typed = b"\x01" + self.public
        self.hash4 = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
        self.vkey = "%s+%s+%s" % (name, self.hash4.hex(), base64.b64encode(typed).decode())

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        start = multiply(r)
        h = int.from_bytes(hashlib.sha512(start + self.public + message).digest(), "little")
        return start + ((r + h * self.a) % L).to_bytes(32, "little")

    @functools.lru_cache(maxsize=None)  # most tests want the same few
    def note(self, size, root, origin=None):
        text = "%s\n%d\n%s\n" % (origin or self.name, size, base64.b64encode(root).decode())
        line = base64.b64encode(self.hash4 + self.sign(text.encode())).decode()
        return "%s\n\u2014 %s %s\n" % (text, self.name, line)


KEY = Signer(b"k" * 32)
STRANGER = Signer(b"s" * 32)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def some(text, length=32):
    return sha(text.encode())[:length]


def ident(text):
    return base64.b32encode(some(text, 16)).decode().lower().rstrip("=")


def root_of(leaves):
    """RFC 6962 §2.1 as it is written: by halves."""
    if not leaves:
        return sha()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha(b"\x01", root_of(leaves[:half]), root_of(leaves[half:]))


def path_of(leaves, index):
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return path_of(leaves[:half], index) + [root_of(leaves[half:])]
    return path_of(leaves[half:], index - half) + [root_of(leaves[:half])]


def envelope(n, name, pos, **changes):
    moment = (datetime.datetime(2026, 3, 1) + datetime.timedelta(seconds=n)).strftime(
        "%Y-%m-%dT%H:%M:%S.000007Z")
    values = {
        "v": 1, "id": ident("act %d" % n), "file": ident("file " + name), "of": "notice",
        "audience": ident("audience " + name), "thread": ident("thread " + name),
        "pos": pos, "kind": "notice.received", "version": 1, "recorded": moment,
        "effective": moment, "mandate": ident("mandate"), "cites": None, "law": "xx@1",
        "facts": [{"name": "n", "int": n}], "commits": None}
    values.update(changes)
    return {k: v for k, v in values.items() if v is not None}


# Eight acts in two threads; act 5 cites 1 and 3 and carries 1's commitment on.
SUM = base64.b64encode(some("commitment")).decode()
PLAN = (("a", {}), ("b", {"commits": [{"name": "c", "sum": SUM}]}), ("a", {}), ("a", {}),
        ("b", {}),
        ("a", {"cites": [ident("act 1"), ident("act 3")],
               "commits": [{"name": "c", "sum": SUM}, {"name": "d", "sum": SUM}]}),
        ("b", {}), ("a", {"body": None}))


class Log:
    """A sound log. `changes` are made to envelopes before anything is hashed
    and signed, so that each leaves one fault and no other."""

    def __init__(self, changes=None, links=None, previous_of=None):
        self.rows, self.leaves, self.receipts = [], [], []
        before, count = {}, {}
        for n, (thread, with_) in enumerate(PLAN):
            with_ = dict(with_, **(changes or {}).get(n, {}))
            has_body = with_.pop("body", True)
            raw = with_.pop("raw", None)
            values = envelope(n, thread, **dict({"pos": count.get(thread, 0)}, **with_))
            if has_body and with_.get("key", "") is not None:
                values.setdefault("key", ident("key %d" % n))
            text = json.dumps(values, separators=(",", ":")).encode() if raw is None else raw
            body, sealed = b"body %d" % n, b"sealed %d" % n if has_body else b""
            salt, body_salt, key = some("salt %d" % n), some("bs %d" % n), some("key " + thread)
            previous = (previous_of or {}).get(n, before.get(thread, bytes(32)))
            link = hmac.new(key, b"sanad link v1\n" + previous, "sha256").digest()
            link = (links or {}).get(n, link)
            body_sum = bytes(32)
            if has_body:
                body_sum = hmac.new(body_salt, b"sanad body v1\n" + body, "sha256").digest()
            leaf = sha(b"\x00", b"\x01", sha(ORIGIN.encode()),
                       hmac.new(salt, b"sanad envelope v1\n" + text, "sha256").digest(),
                       body_sum, sha(sealed), link)
            recorded = datetime.datetime.strptime(values["recorded"], "%Y-%m-%dT%H:%M:%S.%fZ")
            micro = (recorded - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
            self.rows.append([n] + [base64.b32decode(values[k].upper() + "======")
                                    for k in ("id", "file", "audience")]
                             + [micro, values["kind"], text, salt, body_sum, link, sealed])
            self.leaves.append(leaf)
            self.receipts.append({"v": 1, "envelope": text, "salt": salt, "body_sum": body_sum,
                                  "sealed_sum": sha(sealed),
                                  "body": body if has_body else None,
                                  "body_salt": body_salt if has_body else None,
                                  "thread_key": key, "previous": previous})
            before[thread], count[thread] = leaf, count.get(thread, 0) + 1

    def write(self, folder, sizes=None):
        con = sqlite3.connect(os.path.join(folder, "sanad.db"))
        con.executescript("""
            PRAGMA synchronous = OFF;
            CREATE TABLE act (seq INTEGER PRIMARY KEY, id BLOB, file BLOB, audience BLOB,
                recorded INTEGER, kind TEXT, envelope BLOB, salt BLOB, body_sum BLOB,
                link BLOB, body BLOB);
            CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT);
            CREATE TABLE head (origin TEXT, size INTEGER, root BLOB);""")
        con.executemany("INSERT INTO act VALUES (?,?,?,?,?,?,?,?,?,?,?)", self.rows)
        n = len(self.leaves)
        for size in range(n + 1) if sizes is None else sizes:
            con.execute("INSERT INTO checkpoint VALUES (?, ?)",
                        (size, KEY.note(size, root_of(self.leaves[:size]))))
        con.execute("INSERT INTO head VALUES (?, ?, ?)", (ORIGIN, n, root_of(self.leaves)))
        con.commit()
        return con

    def receipt(self, index, **changes):
        extra = dict(self.receipts[index], **changes)
        extra = {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v
                 for k, v in extra.items() if v is not None}
        lines = ["c2sp.org/tlog-proof@v1",
                 "extra " + base64.b64encode(
                     json.dumps(extra, separators=(",", ":")).encode()).decode(),
                 "index %d" % index]
        lines += [base64.b64encode(h).decode() for h in path_of(self.leaves, index)]
        return "\n".join(lines) + "\n\n" + KEY.note(len(self.leaves), root_of(self.leaves))


def run(main, *args):
    """(exit code, what was printed) of a command."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(list(args))
    return code, out.getvalue()
