"""The rates that an auditor reads: what is divided by what, and the ground it rests on. Data, no arithmetic."""

from dataclasses import dataclass

from engine.speech import Bilingual


@dataclass(frozen=True)
class RateDefinition:
    """One rate: of the cases that `whole` counts, the share that `part` counts.

    Attributes:
        key: Its name in figures, in addresses and in files.
        part, whole: What is counted, in words.
        part_flag, whole_flag: The columns of `case_fact` that say it of one case.
        good: Whether a high share is what the law wants; None where the law wants neither.
        voided: Whether annulled cases count; what was annulled says nothing of how the law was kept.
        basis: The ground the rate rests on.
    """

    key: str
    name: Bilingual
    part: Bilingual
    whole: Bilingual
    part_flag: str
    whole_flag: str
    good: bool | None
    basis: Bilingual
    voided: bool = False


ANSWERS = {"ln_art12_application": ("M12-4", "E-4")}
"""By procedure: the element that delivers the answer, and the document that goes with a refusal (R12, domain E)."""

RATES = (
    RateDefinition(
        "on_time",
        Bilingual("按期率", "On-time rate"),
        Bilingual("法定期限均按期履行的事项", "cases that met every statutory limit in time"),
        Bilingual(
            "有法定期限且期限已有结果（按期、逾期履行或者到期未履行）的事项",
            "cases with a statutory limit that was met in time, met late, or ran out undone",
        ),
        "on_time",
        "decided",
        True,
        Bilingual(
            "《辽宁省政务信息资源共享管理办法（草案）》第八条、第十二条、第十三条、第二十条；民法典第二百零三条",
            "Liaoning Measures on government data sharing (draft), Art. 8, 12, 13, 20; Civil Code Art. 203",
        ),
    ),
    RateDefinition(
        "overdue",
        Bilingual("逾期率", "Overdue rate"),
        Bilingual("曾有法定期限届满而未履行的事项", "cases in which a statutory limit ever ran out undone"),
        Bilingual("有法定期限的事项", "cases with a statutory limit"),
        "overdue",
        "limited",
        False,
        Bilingual(
            "《辽宁省政务信息资源共享管理办法（草案）》第十八条、第二十条",
            "Liaoning Measures on government data sharing (draft), Art. 18, 20",
        ),
    ),
    RateDefinition(
        "extension",
        Bilingual("延期率", "Extension rate"),
        Bilingual("经批准延长期限的事项", "cases in which an extension was approved"),
        Bilingual("有可依法延长的期限的事项", "cases with a limit that may be extended"),
        "extended",
        "extendable",
        None,
        Bilingual(
            "《辽宁省政务信息资源共享管理办法（草案）》第十三条、第二十条",
            "Liaoning Measures on government data sharing (draft), Art. 13, 20",
        ),
    ),
    RateDefinition(
        "refusal",
        Bilingual("不予共享率", "Refusal rate"),
        Bilingual(
            "答复为不予共享或者部分不予共享的申请",
            "applications that were refused, wholly or in part",
        ),
        Bilingual("已经作出答复的申请", "applications that were answered"),
        "refused",
        "answered",
        None,
        Bilingual(
            "《辽宁省政务信息资源共享管理办法（草案）》第十二条（不予共享的，应当说明理由）",
            "Liaoning Measures on government data sharing (draft), Art. 12 (a refusal states its reasons)",
        ),
    ),
    RateDefinition(
        "dispute",
        Bilingual("争议率", "Dispute rate"),
        Bilingual("提起争议协调的事项", "cases in which a dispute was raised"),
        Bilingual(
            "所属流程可以提起争议协调的全部事项", "cases of procedures in which a dispute may be raised"
        ),
        "disputed",
        "disputable",
        None,
        Bilingual(
            "《辽宁省政务信息资源共享管理办法（草案）》第十二条、第十三条",
            "Liaoning Measures on government data sharing (draft), Art. 12, 13",
        ),
    ),
    RateDefinition(
        "withdrawal",
        Bilingual("撤回率", "Withdrawal rate"),
        Bilingual(
            "撤回的事项（含逾期未补正视为撤回）", "cases withdrawn, or held to be for want of a supplement"
        ),
        Bilingual("办结的事项，不含作废", "finished cases that were not annulled"),
        "withdrawn",
        "valid",
        None,
        Bilingual("流程模型", "The process model"),
    ),
    RateDefinition(
        "void",
        Bilingual("作废率", "Annulment rate"),
        Bilingual("作废或者撤销的事项", "cases that were annulled"),
        Bilingual("办结的事项，含作废", "finished cases, annulled ones included"),
        "voided",
        "finished",
        None,
        Bilingual(
            "流程模型；管理员处置须说明理由", "The process model; an administrator's act needs a reason"
        ),
        voided=True,
    ),
)
"""Every rate, in the order in which pages print them."""

RATE = {rate.key: rate for rate in RATES}
"""By key."""
