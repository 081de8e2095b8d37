"""Figures, images, tables and dictionaries as the bytes of a file, in the format that the file's suffix names.

Libraries are imported where an object of theirs has to be written, and only then.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from trackside.errors import InvalidValueError

_YAML = (".yml", ".yaml")
_PIXEL_KINDS = {"b": "bool", "i": "integer", "u": "unsigned integer", "f": "floating point"}


def render_dict(dictionary: Mapping[str, Any] | Sequence[Any], path: str) -> bytes:
    """YAML where the suffix is ``.yml`` or ``.yaml``, else JSON; in JSON, what it does not know becomes text.

    Raises:
        InvalidValueError: YAML is asked for and PyYAML is not installed.
    """
    if _suffix(path) not in _YAML:
        return json.dumps(dictionary, indent=2, default=_plain).encode()
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise InvalidValueError(
            f"{path!r} asks for YAML, and PyYAML is not installed",
            hint="run `pip install pyyaml`, or use a name that ends in .json",
        ) from None
    text: str = yaml.dump(dictionary, indent=2, default_flow_style=False)
    return text.encode()


def render_figure(figure: Any, path: str, options: Mapping[str, Any]) -> bytes:
    """A Matplotlib figure (or anything with ``savefig``) or a Plotly figure.

    Args:
        figure: The figure.
        path: Name of the file; Matplotlib writes png, svg, pdf, jpg and more, Plotly html, json and, with the package
            ``kaleido``, png, jpeg, webp, svg and pdf.
        options: Passed on to the library.

    Raises:
        InvalidValueError: The object is no figure, or its library cannot write this format.
    """
    suffix = _suffix(path).removeprefix(".")
    if not suffix:
        raise InvalidValueError(
            f"the name {path!r} does not tell the figure's format", hint="add a suffix: .png, .html"
        )
    try:
        if hasattr(figure, "savefig"):
            buffer = io.BytesIO()
            figure.savefig(buffer, format=suffix, **options)
            return buffer.getvalue()
        if hasattr(figure, "to_html") and hasattr(figure, "to_image"):
            return _render_plotly(figure, suffix, dict(options))
    except (ValueError, ImportError, RuntimeError) as error:
        raise InvalidValueError(f"the figure could not be written as {path!r}: {error}") from error
    raise InvalidValueError(
        f"{path!r} needs a figure of Matplotlib or Plotly, not {type(figure).__name__}",
        hint="of an Axes, log `axes.figure`",
    )


def render_image(image: Any, path: str) -> bytes:
    """A Pillow image, or an array of pixels (see ``to_picture``), in the format that the suffix names.

    Raises:
        InvalidValueError: The object is no image, or Pillow cannot write this format.
    """
    picture, picture_format = to_picture(image), _pillow_format(_suffix(path))
    buffer = io.BytesIO()
    try:
        picture.save(buffer, format=picture_format)
    except (KeyError, OSError, ValueError) as error:
        raise InvalidValueError(f"the image could not be written as {path!r}: {error}", hint="use .png") from error
    return buffer.getvalue()


def to_picture(image: Any) -> Any:
    """The image as a Pillow image.

    Arrays are ``height x width``, with 1, 3 (RGB) or 4 (RGBA) channels last; bool, integers from 0 to 255, or floats
    from 0 to 1. Floats outside are stretched so that they fit, with a warning.

    Raises:
        InvalidValueError: The object is no image.
    """
    if hasattr(image, "to_pil"):
        return image.to_pil()
    if hasattr(image, "save") and hasattr(image, "resize"):
        return image
    if not hasattr(image, "dtype") or not hasattr(image, "shape"):
        raise InvalidValueError(f"an image must be a NumPy array or a Pillow image, not {type(image).__name__}")
    try:
        from PIL import Image
    except ImportError:
        raise InvalidValueError("writing an array as an image needs Pillow", hint="run `pip install pillow`") from None
    return Image.fromarray(_to_bytes(_to_pixels(image)))


def render_table(data: Any, path: str, earlier: bytes | None) -> bytes:
    """A DataFrame, or a dictionary of columns or of single values, as JSON in pandas' ``split`` form.

    Args:
        data: The rows.
        path: Name of the file; it must end in ``.json``.
        earlier: What the file holds so far; the new rows go below those.

    Raises:
        InvalidValueError: The data are no table, or the name has another suffix.
    """
    if _suffix(path) != ".json":
        raise InvalidValueError(f"a table is kept as JSON, and {path!r} does not end in .json")
    columns, rows = _to_columns_and_rows(data)
    if earlier is not None:
        columns, rows = _below(json.loads(earlier), columns, rows)
    return json.dumps({"columns": columns, "data": rows}, default=_plain).encode()


def _render_plotly(figure: Any, suffix: str, options: dict[str, Any]) -> bytes:
    if suffix in ("html", "htm"):
        text: str = figure.to_html(**{"include_plotlyjs": "cdn", **options})
        return text.encode()
    if suffix == "json":
        text = figure.to_json(**options)
        return text.encode()
    content: bytes = figure.to_image(format=suffix, **options)
    return content


def _pillow_format(suffix: str) -> str:
    from PIL import Image

    known = Image.registered_extensions()
    if suffix not in known:
        raise InvalidValueError(f"Pillow knows no image format {suffix!r}", hint="use .png")
    return known[suffix]


def _to_pixels(image: Any) -> Any:
    import numpy as np

    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    is_image = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))
    if not is_image or pixels.dtype.kind not in _PIXEL_KINDS or not pixels.size:
        raise InvalidValueError(
            f"an array of shape {tuple(image.shape)} and type {image.dtype} is no image",
            hint="height x width, or height x width x 1, 3 or 4 channels, of " + ", ".join(_PIXEL_KINDS.values()),
        )
    return pixels


def _to_bytes(pixels: Any) -> Any:
    """The pixels as numbers from 0 to 255."""
    import numpy as np

    low, high = pixels.min(), pixels.max()
    if pixels.dtype.kind in "iu":
        if low < 0 or high > 255:
            raise InvalidValueError(f"whole-number pixels must lie between 0 and 255, these between {low} and {high}")
        return pixels.astype(np.uint8)
    if low < 0 or high > 1:
        warnings.warn(f"pixels between {low} and {high} were stretched to fit between 0 and 1", stacklevel=5)
        pixels = (pixels - low) / (high - low)
    return (pixels * 255).astype(np.uint8)


def _to_columns_and_rows(data: Any) -> tuple[list[Any], list[list[Any]]]:
    if hasattr(data, "to_json") and hasattr(data, "columns"):
        table = json.loads(data.to_json(orient="split", index=False, date_format="iso"))
        return table["columns"], table["data"]
    if not isinstance(data, Mapping):
        raise InvalidValueError(f"a table must be a DataFrame or a dictionary of columns, not {type(data).__name__}")
    columns = [list(value) if _is_column(value) else [value] for value in data.values()]
    lengths = {str(key): len(column) for key, column in zip(data, columns, strict=True)}
    if len(set(lengths.values())) > 1:
        raise InvalidValueError(f"the columns of a table must be of the same length, not {lengths}")
    return list(data), [[_finite(value) for value in row] for row in zip(*columns, strict=True)]


def _is_column(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _below(earlier: Mapping[str, Any], columns: list[Any], rows: list[list[Any]]) -> tuple[list[Any], list[list[Any]]]:
    """The earlier rows, then the new ones; a column that only one side has is empty on the other."""
    together = [*earlier["columns"], *(column for column in columns if column not in earlier["columns"])]
    more = len(together) - len(earlier["columns"])
    old_rows = [[*row, *[None] * more] for row in earlier["data"]]
    new_rows = [[dict(zip(columns, row, strict=True)).get(column) for column in together] for row in rows]
    return together, old_rows + new_rows


def _finite(value: Any) -> Any:
    """NaN and infinities have no JSON; pandas writes null for them."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """A value of another library as JSON has it: the number inside it, or its text."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
