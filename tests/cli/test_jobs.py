"""Which photographs, and where their results go: `plan_jobs` on files that need no content."""

import os
from pathlib import Path

import pytest
import typer

from huegram.cli.jobs import STREAM, Job, plan_jobs
from huegram.errors import PhotoReadError


@pytest.fixture
def touch(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return make


def planned(*inputs, out=None, recursive=False, format_name=None):
    jobs = plan_jobs(inputs, out, is_recursive=recursive, format_name=format_name)
    return {job.source.as_posix(): job.target.as_posix() for job in jobs}


def refused(*inputs, **options):
    with pytest.raises(typer.BadParameter) as error:
        planned(*inputs, **options)
    return error.value.message


class TestBeside:
    @pytest.mark.parametrize(
        ("name", "result"),
        {
            "a.jpg": "a.color.jpg",
            "A.JPG": "A.color.JPG",
            "a.jpeg": "a.color.jpeg",
            "my scan.tiff": "my scan.color.tiff",
            "größe 字.webp": "größe 字.color.webp",
            "a.b.png": "a.b.color.png",
            "a.gif": "a.color.png",
            "scan": "scan.color.png",
            "below/a.jpg": "below/a.color.jpg",
            "a.color.jpg": "a.color.color.jpg",
        }.items(),
    )
    def test_the_mark_comes_before_the_ending(self, name, result):
        assert planned(name) == {name: result}

    @pytest.mark.parametrize(
        ("format_name", "result"), [("PNG", "a.color.png"), ("JPEG", "a.color.jpg")]
    )
    def test_a_format_gives_its_own_ending(self, format_name, result):
        assert planned("a.tif", format_name=format_name) == {"a.tif": result}

    def test_files_need_not_exist_to_be_planned(self):
        assert planned("missing.jpg") == {"missing.jpg": "missing.color.jpg"}

    @pytest.mark.parametrize("name", ["x" * 300 + ".jpg", "x" * 253 + ".j"])
    def test_names_too_long_for_the_disk_are_planned_too(self, name):
        (job,) = plan_jobs([name], None, is_recursive=False, format_name=None)
        assert not job.is_done


class TestFolders:
    def test_photographs_of_a_folder_and_nothing_else(self, touch):
        touch("in/b.png", "in/a.jpg", "in/notes.txt", "in/._a.jpg", "in/sub/c.tif", "in/scan")
        (Path("in") / "folder.jpg").mkdir()
        found = planned("in")
        assert list(found) == ["in/a.jpg", "in/b.png"]

    def test_recursive_goes_to_the_bottom(self, touch):
        touch("in/a.jpg", "in/sub/deep/b.png")
        assert planned("in", recursive=True) == {
            "in/a.jpg": "in/a.color.jpg",
            "in/sub/deep/b.png": "in/sub/deep/b.color.png",
        }

    def test_the_structure_below_the_folder_is_kept(self, touch):
        touch("in/a.jpg", "in/sub/deep/a.jpg")
        assert planned("in", recursive=True, out="out") == {
            "in/a.jpg": "out/a.jpg",
            "in/sub/deep/a.jpg": "out/sub/deep/a.jpg",
        }

    def test_this_folder(self, touch):
        touch("a.jpg", "sub/b.jpg")
        expected = {"a.jpg": "a.color.jpg", "sub/b.jpg": "sub/b.color.jpg"}
        assert planned(".", recursive=True) == expected

    def test_hidden_folders_are_left_out(self, touch):
        touch("in/a.jpg", "in/.thumbnails/a.jpg")
        assert list(planned("in", recursive=True)) == ["in/a.jpg"]

    def test_results_that_lie_beside_are_left_out(self, touch):
        touch("in/a.jpg", "in/a.color.jpg")
        assert list(planned("in")) == ["in/a.jpg"]

    @pytest.mark.parametrize("out", ["in/out", "in/sub/out/", "./in/../in/out"])
    def test_results_in_a_folder_inside_are_left_out(self, touch, out):
        touch("in/a.jpg", f"{out}/a.jpg", f"{out}/sub/b.jpg")
        assert list(planned("in", recursive=True, out=out)) == ["in/a.jpg"]

    def test_a_folder_that_cannot_be_read_is_named(self, touch, monkeypatch):
        touch("in/a.jpg", "in/closed/b.jpg")
        scan = os.scandir

        def closed(path):
            if str(path).endswith("closed"):
                raise PermissionError(13, "Permission denied", str(path))
            return scan(path)

        monkeypatch.setattr(os, "scandir", closed)
        with pytest.raises(PhotoReadError, match=r"^in/closed: .*\(Permission denied\)"):
            planned("in", recursive=True)
        assert list(planned("in")) == ["in/a.jpg"]

    def test_a_folder_that_cannot_be_looked_at_is_left_to_the_reader(self, monkeypatch):
        def closed(path, **_):
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "stat", closed)
        assert planned("closed/a.jpg", out="out") == {"closed/a.jpg": "out/a.jpg"}

    @pytest.mark.parametrize(
        ("recursive", "hint"), [(False, "-r searches subfolders"), (True, "results")]
    )
    def test_no_photographs(self, touch, recursive, hint):
        touch("in/notes.txt", "in/a.color.jpg")
        message = refused("in", recursive=recursive)
        assert "no photographs in in;" in message
        assert hint in message


