"""Texts with what varies from run to run, for properties of masks and templates."""

from hypothesis import strategies as st

HEX = "0123456789abcdef"


def _hex(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(HEX, min_size=least, max_size=most)


def _number(least: int, most: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(str)


clocks = st.builds(
    "{:02}:{:02}:{:02}".format,
    st.integers(0, 23), st.integers(0, 59), st.integers(0, 59),
)  # fmt: skip
snippets = st.one_of(
    st.sampled_from(["/home/ada", "/home/ada/project", "/srv/app", "ada", "root"]),
    st.sampled_from(["src/main.c:12:34: error", "port 8080", "line 7", "exit 2"]),
    st.sampled_from(["/tmp/", "/proc/", "pid ", "at ", "after ", "in ", "==", "["]),
    st.builds("{}-{}-{}-{}-{}".format, _hex(8, 8), *[_hex(4, 4)] * 3, _hex(12, 12)),
    _hex(64, 64),
    _hex(1, 12),
    st.builds("0x{}".format, _hex(1, 16)),
    st.builds("pid {}".format, _number(1, 99_999)),
    st.builds("[{}]:".format, _number(1, 99_999)),
    st.builds("=={}==".format, _number(1, 99_999)),
    st.builds("2026-11-21T{}Z".format, clocks),
    st.builds("Nov 21 {}".format, clocks),
    clocks,
    st.builds("{}.{}s".format, _number(0, 99), _number(0, 999)),
    st.builds("after {} ms".format, _number(0, 9_999)),
    st.builds("/tmp/tmp{}/x.py".format, st.text(HEX + "_xyz", min_size=8, max_size=8)),
    st.builds("/tmp/ccA{}.o".format, _hex(5, 5)),
    st.builds("[redacted:token:{}]".format, _hex(6, 6)),
    st.builds("[… {} lines cut …]".format, _number(1, 9_999)),
    st.text(max_size=8),
)
glue = st.sampled_from(["", " ", "\n", ": ", "/", "-", ".", "'", "(", ")"])
texts = st.lists(st.tuples(snippets, glue), max_size=12).map(
    lambda parts: "".join(text + between for text, between in parts)
)
