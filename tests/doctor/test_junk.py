"""Whatever is in the files, the doctor answers or says what is wrong: it never fails."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from personalize_permissions.doctor._files import EvidenceError
from tests.doctor.test_faults import examined
from tests.doctor.worlds import World, healthy
from tests.security.junk import dumped, spoiled


class Spoilt(World):
    """An account of which one file has something else in one place."""

    spoil: Any = None

    def files(self, folder: Path) -> Path:
        super().files(folder)
        self.spoil(folder)
        return folder


@given(data=st.data())
def test_junk_anywhere_is_an_answer_or_an_error_that_names_it(data: st.DataObject) -> None:
    world = healthy("import", key=True, boundary=True)
    spoilt = Spoilt(world.use, world.sides)

    def spoil(folder: Path) -> None:
        file = data.draw(st.sampled_from(sorted(folder.glob("*.json"))))
        file.write_text(dumped(data.draw(spoiled(json.loads(file.read_text())))))

    spoilt.spoil = spoil
    with tempfile.TemporaryDirectory() as folder, suppress(EvidenceError):
        assert str(examined(spoilt, Path(folder)))
