"""What is told of a project."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The project a directory belongs to, as its files describe it.

    ``branch`` is the name of git's branch, or "detached at …" with the commit; empty
    outside a repository. ``kinds`` names the kinds of manifests found, sorted. ``text``
    is what a prompt says of all this: written by others, bounded, without controls,
    and not yet redacted.
    """

    branch: str = ""
    kinds: tuple[str, ...] = ()
    text: str = ""


NO_FACTS = ProjectFacts()
