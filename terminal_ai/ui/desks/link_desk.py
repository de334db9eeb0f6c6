"""What becomes of a link: shown truly, then opened or copied if the user says so."""

import os
from collections.abc import Callable, Mapping

from textual.app import App

from terminal_ai.messages import gettext as _
from terminal_ai.safety.links import WebAddress, web_address
from terminal_ai.ui.desks.opener import open_address, opener
from terminal_ai.ui.reading.links import Link, visible_links
from terminal_ai.ui.screens.link import LinkScreen, LinksScreen, LinkUse
from terminal_ai.ui.view.terminal_view import TerminalView
from utils.async_optimizer import BackgroundThreads


class LinkDesk:
    """Asks about each link before it goes anywhere."""

    def __init__(
        self,
        app: App[None],
        view: TerminalView,
        *,
        tell: Callable[[str], None],
        copy: Callable[[str], None],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._app = app
        self._view = view
        self._tell = tell
        self._copy = copy
        self._opener = opener(environ)
        # An opener may take seconds: the threads of all others must not wait for it.
        self._threads = BackgroundThreads("link", thread_limit=1)

    def list_links(self) -> None:
        """Offer the links in view; a single one at once."""
        lines = self._view.lines
        links = visible_links(lines, self._view.rows_up) if lines is not None else []
        if not links:
            self._tell(_("No link is in view."))
        elif len(links) == 1:
            self.show(links[0])
        else:
            self._app.push_screen(LinksScreen(links), self._show_chosen)

    def show(self, link: Link) -> None:
        """Ask what to do with a link, if it may be opened at all."""
        address = web_address(link.target, link.label)
        if address is None:
            self._tell(_("This is not a web address that can be opened."))
            return

        def use(choice: LinkUse | None) -> None:
            self._use(address, choice)

        self._app.push_screen(LinkScreen(link, address), use)

    def _show_chosen(self, link: Link | None) -> None:
        if link is not None:
            self.show(link)

    def _use(self, address: WebAddress, choice: LinkUse | None) -> None:
        if choice is LinkUse.COPY:
            self._copy(address.url)
        elif choice is LinkUse.OPEN and not self._opener:
            self._tell(_("No program here opens links; copy it instead."))
        elif choice is LinkUse.OPEN:
            self._app.run_worker(
                self._open(address.url), group="link", exit_on_error=False
            )

    async def _open(self, url: str) -> None:
        self._tell(_("Opening the link."))
        if not await self._threads.run(open_address, self._opener, url):
            self._tell(_("The link could not be opened; copy it instead."))
