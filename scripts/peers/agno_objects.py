"""What agno's objects cost, for ``scripts/bench.py --compare agno``: prints JSON.

Run by a Python that has agno. An agent is made as agno's own performance evaluation
makes it, with one tool; a run goes through a model that answers at once.
"""

import asyncio
import gc
import json
import logging
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.metadata import version

from agno.agent import Agent
from agno.models.base import Model
from agno.models.response import ModelResponse

CREATED = 400
KEPT = 200
RUNS = 40


class AtOnce(Model):
    """Answers without a service."""

    def invoke(self, *_arguments: object, **_options: object) -> ModelResponse:
        """Answer."""
        return ModelResponse(role="assistant", content="do this")

    async def ainvoke(self, *_arguments: object, **_options: object) -> ModelResponse:
        """Answer."""
        return self.invoke()

    def invoke_stream(
        self, *_arguments: object, **_options: object
    ) -> Iterator[ModelResponse]:
        """Answer."""
        yield self.invoke()

    async def ainvoke_stream(
        self, *_arguments: object, **_options: object
    ) -> AsyncIterator[ModelResponse]:
        """Answer."""
        yield self.invoke()

    def _parse_provider_response(
        self, response: ModelResponse, **_options: object
    ) -> ModelResponse:
        return response

    def _parse_provider_response_delta(self, response: ModelResponse) -> ModelResponse:
        return response


def tool(city: str) -> str:
    """Tell the weather of a city."""
    return f"fine in {city}"


def main() -> None:
    """Measure and print."""
    logging.disable()
    model = AtOnce(id="at-once")

    def simple() -> Agent:
        return Agent(model=model, telemetry=False)

    def with_tool() -> Agent:
        return Agent(model=model, tools=[tool], telemetry=False)

    agent = simple()
    found = {
        "version": version("agno"),
        "simple_seconds": _seconds(simple, CREATED),
        "tool_seconds": _seconds(with_tool, CREATED),
        "simple_bytes": _bytes(simple),
        "tool_bytes": _bytes(with_tool),
        "run_seconds": asyncio.run(_runs(agent)),
    }
    print(json.dumps(found))


def _seconds(make: Callable[[], object], count: int) -> float:
    make()
    begun = time.process_time()
    for _ in range(count):
        make()
    return (time.process_time() - begun) / count


def _bytes(make: Callable[[], object]) -> float:
    make()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [make() for _ in range(KEPT)]
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / len(kept)


async def _runs(agent: Agent) -> float:
    await agent.arun("why did it fail?")
    begun = time.process_time()
    for _ in range(RUNS):
        await agent.arun("why did it fail?")
    return (time.process_time() - begun) / RUNS


if __name__ == "__main__":
    main()
