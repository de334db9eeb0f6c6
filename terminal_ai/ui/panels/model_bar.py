"""The model's line in the assistant panel: silent when all is well."""

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, ProgressBar, Static
from textual.worker import Worker

from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import ModelState, ModelStatus, PullProgress
from terminal_ai.ui.needs import Puller
from terminal_ai.ui.panels.streams import closing
from terminal_ai.ui.texts import MUTED, line, literal, size
from terminal_ai.ui.workers import log_failure


class ModelBar(Vertical):
    """Says what is missing and offers the download."""

    class Changed(Message):
        """The model may be in another state now."""

    class ModelsWanted(Message):
        """The user wants to choose among the models that are there."""

    def __init__(self, puller: Puller, *, pull_key: str, id: str) -> None:
        super().__init__(id=id)
        self._pull_key = pull_key
        self._puller = puller
        self._status: ModelStatus | None = None
        self._text = Static(markup=False)
        self._progress = ProgressBar(show_eta=False)
        self._button = Button("", compact=True, id="model-pull")
        self._others = Button(Content(_("Models")), compact=True, id="model-others")
        self._pull: Worker[None] | None = None
        # Hidden while there is nothing to say, which may come before the first layout.
        self.display = False
        self._progress.display = self._others.display = False

    def compose(self) -> ComposeResult:
        """Lay out text, progress and button."""
        yield self._text
        yield self._progress
        yield self._button
        yield self._others

    @property
    def is_pulling(self) -> bool:
        """True while a download runs."""
        return self._pull is not None and not self._pull.is_finished

    def show(self, status: ModelStatus) -> None:
        """Show a new state, unless a download has the line."""
        self._status = status
        if self.is_pulling:
            return
        self._progress.display = False
        is_missing = status.state is ModelState.MODEL_MISSING
        self._button.display = is_missing
        self._label_button(_("Download"))
        said = []
        if status.remote_host:
            leaving = _("Your commands and their output go to {host}.")
            said.append(line(leaving.format(host=status.remote_host), "$text-warning"))
        if is_missing:
            said.append(line(self.reason(status)))
        elif status.state is ModelState.UNAVAILABLE:
            said.append(literal(self.reason(status), MUTED))
        is_replaceable = status.state is not ModelState.READY
        self._others.display = is_replaceable and bool(status.installed_models)
        self.display = bool(said)
        self._text.update(Content("\n").join(said))

    @staticmethod
    def reason(status: ModelStatus) -> str:
        """Return why the model cannot answer.

        Not running, refusing, or not to be used: the detail knows which.
        """
        if status.state is ModelState.MODEL_MISSING:
            return _("{model} is not installed.").format(model=status.model)
        return status.detail or _("Ollama is not running; offline advice works.")

    @on(Button.Pressed, "#model-others")
    def want_models(self) -> None:
        """Ask for the list of models."""
        self.post_message(self.ModelsWanted())

    @on(Button.Pressed, "#model-pull")
    def toggle_pull(self) -> None:
        """Start the download, or stop it."""
        if self.is_pulling:
            self.cancel_pull()
        elif (
            self._status is not None and self._status.state is ModelState.MODEL_MISSING
        ):
            self._pull = self._download(self._status.model)

    def pull(self, model: str) -> None:
        """Download a model that was chosen by name, unless a download runs."""
        if not self.is_pulling:
            self._pull = self._download(model)

    def cancel_pull(self) -> None:
        """Stop the download; what was fetched stays with the service."""
        if self._pull is not None:
            self._pull.cancel()
            self._pull = None
            self._again()

    @work(exclusive=True, group="pull", exit_on_error=False)
    async def _download(self, model: str) -> None:
        self._label_button(_("Stop"))
        self.display = self._button.display = self._progress.display = True
        self._progress.update(total=None)
        try:
            async with closing(self._puller.pull(model)) as steps:
                async for step in steps:
                    self._show_step(step)
        except TerminalAIError as error:
            self._pull = None
            self._again()
            self.display = True
            self._text.update(literal(error.message, "$text-warning"))
            return
        self._pull = None
        self._again()
        self.post_message(self.Changed())

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    def _label_button(self, label: str) -> None:
        self._button.label = Content(f"{label} ({self._pull_key})")

    def _again(self) -> None:
        if self._status is not None:
            self.show(self._status)

    def _show_step(self, step: PullProgress) -> None:
        if step.total_bytes:
            self._progress.update(total=step.total_bytes, progress=step.completed_bytes)
            done = f"{size(step.completed_bytes)} / {size(step.total_bytes)}"
            self._text.update(line(f"{step.status}  {done}"))
        else:
            self._text.update(line(step.status))
