"""The whole screen: pyte's event vocabulary and what pyte does not dispatch.

``pyte.Stream`` calls the methods named in ``Stream.events``; the others are called
through ``dispatch``. Parameters arrive as numbers where 0 stands for "not given".
"""

from terminal_ai.terminal import charsets
from terminal_ai.terminal.events import Bell
from terminal_ai.terminal.screen.reports import Reports
from terminal_ai.terminal.style import apply_sgr


class Screen(Reports):
    """A canvas that obeys control functions and tells its host what matters to it."""

    def bell(self) -> None:
        """BEL."""
        self._emit(Bell())

    def shift_out(self) -> None:
        """SO, LS1: G1 is in use."""
        self.lock_shift(1)

    def shift_in(self) -> None:
        """SI, LS0: G0 is in use."""
        self.lock_shift(0)

    def lock_shift(self, shift: int) -> None:
        """LS0 to LS3: a set is in use until another is."""
        self.set_sets(self.sets, shift)

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: designate a set; ``mode`` stands for G0 to G3. Unknown sets are not."""
        number, name = charsets.DESIGNATORS.get(mode + code, (0, self.sets[0]))
        if name in charsets.NATIONAL_SETS and not self.modes.national_sets:
            return
        sets = (*self.sets[:number], name, *self.sets[number + 1 :])
        self.set_sets(sets, self.shift)

    def select_graphic_rendition(self, *parameters: int) -> None:
        """SGR with plain numbers, as ``pyte.Stream`` gives it."""
        self.set_graphics(";".join(map(str, parameters)))

    def set_graphics(self, parameters: str) -> None:
        """SGR as it was written, with sub-parameters."""
        self.set_style(apply_sgr(self.style, parameters))

    def debug(self, *_: object, **__: object) -> None:
        """Ignore what ``pyte.Stream`` could not dispatch."""
