"""Tests of verify.py. The folder tests make their own log by §6 of
docs/leaf.md, with their own signing, tamper with it and want each fault told
at its seq."""
import base64
import contextlib
import datetime
import functools
import hashlib
import hmac
import io
import json
import os
import pathlib
import sqlite3
import tempfile
import unittest

import verify

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "testdata" / "leaf" / "vectors.json"
ORIGIN = "test.example/log"


# A signer after RFC 8032 §5.1.6 in affine coordinates: slow, and on purpose
# not the arithmetic of verify.py.

P, L = verify.P, verify.L
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

    def __init__(self, changes=None, links=None):
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
            previous = before.get(thread, bytes(32))
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


def run(*args):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify.main(list(args))
    return code, out.getvalue()


class Ed25519(unittest.TestCase):
    # RFC 8032 §7.1, tests 1 and 2
    CASES = (
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
         "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"))

    def test_rfc(self):
        for public, message, signature in self.CASES:
            key = verify.PublicKey(bytes.fromhex(public))
            message, signature = bytes.fromhex(message), bytes.fromhex(signature)
            self.assertTrue(key.verify(message, signature))
            self.assertFalse(key.verify(message + b"x", signature))
            for at in (0, 31, 32, 63):
                bad = bytearray(signature)
                bad[at] ^= 1
                self.assertFalse(key.verify(message, bytes(bad)))
            s = int.from_bytes(signature[32:], "little") + L
            self.assertFalse(key.verify(message, signature[:32] + s.to_bytes(32, "little")))
            self.assertFalse(key.verify(message, signature[:-1]))

    def test_bad_points(self):
        for y, sign in ((1, 0), (0, 0), (P - 1, 0), (1, 1), (P, 0), (P + 1, 0), (2, 0)):
            with self.assertRaises(ValueError, msg="%d %d" % (y, sign)):
                verify.PublicKey((y | sign << 255).to_bytes(32, "little"))

    def test_small_order(self):
        """R = the neutral point, S = h a: the equation holds, and it is refused."""
        start = (1).to_bytes(32, "little")
        h = int.from_bytes(hashlib.sha512(start + KEY.public + b"x").digest(), "little")
        signature = start + (h * KEY.a % L).to_bytes(32, "little")
        self.assertFalse(verify.PublicKey(KEY.public).verify(b"x", signature))

    def test_own_signatures(self):
        for n in range(5):
            text = b"text %d" % n
            self.assertTrue(verify.PublicKey(KEY.public).verify(text, KEY.sign(text)))
            self.assertFalse(verify.PublicKey(STRANGER.public).verify(text, KEY.sign(text)))

    def test_verifier_keys(self):
        verify.VerifierKey(KEY.vkey)
        name, hexed, key = KEY.vkey.split("+", 2)
        for bad in ("", name, "%s+%s" % (name, hexed), "x+%s+%s" % (hexed, key),
                    "%s+%s+%s" % (name, "0" * 8, key), KEY.vkey + "\n", KEY.vkey[:-1],
                    " " + KEY.vkey, "%s+%s+%s" % (name, hexed.upper() + "A", key), "\udcff+1+1"):
            with self.assertRaises(verify.Unreadable, msg=bad):
                verify.VerifierKey(bad)


class Vectors(unittest.TestCase):
    def test_vectors(self):
        code, out = run("vectors", str(VECTORS))
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"^[0-9]+ checked, 0 problems\n$")

    def test_a_changed_vector_is_seen(self):
        vectors = json.loads(VECTORS.read_text("utf-8"))
        zero = base64.b64encode(bytes(32)).decode()
        vectors["acts"][2]["salt"] = zero
        vectors["acts"][4]["previous"] = zero
        vectors["envelopes"][0]["valid"] = not vectors["envelopes"][0]["valid"]
        vectors["receipts"][0]["answer"] = "forged"
        _, problems = verify.check_vectors(vectors)
        for start in ("act 2: leaf", "act 2: root", "act 4: thread order",
                      "envelope %r" % vectors["envelopes"][0]["name"], "receipt 'act 0'"):
            self.assertTrue(any(p.startswith(start) for p in problems), (start, problems))

    def test_no_vectors(self):
        with tempfile.TemporaryDirectory() as d:
            path = pathlib.Path(d, "v.json")
            self.assertEqual(run("vectors", str(path))[0], 2)
            for text in ("", "[]", "{}", '{"verifier":1}'):
                path.write_text(text)
                self.assertEqual(run("vectors", str(path))[0], 2)


