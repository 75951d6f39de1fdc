"""Settings: which of flag, variable, file and default wins, where the index goes, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import Settings
from zunda_mcp.errors import SettingsError

NO_VARIABLES: dict[str, str] = {}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache of the test's own, on whatever system it runs."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, **_: cache / name)
    return cache


def folder(path: Path, toml: str | None = None) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    if toml is not None:
        (path / "zunda-mcp.toml").write_text(toml, encoding="utf-8")
    return path.resolve()


def load(cwd: Path, *episodes: str | Path, **more: object) -> Settings:
    return load_settings(**{"episodes": episodes, "environ": NO_VARIABLES, "cwd": cwd, **more})  # type: ignore[arg-type]


def refusal(cwd: Path, *episodes: str | Path, **more: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load(cwd, *episodes, **more)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- which place wins ---


def test_a_flag_wins_over_the_variable_the_variable_over_the_file(tmp_path: Path) -> None:
    posts = folder(tmp_path / "posts", 'name = "file"\nlanguage = "file"\ntimezone = "Asia/Tokyo"\n')
    environ = {"ZUNDA_MCP_NAME": "variable", "ZUNDA_MCP_LANGUAGE": "variable"}
    settings = load(tmp_path, posts, environ=environ, name="flag")
    assert (settings.name, settings.language, settings.timezone) == ("flag", "variable", "Asia/Tokyo")
    assert settings.page_url is None


def test_every_text_can_come_from_its_variable(tmp_path: Path) -> None:
    texts = {"name": "n", "language": "ja", "timezone": "UTC", "page_url": "p", "file_url": "f", "site_url": "s"}
    settings = load(tmp_path, tmp_path, environ={f"ZUNDA_MCP_{key.upper()}": value for key, value in texts.items()})
    assert settings.model_dump(include=set(texts)) == texts


def test_the_variable_names_several_folders_as_path_does(tmp_path: Path) -> None:
    environ = {"ZUNDA_MCP_EPISODES": os.pathsep.join(["b", "", "a", "b"])}
    assert load(tmp_path, environ=environ).episodes == ((tmp_path / "b").resolve(), (tmp_path / "a").resolve())
    assert load(tmp_path, "c", environ=environ).episodes == ((tmp_path / "c").resolve(),)


@pytest.mark.parametrize("nothing", ["", "  ", "${user_config.x}", " ${NAME} "])
def test_an_empty_value_or_a_left_over_placeholder_counts_as_not_given(tmp_path: Path, nothing: str) -> None:
    posts = folder(tmp_path / "episodes", 'name = "file"')
    environ = dict.fromkeys(("ZUNDA_MCP_EPISODES", "ZUNDA_MCP_INDEX", "ZUNDA_MCP_NAME", "ZUNDA_MCP_TIMEZONE"), nothing)
    settings = load(tmp_path, nothing, environ=environ, index=nothing, name=nothing)
    assert settings == load(tmp_path)
    assert (settings.episodes, settings.name, settings.timezone) == ((posts,), "file", None)


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    settings = load(tmp_path / "elsewhere", "~/posts", index="~/idx")
    assert (settings.episodes[0], settings.index) == ((tmp_path / "posts").resolve(), (tmp_path / "idx").resolve())


def test_links_and_dots_in_paths_are_resolved(tmp_path: Path) -> None:
    posts = folder(tmp_path / "posts")
    assert load(tmp_path, "x/../posts", posts).episodes == (posts,)


# --- where the index goes ---


def test_the_default_episodes_have_their_index_beside_them(tmp_path: Path) -> None:
    folder(tmp_path / "episodes")
    settings = load(tmp_path)
    assert settings.episodes == ((tmp_path / "episodes").resolve(),)
    assert settings.index == (tmp_path / "index").resolve()


def test_named_episodes_have_their_index_in_the_users_cache(tmp_path: Path, own_cache: Path) -> None:
    folder(tmp_path / "episodes")
    index = load(tmp_path, "episodes").index
    assert index.parent == (own_cache / "zunda-mcp").resolve()
    assert index.name.startswith("episodes-")
    assert len(index.name) == len("episodes-") + 8


def test_two_archives_never_share_an_index_folder_and_one_keeps_its_own(tmp_path: Path) -> None:
    first, second = load(tmp_path, "a/_posts").index, load(tmp_path, "b/_posts").index
    assert first != second
    assert load(tmp_path / "a", "_posts").index == first


def test_an_archive_folder_with_a_japanese_name_gets_a_plain_index_folder(tmp_path: Path) -> None:
    assert load(tmp_path, "ずんだ").index.name.startswith("archive-")


def test_the_index_is_where_flag_or_variable_say(tmp_path: Path) -> None:
    environ = {"ZUNDA_MCP_INDEX": "by-variable"}
    assert load(tmp_path, "posts", environ=environ).index == (tmp_path / "by-variable").resolve()
    assert load(tmp_path, "posts", environ=environ, index="by-flag").index == (tmp_path / "by-flag").resolve()


@pytest.mark.parametrize("index", ["posts", "posts/index", "posts/../posts/x", ".", ".."])
def test_an_index_inside_or_around_the_archive_is_refused(tmp_path: Path, index: str) -> None:
    assert "--index" in refusal(tmp_path, "posts", index=index)


# --- the file ---


def test_the_file_is_found_in_the_episodes_folder_before_its_parent(tmp_path: Path) -> None:
    folder(tmp_path, 'name = "outer"')
    assert load(tmp_path, folder(tmp_path / "a", 'name = "inner"')).name == "inner"
    assert load(tmp_path, folder(tmp_path / "b")).name == "outer"
    assert load(tmp_path, folder(tmp_path / "b" / "c")).name is None


def test_folders_listed_in_the_file_are_read_where_the_named_folder_is_the_files_own(tmp_path: Path) -> None:
    site = folder(tmp_path / "site", 'episodes = ["_posts", "_posts.bak"]')
    assert load(tmp_path, site).episodes == (site / "_posts", site / "_posts.bak")
    assert load(tmp_path, site / "_posts.bak").episodes == (site / "_posts.bak",)


def test_folders_listed_in_the_file_win_over_the_default_folder(tmp_path: Path, own_cache: Path) -> None:
    folder(tmp_path, 'episodes = ["_posts"]')
    settings = load(tmp_path)
    assert settings.episodes == ((tmp_path / "_posts").resolve(),)
    assert settings.index.is_relative_to(own_cache.resolve())


def test_a_file_that_lists_just_the_default_folder_changes_nothing(tmp_path: Path) -> None:
    folder(tmp_path, 'episodes = ["episodes"]')
    folder(tmp_path / "episodes")
    assert load(tmp_path).index == (tmp_path / "index").resolve()


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "zunda-mcp.toml").write_bytes('\ufeffname = "ずんだ"\r\n'.encode())
    assert load(tmp_path, tmp_path).name == "ずんだ"


# --- what is refused ---


def test_an_unknown_key_in_the_file_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    site = folder(tmp_path / "site", 'timezon = "Asia/Tokyo"')
    message = refusal(tmp_path, site)
    assert str(site / "zunda-mcp.toml") in message
    assert "timezon " in message
    assert "Did you mean timezone?" in message


def test_an_unknown_key_like_no_other_is_refused_with_all_of_them(tmp_path: Path) -> None:
    assert "episodes, archives, ignore, name, language" in refusal(tmp_path, folder(tmp_path, "q = 1"))


@pytest.mark.parametrize("line", ["name = 1", 'episodes = "x"', "episodes = [1]", "episodes = []", "page_url = []"])
def test_a_value_of_the_wrong_type_is_refused_with_an_example(tmp_path: Path, line: str) -> None:
    message = refusal(tmp_path, folder(tmp_path, line))
    assert f"zunda-mcp.toml: {line.split(maxsplit=1)[0]} " in message
    assert "Write " in message


def test_the_file_of_an_archive_cannot_name_an_index(tmp_path: Path) -> None:
    assert "--index" in refusal(tmp_path, folder(tmp_path, 'index = "index"'))


@pytest.mark.parametrize("content", [b"name = ", b'name = "\xff"'])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    folder(tmp_path)
    (tmp_path / "zunda-mcp.toml").write_bytes(content)
    assert str(tmp_path.resolve() / "zunda-mcp.toml") in refusal(tmp_path, tmp_path)


def test_two_different_files_for_one_archive_are_refused(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "a", 'name = "a"'), folder(tmp_path / "b", 'name = "b"')
    assert "Two settings files" in refusal(tmp_path, one, other)


def test_an_unknown_variable_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    message = refusal(tmp_path, tmp_path, environ={"ZUNDA_MCP_EPISODE": "x"})
    assert "ZUNDA_MCP_EPISODE " in message
    assert "Did you mean ZUNDA_MCP_EPISODES?" in message


def test_variables_for_tests_and_of_others_are_left_alone(tmp_path: Path) -> None:
    load(tmp_path, tmp_path, environ={"ZUNDA_MCP_TEST_X": "1", "ZUNDA_MCP_STATE": "x", "ZUNDA": "1", "PATH": "x"})


def test_an_unknown_override_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    assert "Did you mean language?" in refusal(tmp_path, tmp_path, langage="ja")


@pytest.mark.parametrize("name", ["Asia/Tokio", "+09:00", "../etc/passwd", "Asia", "x\0y"])
def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, tmp_path, environ={"ZUNDA_MCP_TIMEZONE": name})
    assert message.startswith("ZUNDA_MCP_TIMEZONE: ")
    assert "Asia/Tokyo" in refusal(tmp_path, tmp_path, timezone="Asia/Tokio")


def test_no_folder_named_and_no_default_folder_says_which_flag_to_pass(tmp_path: Path) -> None:
    assert "--episodes DIR" in refusal(tmp_path)


def test_a_named_folder_need_not_exist_here(tmp_path: Path) -> None:
    assert load(tmp_path, "nowhere").episodes == ((tmp_path / "nowhere").resolve(),)


def test_an_impossible_path_is_refused(tmp_path: Path) -> None:
    assert "--episodes" in refusal(tmp_path, "a\0b")


@pytest.mark.parametrize(
    "value",
    ["[" * 50_000, "{a=" * 20_000, "9" * 5000, '"x"\n' + "a." * 500_000 + "b = 1"],
    ids=["lists", "tables", "digits", "dots"],
)
def test_a_settings_file_made_to_break_the_reader_is_refused_in_a_sentence(tmp_path: Path, value: str) -> None:
    (tmp_path / "zunda-mcp.toml").write_text(f"name = {value}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"zunda-mcp\.toml cannot be read as TOML"):
        load_settings(episodes=[tmp_path], index=tmp_path.parent / "elsewhere", environ={}, cwd=tmp_path)
