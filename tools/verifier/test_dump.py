"""Tests of dump.py."""
import base64
import pathlib
import tempfile
import unittest
import unittest.mock
from types import SimpleNamespace

import dump
from samplelog import KEY, PLAN, STRANGER, Log, path_of, root_of, run, some


def text(lines):
    return lines if isinstance(lines, bytes) else b"".join(
        dump.written(line).encode() + b"\n" for line in lines)


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
        with tempfile.TemporaryDirectory() as d:
            path, args = pathlib.Path(d, "dump"), []
            path.write_bytes(text(lines))
            for n, kept in enumerate(against):
                pathlib.Path(d, "kept %d" % n).write_bytes(text(kept))
                args += ["--against", str(pathlib.Path(d, "kept %d" % n))]
            code, out = run(dump.main, str(path), "--key", key.vkey, *args)
        self.assertEqual(out.count("\n"), 1)
        self.said = out
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

    def test_says_what_and_where(self):
        a, good = self.THREAD, self.lines()
        back = "2026-02-28T00:00:00.000000Z"
        late = "2026-04-28T00:00:00.000000Z"

        def of(log):
            return Dumps.lines(SimpleNamespace(LOG=log, THREAD=a))

        def moved(at, **changes):
            return good[:at] + [{**good[at], **changes}] + good[at + 1:]
        for lines, line, what in (
                (self.lines(body=b"other"), 2, "the body is not the one"),
                (self.lines(salt=bytes(32)), 2, "does not lead to the checkpoint's root"),
                (self.lines(envelope=b"{}"), 2, "the envelope is not canonical: its keys are not"),
                (self.lines(a[:1] + [1]), 3, "of another thread"),
                (self.lines(a[1:]), 2, "at position 1 of its thread, and 0 is expected"),
                (self.lines(a[:1] + a[2:]), 3, "at position 2 of its thread, and 1 is expected"),
                (of(Log(previous_of={3: some("x")})), 4, "does not follow the one before it"),
                (moved(3, index=2), 4, "does not lie after that of the one before"),
                (moved(5, index=8), 6, "beyond the checkpoint's size"),
                (moved(3, path=good[3]["path"][:-1]), 4, "the inclusion proof"),
                (of(Log({2: {"recorded": back, "effective": back}})), 3, "recorded before"),
                (of(Log({2: {"recorded": late}})), 4, "recorded before")):
            self.assertEqual(self.answer(lines), 1)
            self.assertRegex(self.said, f"^forged: line {line}: .*{what}")
        self.answer(good[:-1])
        self.assertIn("it says it has 5 acts, and has 4", self.said)
        self.answer(good, key=STRANGER)
        self.assertIn("not signed by this key", self.said)
        self.answer(self.lines([]))
        self.assertIn("says nothing of any file", self.said)
        self.answer(self.lines(a[:-1]), [good])
        self.assertIn("it ends after 4 acts, and the kept dump has 5", self.said)
        self.answer(good, [self.lines([1, 4, 6])])
        self.assertIn("line 2: the kept dump has another act here", self.said)
        for bad, line in ((text(good)[:-1], 6), (text(good) + b"x\n", 7), (b"x\n", 1)):
            self.assertEqual(self.answer(bad), 2)
            self.assertIn(f"can't be answered: line {line}: ", self.said)
            self.assertEqual(self.answer(good, [bad]), 2)
            self.assertIn(f"kept 0: line {line}: ", self.said)

    def test_unreadable(self):
        good = text(self.lines())
        for old, new in ((b"dump/v1", b"dump/v2"), (b'"acts":5', b'"acts":05'),
                         (b'"acts":5', b'"acts":5.0'), (b'"acts":5', b'"acts":-1'),
                         (b'"acts":5', b'"acts":true'), (b'"acts":5', b'"acts":1048577'),
                         (b'{"index"', b'{ "index"'), (b'"path":[', b'"path":null,"x":['),
                         (b'"path":[', b'"path":[5,'), (b'"v":1', b'"v":2'),
                         (b"}\n", b"}\n\n"), (b"}\n", b"}\r\n"), (b'"sanad"', b'"s\\u0061nad"'),
                         (b'"index":0', b'"index":9223372036854775808'),
                         (b"\xe2\x80\x94", b"\\u2014")):
            self.assertIn(old, good)
            self.assertEqual(self.answer(good.replace(old, new, 1)), 2, (old, new))
        for bad in (b"", b"\n", good[:-1], good[:-20], good + b"\n", good + b"x" * dump.MAX_LINE,
                    good + b"\xff\n"):
            self.assertEqual(self.answer(bad), 2)
        forged = text(self.lines(salt=bytes(32)))
        self.assertEqual((self.answer(forged), self.answer(forged + b"x\n")), (1, 2))

    def test_limits(self):
        """What is too large is unreadable, where it would otherwise be forged."""
        good = self.lines()
        for length, code in ((780000, 1), (790000, 2)):  # in base64: around 1 MiB
            self.assertEqual(self.answer(self.lines(body=b"x" * length)), code)
        longest = max(len(line) for line in text(good).splitlines(keepends=True))
        for most, code in ((longest, 0), (longest - 1, 2)):
            with unittest.mock.patch("dump.MAX_LINE", most):
                self.assertEqual(self.answer(good), code)
        for hashes, code in ((63, 1), (64, 2)):
            path = [base64.b64encode(bytes(32)).decode()] * hashes
            self.assertEqual(self.answer([*good[:-1], {**good[-1], "path": path}]), code)
        empty = {**good[0], "acts": 0, "checkpoint": KEY.note(0, root_of([]))}
        self.assertEqual(self.answer([empty]), 2)
        less = [{**good[0], "acts": 4}, *good[1:]]
        self.assertEqual(self.answer(less), 1)
        with unittest.mock.patch("dump.MAX_ACTS", 4):
            self.assertEqual(self.answer(less), 2)

    def test_against(self):
        whole, older = self.lines(), self.lines(size=5)
        cut = self.lines(self.THREAD[:-1])
        self.assertEqual(self.answer(cut), 0)  # alone it can't be told
        for lines, kept, code in (
                (whole, whole, 0), (whole, older, 0), (older, whole, 1), (cut, whole, 1),
                (whole, self.lines([1, 4, 6]), 1), (whole, self.lines([]), 0),
                (whole, whole[:-1], 1), (whole, b"x\n", 2)):
            self.assertEqual(self.answer(lines, [kept]), code)
        self.assertEqual(self.answer(whole, [older, cut]), 0)
        other = [dict(line) for line in self.lines([])]
        other[0]["checkpoint"] = KEY.note(8, some("another root"))
        self.assertEqual(self.answer(whole, [other]), 1)


if __name__ == "__main__":
    unittest.main()
