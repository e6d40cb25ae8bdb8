"""What a rate says it rests on is what is counted."""

import re
from pathlib import Path

from engine.statistics.rates import RATE

PROCESSES = Path(__file__).parents[2] / "processes"


def test_the_on_time_rate_names_every_article_whose_limit_it_counts() -> None:
    models = (path.read_text(encoding="utf-8") for path in PROCESSES.glob("ln_*/process.bpmn"))
    cited = {
        article
        for text in models
        for basis in re.findall(r'kind="law" basis="([^"]*)"', text)
        for article in re.findall("第[一二三四五六七八九十]+条", basis)
    }

    assert "第八条" in cited
    assert cited <= set(re.findall("第[一二三四五六七八九十]+条", RATE["on_time"].basis))