class Envelopes(unittest.TestCase):
    GOOD = json.dumps(envelope(1, "a", 0), separators=(",", ":"))

    def refused(self, text, why=""):
        with self.assertRaises(verify.NotCanonical, msg=text) as caught:
            verify.read_envelope(text if isinstance(text, bytes) else text.encode())
        self.assertIn(why, str(caught.exception))

    def changed(self, old, new):
        self.assertIn(old, self.GOOD)
        return self.GOOD.replace(old, new, 1)

    def test_refused(self):
        verify.read_envelope(self.GOOD.encode())
        for old, new in (
                ('"pos":0', '"pos":0,"pos":0'), ('"v":1', '"v":true'), ('"v":1', '"v":1.0'),
                ('"v":1', '"v":1e0'), ('"v":1', '"v":2'), ('"pos":0', '"pos":-1'),
                ('"pos":0', '"pos":-0'), ('"pos":0', '"pos":' + "9" * 5000),
                ('"int":1', '"int":NaN'), ('"int":1', '"int":null'), ('"int":1', '"bool":1'),
                ('"int":1', '"int":true'), ('"int":1', '"int":1,"bool":true'),
                (',"int":1', ""), ('"int":1', '"date":"2026-02-29"'),
                ('"int":1', '"date":"0000-01-01"'), ('"int":1', '"at":"2026-01-01T24:00:00.000000Z"'),
                ('"int":1', '"ids":["a"]'), ('"int":1', '"codes":["b","b"]'),
                ('"int":1', '"codes":{}'), ('"version":1', '"version":0'),
                ('"version":1', '"version":10000'), ('"law":"xx@1"', '"law":""'),
                ('"law":"xx@1"', '"law":"%s"' % ("x" * 97)), ('"of":"notice"', '"of":"no\\u0074ice"'),
                ('"law"', '"gates":[],"law"'), ('"facts":[', '"facts":[],"x":['),
                ("{", " {"), ("}]}", "}]}}"), ("}]}", "}],}"), ("[{", "[,{"), ('{"v"', '{,"v"'),
                ('"law"', '"cites":["%s","%s"],"law"' % (ident("x"), ident("x"))),
                ('"facts":[{', '"facts":[{"name":"m","codes":["b","a"]},{'),
                ('"of":"notice"', '"of":"n\\/"'), (ident("mandate"), "a" * 26),
                ('"mandate":"%s",' % ident("mandate"), "")):
            self.refused(self.changed(old, new))
        self.refused(self.GOOD.encode().replace(b"xx@1", "xx@\u0661".encode()), "ASCII")
        self.refused(self.GOOD.replace("2026-03-01T00:00:01.000007Z", "2026-03-01T00:00:0\u0661.000007Z"))
        self.refused("[" * 60000)
        self.refused('{"a":' * 10000)
        for text in ("", "null", "1", "[]", "{}", '"x"', "true", self.GOOD + "\n", "\0"):
            self.refused(text)
        letters = "abcdefghijklmnopqrstuvwxyz234567"
        wrong = ident("file a")[:-1] + letters[letters.index(ident("file a")[-1]) + 1]
        self.refused(self.changed(ident("file a"), wrong), "file")

    def test_taken(self):
        two = sorted((ident("x"), ident("y"), ident("z")))
        verify.read_envelope(self.changed('"int":1', '"ids":["%s"]' % '","'.join(two)).encode())
        self.refused(self.changed('"int":1', '"ids":["%s"]' % '","'.join(two[::-1])), "sorted")
        verify.read_envelope(self.changed('"law"', '"cites":["%s","%s"],"law"' % (
            two[1], two[0])).encode())  # citations have no order
        for new in ('"codes":[]', '"ids":["%s"]' % ident("x"), '"bool":false', '"code":"a/b"',
                    '"date":"2024-02-29"', '"at":"0001-01-01T00:00:00.000000Z"',
                    '"int":-9007199254740991', '"id":"%s"' % ident("x")):
            verify.read_envelope(self.changed('"int":1', new).encode())
        gate = ('"gates":[{"gate":"g","version":1,"open":true,"because":"b","saw":[{"fact":"f"},'
                '{"fact":"g","bool":true,"from":"%s"}]},{"gate":"h","version":2,"open":false,'
                '"because":"c"}]' % ident("x"))
        verify.read_envelope((self.GOOD[:-1] + "," + gate + "}").encode())
        self.refused(self.GOOD[:-1] + "," + gate.replace('"gate":"h"', '"gate":"g"') + "}", "sorted")
        self.refused(self.GOOD[:-1] + "," + gate.replace('"bool":true,', "") + "}", "saw")
        self.refused(self.GOOD[:-1] + "," + gate.replace('{"fact":"f"}', '{"fact":"h"}') + "}", "sorted")
        self.refused(self.GOOD[:-1] + "," + gate.replace('"saw":[{"fact":"f"},', '"saw":[],"saw":[') + "}")

    def test_size(self):
        # 700 codes are about the limit: shorten or lengthen them to meet it.
        def text(length):
            codes = [["%03d%s" % (m, "x" * 80) for m in range(250)] for _ in range(3)]
            def made():
                facts = [{"name": "n%d" % n, "codes": c} for n, c in enumerate(codes)]
                return json.dumps(envelope(1, "a", 0, facts=facts), separators=(",", ":"))
            room = length - len(made())
            for c in codes:
                for n in range(250):
                    more = max(-70, min(10, room))
                    c[n] = c[n][:3] + "x" * (80 + more)
                    room -= more
            return made()
        self.assertEqual((len(text(65536)), len(text(65537))), (65536, 65537))
        verify.read_envelope(text(65536).encode())
        self.refused(text(65537), "longer")

    def test_instants(self):
        self.assertEqual(verify.microseconds("1970-01-01T00:00:00.000000Z"), 0)
        self.assertEqual(verify.microseconds("1969-12-31T23:59:59.999999Z"), -1)
        self.assertEqual(verify.microseconds("9999-12-31T23:59:59.999999Z"), 253402300799999999)


