"""An Ollama to test against: real HTTP on loopback, held to recorded exchanges."""

from tests.ollama_server.behaviour import Behaviour, Fault
from tests.ollama_server.replies import CannedReply
from tests.ollama_server.server import OllamaServer
from tests.ollama_server.store import ServedModel

__all__ = ["Behaviour", "CannedReply", "Fault", "OllamaServer", "ServedModel"]
