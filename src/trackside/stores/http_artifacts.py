"""The files of runs behind a tracking server, and where else a run's artifacts may be.

A server that serves artifacts records them as ``mlflow-artifacts:/path``, or with a host in front of the path where
another server serves them. Anything else is a folder, if this machine has it, or an object store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from trackside import settings
from trackside.entities import FileInfo
from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    StoreRefusedError,
    UnknownStoreError,
    UnsafePathError,
)
from trackside.stores._http import Body, Call, Download, Server
from trackside.stores._wire import read_answer
from trackside.stores.artifacts import LocalArtifacts, named_folder, normal_path
from trackside.stores.object_artifacts import ObjectArtifacts
from trackside.stores.pieces import CountedFile, Progress, draft_of, write_pieces
from trackside.stores.validation import not_unicode, short

if TYPE_CHECKING:
    from trackside.stores.base import Artifacts

SCHEME = "mlflow-artifacts"
_API = "/api/2.0/mlflow-artifacts/artifacts"


class HttpArtifacts:
    """The files of one run, sent and fetched through a server in pieces.

    Whether a reader can see half of a file that is being written is up to the server; MLflow's own writes files whole.

    Args:
        server: The server that serves them.
        root: The run's folder among all that the server serves.
    """

    def __init__(self, server: Server, root: str) -> None:
        self._server = server
        self._root = normal_path(root)

    def list(self, path: str = "") -> tuple[FileInfo, ...]:
        """The files and directories directly in ``path``, by name; empty where nothing is there."""
        prefix = normal_path(path)
        call = Call("GET", _API, query={"path": self._full(prefix)})
        answer = self._server.ask(call)
        found = read_answer(
            self._server.shown(call), answer, lambda got: [_read_file(item, prefix) for item in got.get("files") or ()]
        )
        return tuple(sorted(found, key=lambda file: file.path))

    def read_bytes(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """The content of a file."""
        with self._fetch(path) as download:
            _check_size(path, download.length or 0, max_bytes)
            return _collect(path, download.chunks, max_bytes)

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file whole, replacing one that is there."""
        self._put(path, lambda: content)

    def read_file(self, path: str, target: Path, *, progress: Progress | None = None) -> None:
        """Copy a file to a local path, without reading it into memory."""
        with self._fetch(path) as download, draft_of(target) as draft, draft.open("wb") as file:
            write_pieces(download.chunks, file, download.length, progress)

    def write_file(self, source: Path, path: str, *, progress: Progress | None = None) -> None:
        """Copy a local file to ``path``, without reading it into memory."""
        if not source.is_file():
            raise InvalidValueError(f"there is no file {str(source)!r} to keep as an artifact")
        size = source.stat().st_size
        self._put(path, lambda: CountedFile(source, progress) if size else b"")
        if progress and not size:
            progress(0, 0)

    def local_path(self, path: str = "") -> Path | None:
        """None: the files are on the server."""
        normal_path(path)
        return None

    @contextmanager
    def _fetch(self, path: str) -> Iterator[Download]:
        call = Call("GET", self._url_path(path), missing_is_ok=True)
        missing = ArtifactNotFoundError(f"there is no artifact {short(path)} at {self._server.shown(call)}")
        try:
            with self._server.stream(call) as download:
                if download is None:
                    raise missing
                yield download
        except StoreRefusedError as refusal:
            if "directory" not in refusal.reason:
                raise
            raise missing from None

    def _put(self, path: str, body: Body) -> None:
        if not normal_path(path):
            raise UnsafePathError(f"an artifact needs a name, got {short(path)}")
        self._server.ask_raw(Call("PUT", self._url_path(path), body=body))

    def _url_path(self, path: str) -> str:
        try:
            return f"{_API}/{quote(self._full(normal_path(path)))}"
        except UnicodeEncodeError as error:
            raise not_unicode(error) from None

    def _full(self, path: str) -> str:
        """The path among all that the server serves, if the server will take it for the same path."""
        if "#" in path or unquote(path) != path:
            raise InvalidValueError(
                f"the artifact path {short(path)} has '#' or a percent code, which a tracking server would change",
                hint="Give the file another name.",
            )
        return "/".join(part for part in (self._root, path) if part)


def open_artifacts(uri: str, server: Server) -> Artifacts:
    """The artifacts at a URI that a run of a server recorded.

    Raises:
        UnknownStoreError: They are at a place that cannot be reached from here.
    """
    parts = urlsplit(uri)
    if parts.scheme == SCHEME:
        return HttpArtifacts(_artifact_server(uri, server), unquote(parts.path).lstrip("/"))
    if parts.scheme in ("http", "https"):
        base, marker, path = uri.partition(f"{_API}/")
        if not marker:
            raise UnknownStoreError(f"the artifacts at {uri} are not served by a tracking server")
        return HttpArtifacts(_server_at(base, server), unquote(path))
    folder = named_folder(uri)
    if folder is not None and (server.address.is_this_machine or _is_shared(folder)):
        return LocalArtifacts(folder)
    if folder is not None or parts.scheme == "file" or len(parts.scheme) < 2:
        raise UnknownStoreError(
            f"the artifacts at {short(uri, 200)} are on the machine of {server.address.url}, which does not serve them",
            hint="Start the server with --serve-artifacts, and log to a new experiment there.",
        )
    return ObjectArtifacts(uri)


def _artifact_server(uri: str, server: Server) -> Server:
    netloc = urlsplit(uri).netloc.rpartition("@")[2].lower()
    if netloc.isdecimal():
        raise InvalidValueError(
            f"{uri!r} names a port without a host", hint="Write it as mlflow-artifacts://host:port/…"
        )
    tracking = urlsplit(server.address.url)
    return _server_at(f"{tracking.scheme}://{netloc}{tracking.path}", server) if netloc else server


def _server_at(url: str, server: Server) -> Server:
    """The server at an address that a run recorded. Strange servers get no credentials: anyone can record anything."""
    trusted = {host.strip().lower() for host in settings.ARTIFACT_HOSTS.read().split(",")}
    other = Server(url, with_credentials=False)
    if other.address.url == server.address.url:
        return server
    is_trusted = other.address.host in trusted or other.address.host == server.address.host
    return Server(url) if is_trusted else other


def _is_shared(folder: Path) -> bool:
    """Whether this machine has the folder of the run, of its experiment, or the one of all experiments."""
    return any(place.is_dir() for place in [folder, *folder.parents][:4] if place != Path(place.anchor))


def _read_file(item: dict[str, Any], prefix: str) -> FileInfo:
    name = str(item["path"]).rstrip("/").rpartition("/")[2]
    path = f"{prefix}/{name}" if prefix else name
    if item.get("is_dir"):
        return FileInfo(path, is_dir=True)
    return FileInfo(path, is_dir=False, file_size=int(item.get("file_size") or 0))


def _collect(path: str, chunks: Iterable[bytes], max_bytes: int | None) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        _check_size(path, len(content), max_bytes)
    return bytes(content)


def _check_size(path: str, size: int, max_bytes: int | None) -> None:
    if max_bytes is not None and size > max_bytes:
        raise InvalidValueError(f"artifact {short(path)} has at least {size} bytes; at most {max_bytes} were asked for")
