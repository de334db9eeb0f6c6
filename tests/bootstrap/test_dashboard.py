"""What is shipped for Prometheus and Grafana asks for figures that there are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from terminal_ai.bootstrap.exposition import expose
from terminal_ai.bootstrap.metric_labels import Labels
from tests.bootstrap.test_metrics import vitals

DOCS = Path(__file__).resolve().parents[2] / "docs"
WORDS = {
    "by", "le", "rate", "sum", "topk", "increase", "histogram_quantile",
    "agent_name", "status", "outcome",
}  # fmt: skip
"""Of PromQL, and labels."""


def served() -> dict[str, frozenset[str]]:
    """Return the names of all samples that are served, with their labels."""
    text = expose(vitals(), Labels())[0].decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return {name: frozenset(labels) for name, labels in found.items()}


def dashboard() -> Any:
    return json.loads((DOCS / "metrics" / "grafana.json").read_text())


def expressions() -> list[str]:
    return [
        target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]
    ]


def names_in(expression: str) -> set[str]:
    bare = re.sub(r'\{[^}]*\}|"[^"]*"|\[[^]]*\]', "", expression)
    return set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare)) - WORDS


@pytest.mark.parametrize("expression", expressions())
def test_each_panel_asks_for_what_is_served(expression: str) -> None:
    wanted = names_in(expression)
    assert wanted
    assert wanted <= served().keys()


@pytest.mark.parametrize("expression", expressions())
def test_labels_of_an_expression_are_those_of_its_metric(expression: str) -> None:
    labels = {label for name in names_in(expression) for label in served()[name]}
    grouped = re.findall(r"by \(([^)]*)\)|\{(\w+)=", expression)
    asked = {
        each.strip() for pair in grouped for part in pair for each in part.split(",")
    }
    assert asked - {""} <= labels


def test_the_dashboard_has_what_grafana_imports() -> None:
    board = dashboard()
    assert board["title"] == "terminal-ai"
    assert board["schemaVersion"] >= 36
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert {"type", "title", "datasource", "fieldConfig", "targets"} <= panel.keys()
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {
            "${datasource}"
        }
    (variable,) = board["templating"]["list"]
    assert (variable["name"], variable["query"]) == ("datasource", "prometheus")


def test_the_sample_configuration_scrapes_this_machine_every_fifteen_seconds() -> None:
    config = yaml.safe_load((DOCS / "metrics" / "prometheus.yml").read_text())
    assert config["global"]["scrape_interval"] == "15s"
    (job,) = config["scrape_configs"]
    assert job.get("metrics_path", "/metrics") == "/metrics"
    ((target,),) = (each["targets"] for each in job["static_configs"])
    assert target.startswith("127.0.0.1:")


def test_the_documentation_names_what_is_served() -> None:
    told = (DOCS / "metrics.md").read_text()
    for name in ("agent_execution_seconds", "cache_hit_ratio"):
        assert name in told
    names = set(re.findall(r"`((?:terminal_ai|agno)_\w+)`", told))
    families = {re.sub("_(bucket|count|sum)$", "", name) for name in served()}
    assert names <= families
