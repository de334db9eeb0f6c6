"""terminal_ai: a real terminal that understands what failed."""

import importlib.util
import sys
from pathlib import Path

__version__ = "0.1.0"


def _pin_utils() -> None:
    """Bind the name ``utils`` to the copy shipped beside this package.

    Users start us inside their own projects, where ``python -m terminal_ai`` or
    ``PYTHONPATH=.`` would otherwise import *their* ``utils`` and run its code.
    """
    shipped = Path(__file__).resolve().parent.parent / "utils" / "__init__.py"
    loaded = sys.modules.get("utils")
    if loaded is not None and getattr(loaded, "__file__", None) == str(shipped):
        return
    spec = importlib.util.spec_from_file_location(
        "utils", shipped, submodule_search_locations=[str(shipped.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    for name in [name for name in sys.modules if name.partition(".")[0] == "utils"]:
        del sys.modules[name]
    module = importlib.util.module_from_spec(spec)
    sys.modules["utils"] = module
    spec.loader.exec_module(module)


_pin_utils()
