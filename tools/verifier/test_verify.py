"""Tests of verify.py, envelope.py and ed25519.py."""
import base64
import contextlib
import hashlib
import hmac
import json
import pathlib
import tempfile
import unittest

import ed25519
import envelope as canonical
import verify
from samplelog import KEY, L, ORIGIN, P, STRANGER, Log, Signer, envelope, ident, run, sha, some

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "testdata" / "leaf" / "vectors.json"


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
            public, message, signature = map(bytes.fromhex, (public, message, signature))
            self.assertTrue(ed25519.holds(public, message, signature))
            self.assertFalse(ed25519.holds(public, message + b"x", signature))
            for at in (0, 31, 32, 63):
                bad = bytearray(signature)
                bad[at] ^= 1
                self.assertFalse(ed25519.holds(public, message, bytes(bad)))
            s = int.from_bytes(signature[32:], "little") + L
            second = signature[:32] + s.to_bytes(32, "little")
            self.assertFalse(ed25519.holds(public, message, second))
            self.assertFalse(ed25519.holds(public, message, signature[:-1]))

    def test_bad_points(self):
        for y, sign in ((1, 0), (0, 0), (P - 1, 0), (1, 1), (P, 0), (P + 1, 0), (2, 0)):
            with self.assertRaises(ValueError, msg="%d %d" % (y, sign)):
                ed25519.point_of((y | sign << 255).to_bytes(32, "little"))

    def test_one_encoding(self):
        """19 numbers of 255 bits are not below P; some of them are y of a good point."""
        good = 0
        for y in range(19):
            with self.assertRaises(ValueError):
                ed25519.point_of((y + P).to_bytes(32, "little"))
            with contextlib.suppress(ValueError):
                good += bool(ed25519.point_of(y.to_bytes(32, "little")))
        self.assertGreater(good, 0)

    def test_small_order(self):
        """R = the neutral point, S = h a: the equation holds, and it is refused."""
        start = (1).to_bytes(32, "little")
        h = int.from_bytes(hashlib.sha512(start + KEY.public + b"x").digest(), "little")
        signature = start + (h * KEY.a % L).to_bytes(32, "little")
        self.assertFalse(ed25519.holds(KEY.public, b"x", signature))

    def test_own_signatures(self):
        for n in range(5):
            text = b"text %d" % n
            self.assertTrue(ed25519.holds(KEY.public, text, KEY.sign(text)))
            self.assertFalse(ed25519.holds(STRANGER.public, text, KEY.sign(text)))

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
        code, out = run(verify.main, "vectors", str(VECTORS))
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"^[0-9]+ checked, 0 problems\n$")

    def test_a_changed_vector_is_seen(self):
        vectors = json.loads(VECTORS.read_text("utf-8"))
        zero = base64.b64encode(bytes(32)).decode()
        vectors["acts"][2]["salt"] = zero
        vectors["acts"][3]["previous"] = zero
        vectors["acts"][4]["previous"] = vectors["acts"][0]["hash"]
        vectors["acts"][6]["body"] = zero
        vectors["envelopes"][0]["valid"] = not vectors["envelopes"][0]["valid"]
        vectors["receipts"][0]["answer"] = "forged"
        vectors["receipts"][1]["index"] = 2
        problems = [what for what, good in verify.check_vectors(vectors) if not good]
        for start in ("act 2: leaf", "act 2: root", "act 3: opening: previous",
                      "act 4: thread order",
                      "act 6: leaf", "receipt 'act 1': index",
                      "envelope %r" % vectors["envelopes"][0]["name"], "receipt 'act 0'"):
            self.assertTrue(any(p.startswith(start) for p in problems), (start, problems))

    def test_no_vectors(self):
        with tempfile.TemporaryDirectory() as d:
            path = pathlib.Path(d, "v.json")
            self.assertEqual(run(verify.main, "vectors", str(path))[0], 2)
            for text in ("", "[]", "{}", '{"verifier":1}'):
                path.write_text(text)
                self.assertEqual(run(verify.main, "vectors", str(path))[0], 2)


