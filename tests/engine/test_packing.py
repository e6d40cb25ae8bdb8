"""What is stored small comes back byte for byte, also years later."""

import hashlib
from pathlib import Path

import pytest
import zstandard
from sqlalchemy.dialects.sqlite import dialect

import engine.storage
from engine.storage.packing import Packed, unpack

FOLDER = Path(engine.storage.__file__).parent


@pytest.mark.parametrize(
    ("words", "sha256"),
    [
        ("records", "196edc10bf669eb98c2c35d3b44be5a5279dba1193e1d50330f1b9ba44175548"),
        ("documents", "2cc921724c2ae93597d103d7f330c98be6e6ad59ec5757143d6de0c7c31b7d73"),
    ],
)
def test_a_dictionary_never_changes_since_every_stored_row_needs_it(words: str, sha256: str) -> None:
    assert hashlib.sha256((FOLDER / f"{words}.zdict").read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize("words", ["records", "documents"])
@pytest.mark.parametrize(
    "value",
    [b"", b"\0", b'{"type":"TimerArmed"}', bytes(range(256)) * 5000],
    ids=["empty", "nul", "event", "file"],
)
def test_every_value_comes_back_as_it_was(words: str, value: bytes) -> None:
    packed = Packed(words).process_bind_param(value, dialect())

    assert packed is not None
    assert unpack(packed) == value


def test_a_value_that_needs_an_unknown_dictionary_is_named() -> None:
    trained = zstandard.train_dictionary(1024, [b"%d and %d" % (n, n * n) for n in range(9000)], dict_id=77)

    with pytest.raises(ValueError, match="found 77"):
        unpack(zstandard.ZstdCompressor(dict_data=trained).compress(b"5 and 25" * 20))
