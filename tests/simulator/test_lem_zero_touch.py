"""Zero-touch profiles, and the devices that need nobody's approval."""

ELEMENT = {
    "id",
    "projectId",
    "configName",
    "staticIPEnabled",
    "asyncSubtaskId",
    "ztBundleFileName",
    "ztBundleFileSize",
    "checksum",
    "createdBy",
    "createTime",
    "updatedBy",
    "updateTime",
    "generatedBy",
    "generateTime",
    "ztConfig",
    "asyncSubtaskStatus",
    "asyncSubtaskProgress",
}


def profiles(lem):
    return lem.get(f"zt/{lem.project}/config").json()


def test_a_project_without_profiles_lists_none(lem):
    assert profiles(lem)["elements"] == []


def test_a_profile_is_listed_in_the_documented_shape(lem):
    made = lem.control("lem/zero-touch", name="press-shop", device_count=3)

    page = profiles(lem)

    assert (page["pageNum"], page["pagesCount"], page["size"], page["totalSize"]) == (0, 1, 1, 1)
    assert page["elements"] == [made]
    assert made.keys() == ELEMENT
    assert made["ztConfig"]["activation"].keys() == {"code", "url", "cert"}
    assert made["ztBundleFileName"] == f"{lem.project}/zerotouch-press-shop-{made['id'][:8]}.zip"


def test_a_profile_has_a_config_of_its_own(lem):
    made = lem.control("lem/zero-touch", name="press-shop", device_count=3)

    (config,) = lem.get("activation/config/list", projectId=lem.project).json()

    assert config["code"] == made["ztConfig"]["activation"]["code"]
    assert config["deviceCount"] == 3


def test_making_a_profile_again_changes_nothing(lem):
    made = [lem.control("lem/zero-touch", name="press-shop", device_count=3) for _ in range(2)]

    assert made[0] == made[1]
    assert profiles(lem)["totalSize"] == 1


def test_nobody_makes_a_profile_in_an_unknown_project(lem):
    reply = lem.http.post("/_simulator/lem/zero-touch", json={"project": "nowhere", "name": "x"})

    assert reply.status_code == 404


def test_a_zero_touch_device_is_approved_by_nobody(lem):
    lem.control("lem/zero-touch", name="press-shop", device_count=3)
    lem.boot({"name": "edge-1", "behavior": "zero-touch", "profile": "press-shop"})
    lem.pass_time(60)

    (request,) = lem.requests()

    assert request["status"] == "ACTIVATED"
    assert lem.observation("calls")["approvals"] == {}


def test_a_zero_touch_device_waits_for_its_profile(lem):
    lem.boot({"name": "edge-1", "behavior": "zero-touch", "profile": "press-shop"})
    lem.control("lem/zero-touch", name="paint-shop", device_count=3)
    assert lem.requests() == []

    lem.control("lem/zero-touch", name="press-shop", device_count=3)

    assert len(lem.requests()) == 1


def test_a_profiles_code_is_nobody_elses(lem):
    lem.control("lem/zero-touch", name="press-shop", device_count=3)
    lem.control("lem/zero-touch", name="paint-shop", device_count=1)
    lem.boot({"name": "edge-1"}, {"name": "edge-2", "own_code": True})

    assert lem.requests() == []


def test_an_exhausted_profile_admits_nobody(start):
    lem = start(seconds_per_step=0)
    lem.control("lem/zero-touch", name="press-shop", device_count=1)
    lem.boot({"name": "edge-1", "behavior": "zero-touch"})
    lem.requests()

    lem.boot({"name": "edge-2", "behavior": "zero-touch"})

    assert len(lem.requests()) == 1