class Dumps(unittest.TestCase):
    LOG = Log()
    THREAD = [n for n, (name, _) in enumerate(PLAN) if name == "a"]

    def lines(self, acts=None, size=None, **changes):
        """The dump of thread a, as lines; changes are made to its first act's opening."""
        leaves = self.LOG.leaves[:size]
        acts = [n for n in self.THREAD if n < len(leaves)] if acts is None else acts
        out = [{"sanad": "dump/v1", "acts": len(acts),
                "checkpoint": KEY.note(len(leaves), root_of(leaves))}]
        for n in acts:
            opening = dict(self.LOG.receipts[n], **(changes if n == acts[0] else {}))
            out.append({"index": n,
                        "path": [base64.b64encode(h).decode() for h in path_of(leaves, n)],
                        "opening": {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v
                                    for k, v in opening.items() if v is not None}})
        return out

    def answer(self, lines, against=(), key=KEY):
        def text(lines):
            return lines if isinstance(lines, bytes) else b"".join(
                verify.written(line) + b"\n" for line in lines)
        with tempfile.TemporaryDirectory() as d:
            path, args = pathlib.Path(d, "dump"), []
            path.write_bytes(text(lines))
            for n, kept in enumerate(against):
                pathlib.Path(d, "kept %d" % n).write_bytes(text(kept))
                args += ["--against", str(pathlib.Path(d, "kept %d" % n))]
            code, out = run("dump", str(path), "--key", key.vkey, *args)
        self.assertEqual(out.count("\n"), 1)
        return code

    def test_hold(self):
        for size in range(1, 9):
            self.assertEqual(self.answer(self.lines(size=size)), 0)
        self.assertEqual(self.answer(self.lines([])), 0)
        self.assertEqual(self.answer(self.lines(body=None, body_salt=None)), 0)

    def test_forged(self):
        a, good = self.THREAD, self.lines()
        for acts in (a[1:], a[:1] + a[2:], [a[1], a[0]] + a[2:], a[:1] + a, a + [6], [1]):
            self.assertEqual(self.answer(self.lines(acts)), 0 if acts == [1] else 1, acts)
        for changes in ({"body": b"other"}, {"salt": bytes(32)}, {"sealed_sum": bytes(32)},
                        {"thread_key": bytes(32)}, {"previous": some("x")}, {"envelope": b""}):
            self.assertEqual(self.answer(self.lines(**changes)), 1, changes)
        self.assertEqual(self.answer(good[:-1]), 1)  # the tail cut off
        self.assertEqual(self.answer(good, key=STRANGER), 1)
        for at in range(1, len(good)):
            moved = [dict(line) for line in good]
            moved[at]["index"] += 1
            self.assertEqual(self.answer(moved), 1, at)
            short = [dict(line) for line in good]
            short[at]["path"] = short[at]["path"][:-1]
            self.assertEqual(self.answer(short), 1, at)

    def test_unreadable(self):
        good = b"".join(verify.written(line) + b"\n" for line in self.lines())
        for old, new in ((b"dump/v1", b"dump/v2"), (b'"acts":5', b'"acts":05'), (b'"acts":5', b'"acts":5.0'),
                         (b'"acts":5', b'"acts":-1'), (b'"acts":5', b'"acts":true'), (b'"acts":5', b'"acts":1048577'),
                         (b'{"index"', b'{ "index"'), (b'"path":[', b'"path":null,"x":['), (b'"v":1', b'"v":2'),
                         (b"}\n", b"}\n\n"), (b"}\n", b"}\r\n"), (b'"sanad"', b'"s\\u0061nad"'),
                         (b'"index":0', b'"index":9223372036854775808'), (b"\xe2\x80\x94", b"\\u2014")):
            self.assertIn(old, good)
            self.assertEqual(self.answer(good.replace(old, new, 1)), 2, (old, new))
        for bad in (b"", b"\n", good[:-1], good[:-20], good + b"\n", good + b"x" * verify.MAX_LINE,
                    good + b"\xff\n"):
            self.assertEqual(self.answer(bad), 2)
        forged = b"".join(verify.written(line) + b"\n" for line in self.lines(salt=bytes(32)))
        self.assertEqual((self.answer(forged), self.answer(forged + b"x\n")), (1, 2))

    def test_against(self):
        whole, older = self.lines(), self.lines(size=5)
        cut = self.lines(self.THREAD[:-1])
        self.assertEqual(self.answer(cut), 0)  # alone it can't be told
        for lines, kept, code in ((whole, whole, 0), (whole, older, 0), (older, whole, 1), (cut, whole, 1),
                                  (whole, self.lines([1, 4, 6]), 1), (whole, self.lines([]), 0),
                                  (whole, whole[:-1], 1), (whole, b"x\n", 2)):
            self.assertEqual(self.answer(lines, [kept]), code)
        self.assertEqual(self.answer(whole, [older, cut]), 0)
        other = [dict(line) for line in self.lines([])]
        other[0]["checkpoint"] = KEY.note(8, some("another root"))
        self.assertEqual(self.answer(whole, [other]), 1)


