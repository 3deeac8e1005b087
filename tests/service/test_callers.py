"""The file of callers: what it may say, and plain words for what it may not."""

import pytest

from core20plus5_service.callers import Right, read_callers
from core20plus5_service.errors import NotAllowedError, SetupError

GOOD = b"""
[callers.one]
rights = ["count", "exact"]
certificate = { dns = "one.example" }
[callers.two]
rights = []
certificate = { email = "two@example" }
token = { issuer = "i", subject = "s" }
"""


def test_found_by_what_is_proven() -> None:
    callers = read_callers(GOOD)
    one = callers.find([("email", "x"), ("dns", "one.example")])
    assert (one.name, one.rights) == ("one", {Right.COUNT, Right.EXACT})
    assert one.may(Right.COUNT)
    assert not one.may(Right.FLAGS)
    assert callers.find([("token", "i", "s")]) is callers.find([("email", "two@example")])
    for proven in ([], [("dns", "two@example")], [("token", "s", "i")], [("uri", "one.example")]):
        with pytest.raises(NotAllowedError, match="not among those"):
            callers.find(proven)
    with pytest.raises(NotAllowedError, match="more than one"):
        callers.find([("token", "i", "s"), ("dns", "one.example")])


ENTRY = '[callers.a]\nrights = ["count"]\ncertificate = { dns = "a" }\n'
BAD = [
    ("", "the file has tables"),
    ("x = 1", "the file has tables"),
    ("callers = 1", "the file has tables"),
    (ENTRY + "[other]", "the file has tables"),
    ("[callers", "no TOML"),
    ("\udcff", "no TOML"),
    (ENTRY.replace("callers.a", 'callers."a b"'), "a name has letters"),
    (ENTRY.replace("callers.a", 'callers."a:b"'), "a name has letters"),
    (ENTRY.replace("rights", "right"), "a has rights, and certificate"),
    (ENTRY.replace('rights = ["count"]', ""), "a: rights is a list of some of count, exact, flags"),
    (ENTRY.replace('["count"]', '"count"'), "a: rights is a list"),
    (ENTRY.replace('["count"]', '["all"]'), "a: rights is a list"),
    (ENTRY.replace('["count"]', '["exact"]'), "needs count as well"),
    (ENTRY.replace("certificate = ", "# "), "no certificate and no token"),
    (ENTRY.replace("{ dns", "{ name"), "a: certificate has one of common_name, dns, email, subject, uri, a text"),
    (ENTRY.replace('"a"', '""'), "a: certificate has one of"),
    (ENTRY.replace('"a"', "1"), "a: certificate has one of"),
    (ENTRY.replace('dns = "a"', 'dns = "a", uri = "b"'), "a: certificate has one of"),
    (ENTRY.replace('certificate = { dns = "a" }', 'token = { issuer = "a" }'), "a: token has issuer and subject, a text"),
    (ENTRY + ENTRY.replace("callers.a", "callers.b"), "b has the identity of a"),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_what_it_may_not_say(text: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        read_callers(text.encode(errors="surrogateescape"))