class Envelopes(unittest.TestCase):
    GOOD = json.dumps(envelope(1, "a", 0), separators=(",", ":"))

    def refused(self, text, why=""):
        with self.assertRaises(verify.Forged, msg=text) as caught:
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
                ('"int":1', '"date":"0000-01-01"'),
                ('"int":1', '"at":"2026-01-01T24:00:00.000000Z"'),
                ('"int":1', '"ids":["a"]'), ('"int":1', '"codes":["b","b"]'),
                ('"int":1', '"codes":{}'), ('"version":1', '"version":0'),
                ('"version":1', '"version":10000'), ('"law":"xx@1"', '"law":""'),
                ('"law":"xx@1"', '"law":"%s"' % ("x" * 97)),
                ('"of":"notice"', '"of":"no\\u0074ice"'),
                ('"law"', '"gates":[],"law"'), ('"facts":[', '"facts":[],"x":['),
                ("{", " {"), ("}]}", "}]}}"), ("}]}", "}],}"), ("[{", "[,{"), ('{"v"', '{,"v"'),
                ('"law"', '"cites":["%s","%s"],"law"' % (ident("x"), ident("x"))),
                ('"facts":[{', '"facts":[{"name":"m","codes":["b","a"]},{'),
                ('"of":"notice"', '"of":"n\\/"'), (ident("mandate"), "a" * 26),
                ('"mandate":"%s",' % ident("mandate"), "")):
            self.refused(self.changed(old, new))
        self.refused(self.GOOD.encode().replace(b"xx@1", "xx@\u0661".encode()), "ASCII")
        self.refused(self.GOOD.replace("00:00:01.000007Z", "00:00:0\u0661.000007Z"), "ASCII")
        self.refused(self.changed("00:00:01.000007Z", "00:00:0x.000007Z"), "recorded: ")
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
        for old, new, why in (
                ('"gate":"h"', '"gate":"g"', "gates: not sorted"), ('"bool":true,', "", "saw"),
                ('"bool":true', '"bool":true,"int":1', "gates: saw: not one value of a known type"),
                ('{"fact":"f"}', '{"fact":"h"}', "gates: saw: not sorted"),
                ('"saw":[{"fact":"f"},', '"saw":[],"saw":[', "")):
            self.refused(self.GOOD[:-1] + "," + gate.replace(old, new) + "}", why)

    def test_order_of_keys(self):
        of, audience = '"of":"notice"', '"audience":"%s"' % ident("audience a")
        swapped = self.changed(f"{of},{audience}", f"{audience},{of}")
        self.assertEqual(json.loads(swapped), json.loads(self.GOOD))
        self.refused(swapped, "its keys are not v, id, file, of, audience")
        inner = self.changed('"name":"n","int":1', '"int":1,"name":"n"')
        self.refused(inner, "facts: its keys are not name, int")

    def test_machine_kinds(self):
        mandate = '"mandate":"%s",' % ident("mandate")
        for kind in ("deadline.lapsed", "deadline.recomputed", "journal.digest",
                     "key.destroyed", "register.dumped"):
            text = self.changed("notice.received", kind)
            self.refused(text, "mandate")
            verify.read_envelope(text.replace(mandate, "").encode())

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
        self.assertEqual(canonical.microseconds("1970-01-01T00:00:00.000000Z"), 0)
        self.assertEqual(canonical.microseconds("1969-12-31T23:59:59.999999Z"), -1)
        self.assertEqual(canonical.microseconds("9999-12-31T23:59:59.999999Z"), 253402300799999999)