class Receipts(unittest.TestCase):
    LOG = Log()

    def answer(self, data, key=KEY):
        with tempfile.TemporaryDirectory() as d:
            path = pathlib.Path(d, "r")
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
            code, out = run("receipt", str(path), "--key", key.vkey)
        self.assertEqual(out.count("\n"), 1)
        return code

    def test_hold(self):
        for n in range(8):
            self.assertEqual(self.answer(self.LOG.receipt(n)), 0)
        self.assertEqual(self.answer(self.LOG.receipt(0, body=None, body_salt=None)), 0)

    def test_cosigned(self):
        note = self.LOG.receipt(0)
        other = Signer(b"w" * 32, "witness.example/w").note(8, bytes(32)).split("\n\n")[1]
        same_name = STRANGER.note(8, bytes(32)).split("\n\n")[1]
        self.assertEqual(self.answer(note + other), 0)
        self.assertEqual(self.answer(note + same_name), 1)  # §3: two under the log's name

    def test_forged(self):
        good = self.LOG.receipt(2)
        for changes in ({"body": b"other"}, {"salt": bytes(32)}, {"body_sum": bytes(32)},
                        {"sealed_sum": bytes(32)}, {"thread_key": bytes(32)},
                        {"previous": bytes(32)}, {"previous": some("x")}, {"envelope": b"{}"}, {"body": None}):
            self.assertEqual(self.answer(self.LOG.receipt(2, **changes)), 1, changes)
        self.assertEqual(self.answer(good.replace("index 2\n", "index 3\n")), 1)
        self.assertEqual(self.answer(good.replace("index 2\n", "index 8\n")), 1)
        lines = good.split("\n")
        self.assertEqual(self.answer("\n".join(lines[:3] + lines[4:])), 1)  # a hash too few
        self.assertEqual(self.answer(good, STRANGER), 1)
        self.assertEqual(self.answer(good, Signer(b"k" * 32, "other.example/log")), 1)

    def test_unreadable(self):
        good = self.LOG.receipt(2)
        for changes in ({"v": 2}, {"v": True}, {"v": 1.0}, {"x": "AA=="}, {"salt": b"short"},
                        {"salt": None}, {"salt": "not base64"}, {"body": b""},
                        {"body_salt": None}, {"body_salt": "\ud800"}, {"\ud800": 1}, {"body": []}):
            self.assertEqual(self.answer(self.LOG.receipt(2, **changes)), 2, changes)
        for old, new in (("index 2", "index 02"), ("index 2", "index +2"), ("index 2", "index \u0662"),
                         ("index 2", "index 2 "), ("@v1", "@v2"), ("extra ", "Extra "),
                         ("\n8\n", "\n08\n"), ("\n8\n", "\n8\nmore\n"), ("\n", "\r\n"),
                         ("\n\u2014 ", "\n- "), ("\n\n", "\n")):
            self.assertEqual(self.answer(good.replace(old, new)), 2, (old, new))
        self.assertEqual(self.answer(good[:-1]), 2)
        for extra in (b"", b"[]", b"{", b"[" * 100000, b'{"v":1,"v":1}', b'{"v":NaN}', b"\xff",
                      b'{"v":' + b"1" * 9000 + b"}", b"\xef\xbb\xbf{}"):
            data = b"c2sp.org/tlog-proof@v1\nextra " + base64.b64encode(extra) + b"\nindex 0\n\nx\n"
            self.assertEqual(self.answer(data), 2, extra[:20])
        self.assertEqual(self.answer(b"\x00\xff" * 100), 2)
        self.assertEqual(run("receipt", "/nonexistent/r", "--key", KEY.vkey)[0], 2)
        self.assertEqual(run("receipt", str(VECTORS), "--key", "nonsense")[0], 2)

    def test_extra_is_canonical(self):
        head, extra, rest = self.LOG.receipt(2).split("\n", 2)
        good = base64.b64decode(extra[6:]).decode()

        def answer(text):
            return self.answer("\n".join((
                head, "extra " + base64.b64encode(text.encode()).decode(), rest)))
        self.assertEqual(answer(good), 0)
        salt = good[good.index('"salt"'):good.index('"body_sum"')]
        for bad in (good + "\n", " " + good, good.replace(":", ": ", 1), good.replace(",", ", ", 1),
                    good.replace(salt, salt + salt), good.replace(salt, "").replace(
                        '"envelope"', salt + '"envelope"'), good.replace('"salt"', '"Salt"'),
                    good.replace('"v":1', '"v":1.0'), good.replace('"salt"', '"s\\u0061lt"')):
            self.assertEqual(answer(bad), 2, bad)
        self.assertEqual(self.answer(head + "\n" + rest), 2)  # no extra at all
        for bad in (extra + "\n", extra + " ", extra.rstrip("=") + "=" * 4):
            self.assertEqual(self.answer("\n".join((head, bad, rest))), 2, bad)

    def test_unreadable_before_forged(self):
        """What can't be parsed at its end is not called forged for its start."""
        forged = self.LOG.receipt(2, envelope=b"{}", previous=bytes(32))
        self.assertEqual(self.answer(forged), 1)
        text, gap, signature = forged.rpartition("\n\n")
        for bad in (forged[:-1], text + gap, forged + "x\n", text + "\nmore" + gap + signature,
                    text.rpartition("\n")[0] + gap + signature):
            self.assertEqual(self.answer(bad), 2, bad[-300:])

    def test_size(self):
        good = self.LOG.receipt(0)
        line = good.split("\n\n")[2].replace(ORIGIN, "witness.example")
        self.assertEqual(self.answer(good + line * 99), 0)
        self.assertEqual(self.answer(good + line * 100), 2)  # §3: at most 100 signatures
        self.assertEqual(self.answer(good + "x" * verify.MAX_RECEIPT), 2)

    def test_body_and_key_agree(self):
        self.assertEqual(self.answer(self.LOG.receipt(7)), 0)
        for log in (Log({7: {"key": ident("k")}}), Log({2: {"key": None}})):
            self.assertEqual(self.answer(log.receipt(7)) + self.answer(log.receipt(2)), 1)
        # No body, and yet something sealed.
        self.assertEqual(self.answer(self.LOG.receipt(7, sealed_sum=bytes(32))), 1)

    def test_empty_body(self):
        log, salt = Log(), some("bs 2")
        empty = hmac.new(salt, b"sanad body v1\n", "sha256").digest()
        log.receipts[2].update(body=None, body_sum=empty)
        extra = log.receipts[2]
        text = extra["envelope"]
        link = hmac.new(extra["thread_key"], b"sanad link v1\n" + extra["previous"], "sha256").digest()
        log.leaves[2] = sha(b"\x00", b"\x01", sha(ORIGIN.encode()), hmac.new(
            extra["salt"], b"sanad envelope v1\n" + text, "sha256").digest(),
            empty, extra["sealed_sum"], link)
        self.assertEqual(self.answer(log.receipt(2)), 0)
        self.assertEqual(self.answer(log.receipt(2, body=b"")), 2)

    def test_any_byte(self):
        """No flipped byte is let pass, and none makes a traceback."""
        good = self.LOG.receipt(3).encode()
        for at in range(0, len(good), 7):
            bad = bytearray(good)
            bad[at] ^= 1
            key = verify.VerifierKey(KEY.vkey) if at == 0 else key
            self.assertNotEqual(verify.check_receipt(bytes(bad), key)[0], 0, at)


