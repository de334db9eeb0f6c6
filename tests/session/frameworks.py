"""What is typed under each stand-in of a prompt framework."""

from collections.abc import Sequence

from tests.session.driver import Driver

SIZES_COLUMNS = (60, 100)


async def work(
    drive: Driver, *, block: Sequence[str], more: Sequence[str] = ()
) -> None:
    """Type what shows where an integration takes its boundaries from.

    ``block`` is one command over several lines; ``more`` are commands after it.
    """
    await drive.run("echo one")
    await drive.run("sh -c 'exit 9'")
    await drive.run("printf cut")
    await drive.enter("")
    await drive.run("cd /usr")
    await drive.quiet()
    await drive.abandon("half")
    for line in block[:-1]:
        await drive.quiet()
        drive.type(f"{line}\r")
    for line in (block[-1], *more):
        await drive.run(line)
    for columns in SIZES_COLUMNS:
        drive.session.resize(columns, 30)
        await drive.quiet()
    await drive.run("echo end")
