"""A listener that keeps all it hears of a tracer."""

from terminal_ai.telemetry.spans import Span, Tracer


class Heard:
    """A tracer and all the spans it has told, by name."""

    def __init__(self) -> None:
        self.tracer = Tracer()
        self.spans: list[Span] = []
        self.tracer.add_listener(self.spans.append)

    def __getitem__(self, name: str) -> Span:
        (span,) = [each for each in self.spans if each.name == name]
        return span

    def parents(self) -> dict[str, str | None]:
        names = {span.span_id: span.name for span in self.spans}
        return {
            span.name: None if span.parent_id is None else names[span.parent_id]
            for span in self.spans
        }