class Folders(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def answer(self, key=KEY.vkey, folder=None, text=None):
        code, out = run("folder", folder or self.dir.name, "--key", key, "--json")
        if text:
            text_code, said = run("folder", folder or self.dir.name, "--key", key)
            self.assertEqual(code, text_code)
            self.assertRegex(said, text)
        report = json.loads(out)
        self.assertEqual(report["ok"], code == 0)
        return code, report

    def reported(self, seq, what, log=None, sql=(), sizes=None):
        """The log, with `sql` done to it, is false, and `what` is said of act `seq`."""
        con = (log or Log()).write(self.dir.name, sizes)
        for statement in sql:
            con.execute(*((statement,) if isinstance(statement, str) else statement))
        con.commit()
        con.close()
        code, report = self.answer()
        self.assertEqual(code, 1, report)
        self.assertTrue(any(p["seq"] == seq and what in p["what"] for p in report["problems"]),
                        report["problems"])
        return report

    def only(self, seq, what, fresh=False, **more):
        if fresh:
            os.unlink(os.path.join(self.dir.name, "sanad.db"))
        report = self.reported(seq, what, **more)
        self.assertEqual(len(report["problems"]), 1, report["problems"])

    # -- sound logs

    def test_sound(self):
        log = Log()
        log.write(self.dir.name).close()
        code, report = self.answer(text="^holds: 8 acts, root .*=\n$")
        self.assertEqual((code, report["problems"]), (0, []))
        self.assertEqual((report["acts"], report["signed"]), (8, 8))
        self.assertEqual(report["root"], base64.b64encode(root_of(log.leaves)).decode())

    def test_tail_unsigned(self):
        Log().write(self.dir.name, (3, 6)).close()
        code, report = self.answer()
        self.assertEqual((code, report["acts"], report["signed"]), (0, 8, 6))
        self.assertIn("the last 2 acts", run("folder", self.dir.name, "--key", KEY.vkey)[1])

    def test_beside_a_running_server(self):
        con = Log().write(self.dir.name)
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("UPDATE act SET salt = zeroblob(32) WHERE seq = 7")
        con.commit()
        self.addCleanup(con.close)
        # The change is in the write-ahead log alone.
        code, report = self.answer(text="^act 7: checkpoint of size 8 (.*\n)*forged: 8 acts")
        self.assertEqual(code, 1)
        self.assertEqual(report["problems"][0]["seq"], 7)

    def test_empty_log(self):
        log = Log()
        log.rows, log.leaves = [], []
        log.write(self.dir.name).close()
        self.assertEqual(self.answer()[0], 0)

    # -- a changed byte in each column of a row

    def change(self, seq, column, what, where=None):
        log = Log()
        raw = log.rows[seq][verify.ACT.index(column)]
        raw = raw.encode() if isinstance(raw, str) else raw
        new = bytes([raw[0] ^ 1]) + raw[1:]
        return self.reported(seq if where is None else where, what, log=log, sql=[
            ("UPDATE act SET %s = ? WHERE seq = ?" % column, (new, seq))])

    def test_id(self):
        self.change(3, "id", "column id")

    def test_file(self):
        self.change(3, "file", "column file")

    def test_audience(self):
        self.change(0, "audience", "column audience")

    def test_kind(self):
        self.change(7, "kind", "column kind")

    def test_recorded(self):
        self.only(4, "column recorded", sql=["UPDATE act SET recorded = recorded + 1 WHERE seq = 4"])

    def test_envelope(self):
        self.change(4, "envelope", "not canonical")

    def test_envelope_canonical(self):
        self.reported(4, "another root", sql=[
            "UPDATE act SET envelope = CAST(replace(CAST(envelope AS TEXT), 'xx@1', 'xx@2') AS BLOB) WHERE seq = 4"])

    def test_salt(self):
        self.change(2, "salt", "another root")

    def test_body_sum(self):
        self.change(0, "body_sum", "another root")

    def test_link(self):
        self.change(6, "link", "another root")

    def test_body(self):
        self.change(5, "body", "another root")

    def test_false_act_between_checkpoints(self):
        self.reported(3, "an act from 3 to 5", sizes=(3, 6), sql=[
            "UPDATE act SET salt = zeroblob(32) WHERE seq = 4"])

    def test_false_act_after_checkpoints(self):
        self.only(6, "head's root", sizes=(3, 6), sql=[
            "UPDATE act SET salt = zeroblob(32) WHERE seq = 7"])

    def test_body_removed(self):
        self.reported(5, "whether there is a body", sql=["UPDATE act SET body = x'' WHERE seq = 5"])

    def test_wrong_types(self):
        for column in verify.ACT[1:]:
            with self.subTest(column=column), tempfile.TemporaryDirectory() as d:
                self.dir = tempfile.TemporaryDirectory(dir=d)
                self.reported(2, "column " + column, sql=[
                    "UPDATE act SET %s = NULL WHERE seq = 2" % column])
                self.dir.cleanup()

    def test_wrong_length(self):
        self.reported(2, "does not hold 32 bytes", sql=["UPDATE act SET link = x'00' WHERE seq = 2"])

    def test_text_that_is_no_text(self):
        self.reported(1, "column kind", sql=[
            "UPDATE act SET kind = CAST(x'fffe' AS TEXT) WHERE seq = 1"])

    # -- rows

    def test_deleted(self):
        report = self.reported(3, "missing", sql=["DELETE FROM act WHERE seq = 3"])
        self.assertIn((5, True), [(p["seq"], "pos is 3" in p["what"]) for p in report["problems"]])

    def test_first_deleted(self):
        self.reported(0, "missing", sql=["DELETE FROM act WHERE seq = 0"])

    def test_last_deleted(self):
        report = self.reported(7, "a checkpoint of size 8", sql=["DELETE FROM act WHERE seq = 7"])
        self.assertTrue(any("head's size" in p["what"] for p in report["problems"]))

    def test_last_deleted_and_head_mended(self):
        log = Log()
        self.only(7, "a checkpoint of size 8", sql=["DELETE FROM act WHERE seq = 7", (
            "UPDATE head SET size = 7, root = ?", (root_of(log.leaves[:7]),))])

    def test_renumbered(self):
        self.reported(4, "pos is 3", sql=["DELETE FROM act WHERE seq = 3"] + [
            "UPDATE act SET seq = seq - 1 WHERE seq = %d" % n for n in (4, 5, 6, 7)])

    def test_swapped(self):
        report = self.reported(3, "recorded goes back", sql=[
            "UPDATE act SET seq = -9 WHERE seq = 2", "UPDATE act SET seq = 2 WHERE seq = 3",
            "UPDATE act SET seq = 3 WHERE seq = -9"])
        whats = [(p["seq"], p["what"]) for p in report["problems"]]
        self.assertIn((2, "pos is 2 where its thread is at 1"), whats)

    def test_before_zero(self):
        self.reported(-5, "count up", sql=["UPDATE act SET seq = -5 WHERE seq = 0"])

    def test_far_away(self):
        self.reported(7, "missing", sql=["UPDATE act SET seq = 9223372036854775807 WHERE seq = 7"])

    def test_same_act_twice(self):
        self.reported(7, "its id is that of act 6", sql=[
            "DELETE FROM act WHERE seq = 7",
            "INSERT INTO act SELECT 7, %s FROM act WHERE seq = 6" % ", ".join(verify.ACT[1:])])

    # -- faults that were signed

    def test_equal_links(self):
        self.only(6, "that of act 2", log=Log(links={6: Log().rows[2][9]}))

    def test_recorded_back(self):
        early = "2026-02-28T00:00:00.000000Z"
        self.only(4, "recorded goes back", log=Log({4: {"recorded": early, "effective": early}}))

    def test_pos_gap(self):
        log = Log({4: {"pos": 2}})
        self.reported(4, "pos is 2", log=log)

    def test_pos_again(self):
        self.reported(2, "pos is 0", log=Log({2: {"pos": 0}}))

    def test_thread_of_another_file(self):
        self.only(7, "another file", log=Log({7: {"file": ident("elsewhere")}}))

    def test_thread_of_another_audience(self):
        self.only(6, "another audience", log=Log({6: {"audience": ident("elsewhere")}}))

    def test_second_thread(self):
        self.only(7, "another thread", log=Log({7: {"thread": ident("second"), "pos": 0}}))

    def test_cites_later(self):
        self.only(4, "no act before it", log=Log({4: {"cites": [ident("act 6")]}}))

    def test_cites_itself(self):
        self.only(4, "no act before it", log=Log({4: {"cites": [ident("act 4")]}}))

    def test_cites_nothing(self):
        self.only(4, "no act before it", log=Log({4: {"cites": [ident("act 99")]}}))

    def test_commitment_changed(self):
        other = base64.b64encode(some("other")).decode()
        self.only(5, "commitment c of act 1", log=Log({5: {"commits": [{"name": "c", "sum": other}]}}))

    def test_commitment_not_carried(self):
        Log({5: {"commits": None}}).write(self.dir.name).close()
        self.assertEqual(self.answer()[0], 0)

    def test_id_twice(self):
        self.only(6, "its id is that of act 2", log=Log({6: {"id": ident("act 2")}}))

    def test_mandate_missing(self):
        self.only(6, "mandate", log=Log({6: {"mandate": None}}))

    def test_envelope_of_rubbish(self):
        for raw in (b"", b"\xff" * 9, b"[" * 60000, b'{"v":' + b"9" * 60000, b"x" * 70000):
            with self.subTest(raw=raw[:9]), tempfile.TemporaryDirectory() as d:
                self.dir = tempfile.TemporaryDirectory(dir=d)
                self.only(7, "not canonical", log=Log({7: {"raw": raw, "body": True}}))
                self.dir.cleanup()

    # -- checkpoints and head

    def note(self, size, note):
        return ("UPDATE checkpoint SET note = ? WHERE size = ?", (note, size))

    def test_checkpoint_by_another_key(self):
        root = root_of(Log().leaves[:5])
        self.only(4, "not signed by this key", sql=[self.note(5, STRANGER.note(5, root))])

    def test_checkpoint_of_another_root(self):
        self.only(4, "another root", sql=[self.note(5, KEY.note(5, some("x")))])

    def test_checkpoint_of_another_log(self):
        root = root_of(Log().leaves[:5])
        self.only(4, "another log", sql=[self.note(5, KEY.note(5, root, "other.example/log"))])

    def test_checkpoint_of_another_size(self):
        root = root_of(Log().leaves[:4])
        self.only(4, "its note says 4", sql=[self.note(5, KEY.note(4, root))])

    def test_checkpoint_signature_changed(self):
        note = KEY.note(5, root_of(Log().leaves[:5]))
        at = note.rindex(" ") + 20
        self.only(4, "signature by this key is false",
                  sql=[self.note(5, note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1:])])

    def test_checkpoint_of_rubbish(self):
        for rubbish in (None, b"", b"\xff\xfe", "hello", 5, "\n\n\n\n", "a\n1\nb\n\n\u2014 a b\n"):
            with self.subTest(note=rubbish), tempfile.TemporaryDirectory() as d:
                self.dir = tempfile.TemporaryDirectory(dir=d)
                self.only(4, "checkpoint of size 5", sql=[self.note(5, rubbish)])
                self.dir.cleanup()

    def test_checkpoint_beyond(self):
        self.only(8, "a checkpoint of size 9", sql=[
            ("INSERT INTO checkpoint VALUES (9, ?)", (KEY.note(9, some("x")),))])

    def test_checkpoint_sizes_of_rubbish(self):
        self.only(None, "not a number", sql=["INSERT INTO checkpoint VALUES (-3, 'x')"])

    def test_head(self):
        for statement, what in (("UPDATE head SET origin = 'x'", "another log"),
                                ("UPDATE head SET size = 7", "size is 7"),
                                ("UPDATE head SET size = 'x'", "size is no number"),
                                ("UPDATE head SET root = zeroblob(32)", "head's root"),
                                ("DELETE FROM head", "one row"),
                                ("INSERT INTO head SELECT * FROM head", "one row")):
            with self.subTest(statement), tempfile.TemporaryDirectory() as d:
                self.dir = tempfile.TemporaryDirectory(dir=d)
                self.only(None, what, sql=[statement])
                self.dir.cleanup()

    # -- no answer

    def test_no_answer(self):
        path = pathlib.Path(self.dir.name, "sanad.db")
        self.assertEqual(self.answer()[0], 2)
        path.mkdir()
        self.assertEqual(self.answer()[0], 2)
        path.rmdir()
        for data in (b"", b"hello", b"SQLite format 3\0" + bytes(500)):
            path.write_bytes(data)
            self.assertEqual(self.answer()[0], 2, data)
        self.assertEqual(self.answer(folder="/nonexistent", text="can't be answered\n$")[0], 2)
        path.unlink()
        Log().write(self.dir.name).close()
        self.assertEqual(self.answer("nonsense")[0], 2)

    def test_no_table(self):
        for statement in ("DROP TABLE act", "DROP TABLE head", "DROP TABLE checkpoint",
                          "ALTER TABLE act RENAME COLUMN salt TO sugar"):
            with self.subTest(statement), tempfile.TemporaryDirectory() as d:
                self.dir = tempfile.TemporaryDirectory(dir=d)
                con = Log().write(self.dir.name)
                con.execute(statement)
                con.commit()
                con.close()
                self.assertEqual(self.answer()[0], 2)
                self.dir.cleanup()

    def test_nothing_signed(self):
        Log().write(self.dir.name, ()).close()
        code, report = self.answer(text="^log: there is no checkpoint")
        self.assertEqual(code, 1)
        self.assertIn("nobody signed", report["problems"][0]["what"])

    def test_key_without_body(self):
        self.only(7, "whether there is a body", log=Log({7: {"key": ident("k")}}))
        self.only(4, "whether there is a body", log=Log({4: {"key": None}}), fresh=True)

    def test_another_key(self):
        Log().write(self.dir.name).close()
        self.assertEqual(self.answer(STRANGER.vkey)[0], 1)
        self.assertEqual(self.answer(Signer(b"k" * 32, "other.example/log").vkey)[0], 1)

    def test_damaged_pages(self):
        """Bytes of the file itself: never a traceback, never 'holds' with acts missing."""
        Log().write(self.dir.name).close()
        path = pathlib.Path(self.dir.name, "sanad.db")
        good = path.read_bytes()
        for at in range(100, len(good), 997):
            bad = bytearray(good)
            bad[at:at + 40] = b"\xa5" * len(bad[at:at + 40])
            path.write_bytes(bytes(bad))
            code, report = self.answer()
            self.assertTrue(code or report["acts"] == 8 == report["signed"], (at, report))
        path.write_bytes(good[:len(good) // 2])
        self.assertIn(self.answer()[0], (1, 2))

    def test_not_written(self):
        Log().write(self.dir.name).close()
        path = pathlib.Path(self.dir.name, "sanad.db")
        before = path.read_bytes()
        self.answer()
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual(os.listdir(self.dir.name), ["sanad.db"])


if __name__ == "__main__":
    unittest.main()
