"""The canonical envelope: docs/leaf.md §5.

Python's json module takes white space, escapes, a key twice, NaN and more. That is
harmless: the values are checked by the rules below, and written again they must give
the very bytes that were read."""
import datetime
import json
import re


def check(rule, value):
    """ValueError for a value against its rule: the pattern of a text; a range of numbers;
    bool; an object's fields in order, "name?" if one may be absent; a list's (least, most,
    rule, what it ascends by, or None); or a function."""
    if isinstance(rule, str):
        if type(value) is not str or not re.fullmatch(rule, value):
            raise ValueError(f"not of the form {rule}")
    elif isinstance(rule, range):
        if type(value) is not int or value not in rule:  # True is an int too, so type()
            raise ValueError(f"not a number from {rule[0]} to {rule[-1]}")
    elif rule is bool:
        if type(value) is not bool:
            raise ValueError("not true or false")
    elif isinstance(rule, dict):
        rules = {name.rstrip("?"): inner for name, inner in rule.items()}
        if type(value) is not dict:
            raise ValueError("not an object")
        wanted = [name for name in rules if name in rule or name in value]
        if list(value) != wanted:
            raise ValueError(f"its keys are not {', '.join(wanted)}")
        for name in wanted:
            try:
                check(rules[name], value[name])
            except ValueError as e:
                raise ValueError(f"{name}: {e}")
    elif isinstance(rule, tuple):
        least, most, inner, order = rule
        if type(value) is not list or not least <= len(value) <= most:
            raise ValueError(f"not a list of {least} to {most}")
        for item in value:
            check(inner, item)
        keys = [order(item) for item in value] if order else []
        if any(a >= b for a, b in zip(keys, keys[1:])):
            raise ValueError("not sorted, or something is there twice")
    else:
        rule(value)


def microseconds(value):
    """An instant as microseconds since 1970, in whole numbers throughout."""
    check(INSTANT, value)
    moment = datetime.datetime(*map(int, re.fullmatch(INSTANT, value).groups()))
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


def date(value):
    check(DATE, value)
    microseconds(value + "T00:00:00.000000Z")


def fact(value):
    check({"name": CODE, **typed(value, 1)}, value)


def saw(value):  # by a gate, which may not have known the fact
    known = typed(value, 0)
    check({"fact": CODE, **known, **({"from?": ID} if known else {})}, value)


def typed(value, least):
    """TYPE with its rule, of a fact's keys."""
    known = [name for name in value if name in TYPES] if type(value) is dict else []
    if not least <= len(known) <= 1:
        raise ValueError("not one value of a known type")
    return {name: TYPES[name] for name in known}


ID = "(?!a{26})[a-z2-7]{25}[aeimquy4]"  # of 16 bytes not all zero; two bits are left over
CODE = "[A-Za-z0-9._@:/+-]{1,96}"
HASH = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="  # of 32 bytes; two bits are left over
DATE = "([0-9]{4})-([0-9]{2})-([0-9]{2})"
INSTANT = DATE + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{6})Z"
VERSION = range(1, 10000)
TYPES = {
    "bool": bool, "int": range(1 - 2**53, 2**53), "code": CODE, "date": date,
    "at": microseconds, "id": ID, "codes": (0, 256, CODE, str), "ids": (0, 256, ID, str)}
PROCEDURE = {"id": ID, "protocol": CODE, "version": VERSION, "step": CODE}
DEADLINE = {"rule": CODE, "start": microseconds, "due": microseconds, "calendar": CODE}
GATE = {"gate": CODE, "version": VERSION, "open": bool, "because": CODE,
        "saw?": (1, 64, saw, lambda s: s["fact"])}
ENVELOPE = {
    "v": range(1, 2), "id": ID, "file": ID, "of": CODE, "audience": ID, "thread": ID,
    "pos": range(2**53), "kind": CODE, "version": VERSION, "recorded": microseconds,
    "effective": microseconds, "shown?": ID, "mandate?": ID, "cites?": (1, 64, ID, None),
    "procedure?": PROCEDURE, "deadlines?": (1, 16, DEADLINE, None), "law": CODE,
    "facts?": (1, 128, fact, lambda f: f["name"]), "gates?": (1, 64, GATE, lambda g: g["gate"]),
    "commits?": (1, 16, {"name": CODE, "sum": HASH}, lambda c: c["name"]), "key?": ID}
MACHINE_KINDS = ("deadline.lapsed", "deadline.recomputed", "journal.digest", "key.destroyed",
                 "register.dumped")


def values_of(raw):
    """The envelope's values by name, or ValueError."""
    if len(raw) > 65536:
        raise ValueError("longer than 65536 bytes")
    if not raw.isascii():
        raise ValueError("not ASCII")
    try:
        values = json.loads(raw.decode())
    except RecursionError:
        raise ValueError("nested without end")
    check(ENVELOPE, values)
    if json.dumps(values, separators=(",", ":")).encode() != raw:
        raise ValueError("written again from its values it reads differently")
    if len(set(values.get("cites", ()))) != len(values.get("cites", ())):
        raise ValueError("cites: something is there twice")
    if values["effective"] > values["recorded"]:  # of one width: texts sort as times do
        raise ValueError("effective is after recorded")
    if ("mandate" in values) == (values["kind"] in MACHINE_KINDS):
        raise ValueError("mandate is absent exactly where a machine acts")
    return values
