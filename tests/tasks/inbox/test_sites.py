"""For which site a dropped file is: its folder, its lines or its name say so, in this order."""

import pytest

from fleet.roster.choices import NO_CHOICES
from sheets.read import read
from tasks.inbox.folder import Dropped
from tasks.inbox.sites import MOST_SITES, NoSite, sites_of

PLAIN = "device,mac\nedge-1,02:df:39:32:24:99\n"
SITES = "site,device\nPlant 7,edge-1\nplant-8,edge-1\nplant 7,edge-2\n"
HALLS = "Standort,device\npress shop,edge-1\nhall 3,edge-2\n"


@pytest.mark.parametrize(
    ("folder", "name", "text", "sites"),
    [
        ("plant-9", "july.csv", PLAIN, ["plant-9"]),
        ("Plant 9", "plant-7.csv", SITES, ["plant-9"]),
        ("", "plant-7.csv", PLAIN, ["plant-7"]),
        ("", "Plant 7.csv", PLAIN, ["plant-7"]),
        ("", "july.csv", SITES, ["plant-7", "plant-8"]),
        ("", "plant-7.csv", SITES, ["plant-7", "plant-8"]),
        ("", "plant-7.csv", HALLS, ["plant-7"]),
        ("", "inventory.csv", HALLS, ["press-shop", "hall-3"]),
    ],
)
def test_the_sites_of_a_file(folder, name, text, sites):
    file = Dropped(name, name, folder, ())

    assert sites_of(read(text), file, NO_CHOICES, {"plant-7"}) == sites


@pytest.mark.parametrize(
    ("folder", "name", "text"),
    [
        ("", "July (2).csv", PLAIN),
        ("", "inventory.csv", PLAIN),
        ("(new)", "plant-7.csv", PLAIN),
        ("", "july.csv", "site,device\n(unknown),edge-1\n"),
    ],
)
def test_where_nothing_names_a_site_it_is_said(folder, name, text):
    with pytest.raises(NoSite):
        sites_of(read(text), Dropped(name, name, folder, ()), NO_CHOICES, {"plant-7"})


def of_sites(count):
    lines = "".join(f"plant-{n},edge-1\n" for n in range(count))
    return sites_of(
        read(f"site,device\n{lines}"), Dropped("july.csv", "july.csv", "", ()), NO_CHOICES, ()
    )


def test_a_file_of_very_many_sites_is_not_planned_for_each():
    assert len(of_sites(MOST_SITES)) == MOST_SITES
    with pytest.raises(NoSite):
        of_sites(MOST_SITES + 1)
