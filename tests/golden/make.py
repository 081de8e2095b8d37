"""Make the golden databases: files that real releases of MLflow wrote, from the first stable one to the current.

    python tests/golden/make.py            all that are missing
    python tests/golden/make.py 2.4.2      this one, anew

Needs `uv` and, for each release, the Python named in RELEASES on the PATH. Every release is installed into an
environment of its own that is thrown away afterwards; it runs `write.py` in FOLDER, and what it leaves there, the
database and the artifacts, is kept in one archive: compressed, because new databases are mostly empty pages.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path("/tmp/trackside-golden")
"""Recorded in the databases; on another machine there is no such folder, as with files that people move."""
OLD_DATABASE = ["alembic<1.13", "sqlalchemy<2", "sqlparse"]
DATABASE = ["alembic", "sqlalchemy<2.1", "sqlparse"]
RELEASES = {
    "1.0.0": (
        "3.7",
        [
            *("mlflow==1.0.0", "alembic<1.5", "sqlalchemy<1.4", "protobuf<3.21", "numpy<1.22", "pandas<1.4"),
            *("flask<2.1", "itsdangerous<2.1", "jinja2<3.1", "markupsafe<2.1", "werkzeug<2.1", "setuptools<60"),
        ],
    ),
    "1.30.1": ("3.11", ["mlflow-skinny==1.30.1", *OLD_DATABASE, "numpy<2", "pandas<2.3", "setuptools<70"]),
    "2.4.2": ("3.11", ["mlflow-skinny==2.4.2", *DATABASE, "numpy<2", "pandas<2.3", "setuptools<70"]),
    "2.22.0": ("3.11", ["mlflow-skinny==2.22.0", *DATABASE, "numpy<3", "pandas<3", "setuptools<70"]),
    "3.17.2": ("3.11", ["mlflow-skinny==3.17.2", *DATABASE, "numpy", "pandas"]),
}


def main() -> None:
    """Make the databases that were asked for."""
    parser = argparse.ArgumentParser(description="Make the golden databases.")
    parser.add_argument("releases", nargs="*", help="which to make anew")
    releases = parser.parse_args().releases or [name for name in RELEASES if not archive(name).exists()]
    for release in releases:
        make(release)


def archive(release: str) -> Path:
    """Where what a release wrote is kept."""
    return HERE / f"mlflow-{release}.tar.gz"


def make(release: str) -> None:
    """Install a release, let it write, and keep what it wrote."""
    with tempfile.TemporaryDirectory() as name:
        write(install(release, Path(name)))
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name in ("mlflow.db", "mlruns"):
            tar.add(FOLDER / name, name, filter=anonymous)
    archive(release).write_bytes(gzip.compress(content.getvalue(), mtime=0))
    shutil.rmtree(FOLDER)
    print(f"{archive(release).name}: {archive(release).stat().st_size} bytes")  # noqa: T201


def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry that does not tell who made it, or when."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def install(release: str, folder: Path) -> Path:
    """The interpreter of a new environment that has the release."""
    python, requirements = RELEASES[release]
    environment = folder / "environment"
    subprocess.run(["uv", "venv", "--quiet", "--python", f"python{python}", environment], check=True)
    interpreter = environment / "bin" / "python"
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", interpreter, *requirements], check=True)
    return interpreter


def write(interpreter: Path) -> None:
    """Run `write.py` in an empty FOLDER."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "PYTHON"))}
    subprocess.run([interpreter, HERE / "write.py"], cwd=FOLDER, env=variables, check=True)


if __name__ == "__main__":
    main()
