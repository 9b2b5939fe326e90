"""A link that opens a sheet in a browser is told from one that gives the file."""

import pytest

from tasks.text.share_link import remedy_for

GOOGLE = "https://docs.google.com/spreadsheets/d/1AbC-d_e"
SHAREPOINT = "https://plant.sharepoint.com/:x:/s/site/EaBc"
DROPBOX = "https://www.dropbox.com/scl/fi/abc/plant-7.xlsx"


@pytest.mark.parametrize(
    ("link", "remedy"),
    [
        (f"{GOOGLE}/edit?usp=sharing", "/export?format=xlsx"),
        (f"{GOOGLE}/edit#gid=0", "/export?format=xlsx"),
        (f"{GOOGLE}/view", "/export?format=xlsx"),
        (GOOGLE, "/export?format=xlsx"),
        ("https://drive.google.com/file/d/1AbC/view?usp=sharing", "uc?export=download"),
        (SHAREPOINT, "?download=1"),
        (f"{SHAREPOINT}?e=abc", "&download=1"),
        ("https://plant-my.sharepoint.com/:x:/p/ada/EaBc?e=1", "&download=1"),
        ("https://1drv.ms/x/s!AbC", "browser"),
        ("https://onedrive.live.com/edit.aspx?resid=1", "browser"),
        (f"{DROPBOX}?rlkey=x&dl=0", "dl=1"),
        (f"{DROPBOX}?rlkey=x", "dl=1"),
    ],
)
def test_what_to_give_instead_is_said(link, remedy):
    assert remedy in (remedy_for(link) or "")


@pytest.mark.parametrize(
    "link",
    [
        f"{GOOGLE}/export?format=xlsx",
        f"{GOOGLE}/export?format=csv&gid=0",
        "https://docs.google.com/spreadsheets/d/e/2PACX-1v/pub?output=csv",
        "https://drive.google.com/uc?export=download&id=1",
        f"{SHAREPOINT}?e=abc&download=1",
        f"{DROPBOX}?rlkey=x&dl=1",
        "https://files.example.com/edit",
        "https://notdropbox.com/plant-7.xlsx",
        "http://[",
    ],
)
def test_any_other_link_is_read_as_it_is(link):
    assert remedy_for(link) is None
