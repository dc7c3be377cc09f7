"""Tests of folder.py. They tamper with a sound folder and want each fault told at its seq."""
import base64
import json
import os
import pathlib
import sqlite3
import tempfile
import unittest
import unittest.mock

import folder
from samplelog import KEY, STRANGER, Log, Signer, ident, root_of, run, some


class Folders(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def answer(self, key=KEY.vkey, path=None, text=None):
        code, out = run(folder.main, path or self.dir.name, "--key", key, "--json")
        if text:
            text_code, said = run(folder.main, path or self.dir.name, "--key", key)
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
        self.assertIn("the last 2 acts", run(folder.main, self.dir.name, "--key", KEY.vkey)[1])

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
        raw = log.rows[seq][folder.ACT.index(column)]
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
        self.only(4, "column recorded", sql=[
            "UPDATE act SET recorded = recorded + 1 WHERE seq = 4"])

    def test_envelope(self):
        self.change(4, "envelope", "not canonical")

    def test_envelope_canonical(self):
        self.reported(4, "another root", sql=[
            "UPDATE act SET envelope = CAST("
            "replace(CAST(envelope AS TEXT), 'xx@1', 'xx@2') AS BLOB) WHERE seq = 4"])

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
        for column in folder.ACT[1:]:
            with self.subTest(column=column), tempfile.TemporaryDirectory() as d:
                self.dir = tempfile.TemporaryDirectory(dir=d)
                self.reported(2, "column " + column, sql=[
                    "UPDATE act SET %s = NULL WHERE seq = 2" % column])
                self.dir.cleanup()

    def test_wrong_length(self):
        self.reported(2, "does not hold 32 bytes", sql=[
            "UPDATE act SET link = x'00' WHERE seq = 2"])

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
            "INSERT INTO act SELECT 7, %s FROM act WHERE seq = 6" % ", ".join(folder.ACT[1:])])

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
        self.only(5, "commitment c of act 1", log=Log({
            5: {"commits": [{"name": "c", "sum": other}]}}))

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
        self.assertEqual(self.answer(path="/nonexistent", text="can't be answered\n$")[0], 2)
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

    def test_nothing_signed_but_the_empty_log(self):
        self.only(None, "nobody signed", sizes=(0,))

    def test_folder_that_cannot_be_written(self):
        """Then the main file alone is read, and what lies beside it is told."""
        Log().write(self.dir.name).close()
        connect = folder.connect

        def refused(uri):
            if uri.endswith("mode=ro"):
                raise sqlite3.OperationalError("unable to open database file")
            return connect(uri)
        with unittest.mock.patch("folder.connect", refused):
            self.assertNotIn("caution", self.answer()[1])
            pathlib.Path(self.dir.name, "sanad.db-wal").write_bytes(b"x")
            code, report = self.answer(text="note: sanad.db-wal could not be read")
        self.assertEqual((code, report["caution"]),
                         (0, "sanad.db-wal could not be read and was left out"))

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
