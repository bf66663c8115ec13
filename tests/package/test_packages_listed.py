"""The packages named in pyproject.toml are the folders that are packages, and data files have a home in one."""

import tomllib


def test_every_package_is_listed(root):
    listed = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    folders = {path.parent.relative_to(root) for path in root.rglob("__init__.py")}
    ours = {
        f
        for f in folders
        if f.parts[:1] not in (("tests",), ("build",)) and not any(p.startswith(".") for p in f.parts)
    }
    assert sorted(listed) == sorted(".".join(("heatseason", *folder.parts)) for folder in ours)
