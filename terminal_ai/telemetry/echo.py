"""One span from a key to its echo on the screen."""

from terminal_ai.telemetry.spans import NO_SPAN, Span, Tracer

NAME = "key.echo"
STALE_SECONDS = 0.5
"""A key that shows nothing for so long is forgotten when the next one comes: a
password is typed, or the program reads no keys."""

_IDLE, _PRESSED, _WRITTEN, _ARRIVED, _FED = range(5)


class KeyEcho:
    """Follows one key at a time; the others meanwhile, and all output, cost nothing.

    The steps are events of the span: ``written`` to the pty, output ``arrived``, it
    was ``fed`` to the emulator, and the rows ``painted`` end it. What passes between
    ``written`` and ``arrived`` is the program's time. In a flood nobody can tell which
    output is the key's: the span is tagged ``flooded``.
    """

    __slots__ = ("_span", "_step", "_tracer")

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._span: Span = NO_SPAN
        self._step = _IDLE

    def pressed(self, ago_seconds: float, *, is_flooded: bool) -> None:
        """A key that came some time ago is about to be sent to the program."""
        if self._step != _IDLE and self._span.elapsed_seconds < STALE_SECONDS:
            return
        span = self._tracer.start(NAME, ago_seconds=ago_seconds)
        if span is NO_SPAN:
            return
        if is_flooded:
            span.tag("flooded", True)
        self._span, self._step = span, _PRESSED

    def written(self) -> None:
        """What was typed has been handed to the pty."""
        if self._step == _PRESSED:
            self._reach(_WRITTEN, "written")

    def arrived(self) -> None:
        """Output of the program was read."""
        if self._step == _WRITTEN:
            self._reach(_ARRIVED, "arrived")
            events = self._span.events
            self._span.waited(events[-1].after_seconds - events[-2].after_seconds)

    def fed(self) -> None:
        """The emulator has taken the output."""
        if self._step == _ARRIVED:
            self._reach(_FED, "fed")

    def painted(self) -> None:
        """Rows of the terminal were painted."""
        if self._step == _FED:
            self._reach(_IDLE, "painted")
            self._tracer.end(self._span)
            self._span = NO_SPAN

    def _reach(self, step: int, event: str) -> None:
        self._span.event(event)
        self._step = step
