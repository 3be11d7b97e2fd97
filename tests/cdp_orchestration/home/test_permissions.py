import grp
import os
import stat

import pytest

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.permissions import close_home, let_readers_pass, share_file, share_folder
from cdp_orchestration.home.writer_lock import writer_lock


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def own_group():
    return grp.getgrgid(os.getgid()).gr_name


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o777, 0o700), (0o750, 0o700), (0o710, 0o710)])
def test_a_home_of_an_earlier_version_is_closed_by_its_next_writer(tmp_path, before, after):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(before)
    with writer_lock(home / "writer.lock", "a test"):
        assert _mode(home) == after


def test_a_new_home_is_closed_from_its_first_moment(tmp_path):
    close_home(tmp_path / "new")
    assert _mode(tmp_path / "new") == 0o700


def test_a_folder_that_all_users_share_stays_as_it_is(tmp_path):
    tmp_path.chmod(0o1777)
    close_home(tmp_path)
    assert _mode(tmp_path) == 0o1777


def test_a_group_reads_releases_and_passes_through_the_home_that_it_cannot_list(tmp_path, own_group):
    release = tmp_path / "home" / "releases" / "one"
    release.mkdir(parents=True)
    table = release / "profiles.parquet"
    table.write_bytes(b"rows")
    let_readers_pass(tmp_path / "home", [release.parent], own_group)
    share_folder(release, own_group)
    with writer_lock(tmp_path / "home" / "writer.lock", "a test"):
        modes = [_mode(path) for path in (tmp_path / "home", release.parent, release, table)]
    assert modes == [0o710, 0o750, 0o750, 0o640]


def test_a_file_that_is_replaced_stays_open_to_those_who_could_read_it(tmp_path, own_group):
    pointer = tmp_path / "CURRENT.json"
    write_json(pointer, {"release_id": "one"})
    share_file(pointer, own_group)
    write_json(pointer, {"release_id": "two"})
    assert _mode(pointer) == 0o640


def test_a_group_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"the group .no such group.*expect a group of this machine"):
        share_folder(tmp_path, "no such group")