class Receipts(unittest.TestCase):
    LOG = Log()

    def answer(self, data, key=KEY):
        with tempfile.TemporaryDirectory() as d:
            path = pathlib.Path(d, "r")
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
            code, out = run(verify.main, "receipt", str(path), "--key", key.vkey)
        self.assertEqual(out.count("\n"), 1)
        self.said = out
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
                        {"previous": bytes(32)}, {"previous": some("x")}, {"envelope": b"{}"},
                        {"body": None}):
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
        for old, new in (("index 2", "index 02"), ("index 2", "index +2"),
                         ("index 2", "index \u0662"), ("index 2", "index 2 "),
                         ("@v1", "@v2"), ("extra ", "Extra "),
                         ("\n8\n", "\n08\n"), ("\n8\n", "\n8\nmore\n"), ("\n", "\r\n"),
                         ("\n\u2014 ", "\n- "), ("\n\n", "\n")):
            self.assertEqual(self.answer(good.replace(old, new)), 2, (old, new))
        self.assertEqual(self.answer(good[:-1]), 2)
        for extra in (b"", b"[]", b"{", b"[" * 100000, b'{"v":1,"v":1}', b'{"v":NaN}', b"\xff",
                      b'{"v":' + b"1" * 9000 + b"}", b"\xef\xbb\xbf{}"):
            data = b"c2sp.org/tlog-proof@v1\nextra " + base64.b64encode(extra) + b"\nindex 0\n\nx\n"
            self.assertEqual(self.answer(data), 2, extra[:20])
        self.assertEqual(self.answer(b"\x00\xff" * 100), 2)
        self.assertEqual(run(verify.main, "receipt", "/nonexistent/r", "--key", KEY.vkey)[0], 2)
        self.assertEqual(run(verify.main, "receipt", str(VECTORS), "--key", "nonsense")[0], 2)

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
        lines = [line.replace("witness", "w" * length) * 99 for length in (10000, 11000)]
        self.assertEqual([self.answer(good + more) for more in lines], [0, 2])
        with self.assertRaisesRegex(verify.Unreadable, "not a tlog-proof"):
            verify.check_receipt((good + lines[1]).encode(), verify.VerifierKey(KEY.vkey))

    def test_body_and_key_agree(self):
        self.assertEqual(self.answer(self.LOG.receipt(7)), 0)
        for log in (Log({7: {"key": ident("k")}}), Log({2: {"key": None}})):
            self.assertEqual(self.answer(log.receipt(7)) + self.answer(log.receipt(2)), 1)
        # No body, and yet something sealed.
        self.assertEqual(self.answer(self.LOG.receipt(7, sealed_sum=bytes(32))), 1)
        self.assertIn("do not agree on whether there is a body", self.said)

    def test_empty_body(self):
        log, salt = Log(), some("bs 2")
        empty = hmac.new(salt, b"sanad body v1\n", "sha256").digest()
        log.receipts[2].update(body=None, body_sum=empty)
        extra = log.receipts[2]
        text = extra["envelope"]
        link = hmac.new(extra["thread_key"], b"sanad link v1\n" + extra["previous"],
                        "sha256").digest()
        log.leaves[2] = sha(b"\x00", b"\x01", sha(ORIGIN.encode()), hmac.new(
            extra["salt"], b"sanad envelope v1\n" + text, "sha256").digest(),
            empty, extra["sealed_sum"], link)
        self.assertEqual(self.answer(log.receipt(2)), 0)
        self.assertEqual(self.answer(log.receipt(2, body=b"")), 2)

    def test_stray_bits(self):
        """Letters that decode to the same bytes, and are not the ones to write."""
        good = self.LOG.receipt(2)
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for line in good.split("\n"):
            if line.endswith("=") and not line.endswith("=="):
                stray = line[:-2] + letters[letters.index(line[-2]) + 1] + "="
                self.assertEqual(self.answer(good.replace(line, stray)), 2, line)

    def test_any_byte(self):
        """No flipped byte is let pass, and none makes a traceback."""
        good = self.LOG.receipt(3).encode()
        for at in range(0, len(good), 7):
            bad = bytearray(good)
            bad[at] ^= 1
            key = verify.VerifierKey(KEY.vkey) if at == 0 else key
            self.assertNotEqual(verify.answer_of(verify.check_receipt, bytes(bad), key)[0], 0, at)


if __name__ == "__main__":
    unittest.main()
