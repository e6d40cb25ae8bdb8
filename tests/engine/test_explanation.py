"""A deadline explains itself: the words an official reads, the document behind each day."""

from datetime import date, datetime
from pathlib import Path

from engine.calendar import ChinaWorkingCalendar, Holiday, Layer, Notice, load_notices
from engine.deadlines import Extension, ExtensionRule
from engine.explanation import day_reason, explain
from engine.periods import BEIJING, Pause, Policy, Term, Unit

NOTICES = load_notices(Path(__file__).parents[2] / "processes/calendars/notices.yaml")
CALENDAR = ChinaWorkingCalendar(NOTICES, estimate=True)
BASIS = "第十二条"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def test_the_rule_in_words_of_a_limit_over_a_holiday() -> None:
    found = explain(Term(5, at("2026-06-17T15:30")), CALENDAR, BASIS)

    assert found.rule == (
        "自2026年6月17日（星期三）起算，当日不计入（《民法典》第二百零一条）。",
        "期限为5个工作日，依据第十二条。",
        "6月19日至6月21日端午节放假，不计入（国家：国办发明电〔2025〕7号）。",
        "第5个工作日为2026年6月25日（星期四）。",
        "2026年6月25日（星期四）24时届满；此前办理的为按期，此后办理的为逾期。",
    )


def test_a_limit_the_law_leaves_open_says_that_the_process_sets_it() -> None:
    rule = explain(Term(3, at("2026-06-16T10:00")), CALENDAR, "办法未作规定", by_law=False).rule

    assert rule[1] == "期限为3个工作日，由本流程设定（办法未作规定）。"


def test_a_make_up_day_and_weekends_are_named() -> None:
    rule = "".join(explain(Term(5, at("2025-01-24T10:00")), CALENDAR, BASIS).rule)

    assert "1月26日因春节调休上班，计入" in rule
    assert "1月28日至2月4日春节放假，不计入" in rule
    assert "期间周休息日1天，不计入" in rule


def test_the_arithmetic_of_an_extension() -> None:
    given = Extension(10, "样例经办", "样例负责", at("2026-06-12T10:00"), date(2026, 6, 15))
    term = Term(5, at("2026-06-08T10:00"), extended_by=10)

    rule = explain(term, CALENDAR, BASIS, (given,), ExtensionRule(10, basis="第十三条第二款")).rule

    assert "2026年6月12日（星期五）经样例负责同意延长10个工作日（申请人样例经办）。" in rule
    assert (
        "原届满日2026年6月15日（星期一）＋延长10个工作日（自原届满日的次日起计）＝2026年6月30日（星期二）。"
        in rule
    )
    assert "延长上限：在原期限之外延长的时间最长10个工作日，依据第十三条第二款。" in rule


def test_a_pause_names_its_ground_and_what_it_took_out() -> None:
    pause = Pause("补正", "流程设定", at("2026-06-09T10:00"), at("2026-06-11T10:00"))

    rule = explain(Term(5, at("2026-06-08T10:00"), pauses=(pause,)), CALENDAR, BASIS).rule

    assert "6月9日后至6月11日因补正扣除2个工作日（流程设定）。" in rule


def test_days_and_months_name_the_civil_code() -> None:
    days = "".join(explain(Term(5, at("2026-06-08T10:00"), Unit.CALENDAR_DAY), CALENDAR, BASIS).rule)
    months = "".join(explain(Term(1, at("2026-01-31T10:00"), Unit.MONTH), CALENDAR, BASIS).rule)

    assert "该日为休息日，顺延至2026年6月15日（星期一）（《民法典》第二百零三条）" in days
    assert "对应日为2026年2月28日（星期六）（《民法典》第二百零二条）" in months


def test_an_event_after_hours_says_when_it_is_taken_as_received() -> None:
    policy = Policy(after_hours_rule="next_working_day", office_close="17:00")

    rule = explain(Term(5, at("2026-06-12T18:05"), policy=policy), CALENDAR, BASIS).rule

    assert rule[0] == (
        "2026年6月12日（星期五）18:05在办公时间以外，视为下一工作日2026年6月15日（星期一）到达，"
        "当日不计入（《民法典》第二百零一条）。"
    )


def test_r_t13_an_estimate_says_so() -> None:
    assert explain(Term(5, at("2026-12-30T10:00")), CALENDAR, BASIS).caveat.startswith("估算")
    assert explain(Term(5, at("2026-12-22T10:00")), CALENDAR, BASIS).caveat.startswith("暂定")


def test_each_day_names_the_document_and_the_layer_that_decide_it() -> None:
    rule = Notice(
        id="test-city",
        kind="rule",
        year=2026,
        title="测试用地方规定",
        doc_no="测试〔2026〕2号",
        published=date(2026, 6, 1),
        holidays=(Holiday("测试假日", (date(2026, 6, 10),), (), "6月10日放假。"),),
        layer=Layer.AREA,
        scope="沈阳市",
    )
    calendar = ChinaWorkingCalendar([*NOTICES, rule], ("辽宁省", "沈阳市"), estimate=True)

    found = explain(Term(10, at("2026-06-08T10:00")), calendar, BASIS)
    days = {d.day.date.day: d for d in found.days}

    assert [(d.layer, d.doc_no) for d in found.documents] == [
        (Layer.NATIONAL, "国办发明电〔2025〕7号"),
        (Layer.AREA, "测试〔2026〕2号"),
    ]
    assert days[10].sentence == "6月10日放假。"
    assert day_reason(days[10].day) == "放假（测试假日）"
    assert day_reason(days[13].day) == "周休息日"
    assert days[9].document is None
