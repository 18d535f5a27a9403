import os
import pathlib

SITE = pathlib.Path(os.environ.get("SITE", "site"))


def test_the_front_page_has_a_title():
    assert "<title>" in (SITE / "index.html").read_text()


def test_the_build_says_what_it_was_built_from():
    assert (SITE / "version.txt").read_text().strip()
