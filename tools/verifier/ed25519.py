"""Verification of Ed25519 signatures (RFC 8032 §5.1), as docs/leaf.md §3 wants it:
without cofactor, and what is not canonical or of small order refused. Only public
values are handled here, so nothing is constant-time."""
import hashlib

# Points are extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    """The addition law of this curve is complete: it doubles too, and never fails."""
    ax, ay, az, at = a
    bx, by, bz, bt = b
    m, n = (ay - ax) * (by - bx) % P, (ay + ax) * (by + bx) % P
    c, d = 2 * D * at * bt % P, 2 * az * bz % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def same_point(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 == (a[1] * b[2] - b[1] * a[2]) % P


def point_of(raw):
    """The point, or ValueError for bytes that are none, not its one encoding, or of small
    order: under such a key one signature fits many texts (§3)."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == (P - u) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or v * x * x % P != u or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = x if x & 1 == sign else P - x
    point = (x, y, 1, x * y % P)
    if same_point(times(8, point), times(0, point)):
        raise ValueError("a point of small order")
    return point


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def holds(public, message, signature):
    """[S]B = R + [k]A, without cofactor. R is in its one encoding, so that points are
    equal exactly where their bytes are."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:  # else S + L would be a second signature
        return False
    try:
        start = point_of(r)
    except ValueError:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    return same_point(times(s, BASE), add(start, times(k, point_of(public))))