class TestOut:
    def test_a_folder(self, touch):
        Path("there").mkdir()
        for out in ("there", "new", "new.d/"):
            assert planned("sub/a.jpg", out=out) == {"sub/a.jpg": f"{out.rstrip('/')}/a.jpg"}

    def test_a_folder_with_a_dot_in_its_name(self, touch):
        Path("new.d").mkdir()
        assert planned("a.jpg", out="new.d") == {"a.jpg": "new.d/a.jpg"}
        assert planned("a.jpg", "b.jpg", out="v1.5") == {
            "a.jpg": "v1.5/a.jpg",
            "b.jpg": "v1.5/b.jpg",
        }

    def test_a_file(self):
        assert planned("a.jpg", out="sub/b.png") == {"a.jpg": "sub/b.png"}

    def test_a_file_for_several_photographs_is_refused(self, touch):
        touch("in/a.jpg")
        assert "b.jpg is a name for one photograph" in refused("a.jpg", "c.jpg", out="b.jpg")
        assert "b.jpg is a name for one photograph" in refused("in", out="b.jpg")

    @pytest.mark.parametrize("out", ["b.gif", "b.txt", "v1.5"])
    def test_an_ending_that_cannot_be_written_is_refused(self, out):
        assert "expected" in refused("a.jpg", out=out)

    def test_a_format_decides_where_the_ending_says_nothing(self):
        assert planned("a.jpg", out="b.data", format_name="PNG") == {"a.jpg": "b.data"}
        assert planned("a.jpg", out="b.jpeg", format_name="JPEG") == {"a.jpg": "b.jpeg"}

    def test_a_format_against_the_ending_is_refused(self):
        assert "does not fit" in refused("a.jpg", out="b.jpg", format_name="PNG")


class TestStreams:
    def test_from_input_to_output(self):
        for out in (None, "-"):
            assert plan_jobs(["-"], out, is_recursive=False, format_name=None) == [
                Job(STREAM, STREAM)
            ]

    def test_names(self):
        job = Job(STREAM, STREAM)
        assert (job.name, job.target_name, job.is_done) == (
            "standard input",
            "standard output",
            False,
        )

    def test_to_a_file_or_a_folder(self):
        assert planned("-", out="b.jpg") == {"-": "b.jpg"}
        assert planned("-", out="new") == {"-": "new/standard-input.png"}
        assert planned("-", out="new", format_name="JPEG") == {"-": "new/standard-input.jpg"}

    def test_a_file_to_standard_output(self):
        assert planned("a.jpg", out="-") == {"a.jpg": "-"}

    def test_several_to_standard_output_are_refused(self, touch):
        touch("in/a.jpg")
        for inputs in (["a.jpg", "b.jpg"], ["-", "b.jpg"], ["in"]):
            assert "standard output takes one" in refused(*inputs, out="-")

    def test_standard_input_twice_is_once(self):
        assert planned("-", "-") == {"-": "-"}


class TestTargets:
    def test_one_result_for_two_photographs_is_refused(self, touch):
        message = refused("x/a.jpg", "y/a.jpg", out="out")
        assert "x/a.jpg and y/a.jpg would both become out/a.jpg" in message
        assert "would both become" in refused("a.jpg", "a.png", format_name="PNG")
        assert "would both become" in refused("a.png", "a.gif")

    def test_the_same_photograph_twice_is_one(self, touch):
        touch("in/a.jpg")
        assert planned("a.jpg", "./a.jpg", "a.jpg") == {"a.jpg": "a.color.jpg"}
        assert planned("in", "in/a.jpg", out="out") == {"in/a.jpg": "out/a.jpg"}
        assert planned("a.jpg", "a.jpg", out="b.jpg") == {"a.jpg": "b.jpg"}

    def test_a_result_in_the_place_of_a_photograph_is_refused(self, touch):
        touch("in/a.jpg", "a.jpg")
        Path("link.jpg").symlink_to("a.jpg")
        assert "is one of the photographs" in refused("a.jpg", out="a.jpg")
        assert "is one of the photographs" in refused("a.jpg", out=".")
        assert "is one of the photographs" in refused("in", out="in")
        assert "is one of the photographs" in refused("link.jpg", out="a.jpg")
        assert "is one of the photographs" in refused("a.jpg", "a.color.jpg")

    def test_links_that_lead_to_themselves_are_left_to_the_reader(self):
        Path("loop.jpg").symlink_to("loop.jpg")
        assert planned("loop.jpg") == {"loop.jpg": "loop.color.jpg"}

    def test_is_done_says_that_the_result_is_there(self, touch):
        touch("a.color.jpg")
        assert Job(Path("a.jpg"), Path("a.color.jpg")).is_done
        assert not Job(Path("b.jpg"), Path("b.color.jpg")).is_done
