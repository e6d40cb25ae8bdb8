"""What the services of a model did, in words for the trail: one line a service of `engine.handlers.services`."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.speech import plural

Result = Mapping[str, Any]


def service_words(service: str, result: Result) -> str:
    """Return what a service did, as a sentence."""
    say = WORDS.get(service)
    return say(result) if say is not None else f"已调用服务{service}。"


def _checked(what: str) -> Callable[[Result], str]:
    def say(result: Result) -> str:
        defects = result.get("defects")
        return f"{what}：{'未通过，' + '；'.join(defects) if defects else '通过'}。"

    return say


def _merged_told(result: Result) -> str:
    return f"已转告并入本件的{count}件校核。" if (count := result.get("merged_told")) else ""


def _corrected(result: Result) -> str:
    if not result.get("count"):
        return "没有其他部门持有该资源的有效授权，无需通知。"
    return f"数据更正通知已发送{'、'.join(result.get('departments') or [])}。"


def _published(result: Result) -> str:
    if result.get("defects"):
        return f"目录更新未能发布：{'；'.join(result['defects'])}。"
    later = f"，{len(result['pending'])}条将于{result['deletes_on']}删除" if result.get("pending") else ""
    return f"目录已汇总发布，涉及{len(result.get('published') or [])}条目录{later}。"


WORDS: Mapping[str, Callable[[Result], str]] = {
    "check_application": _checked("完整性与重复检查"),
    "record_grant": lambda result: "授权已登记。",
    "record_direct_grant": lambda result: "授权已登记。",
    "record_dispute_grant": lambda result: "授权已登记。",
    "check_dispute": _checked("核对争议主体与重复"),
    "suspend_grants": lambda result: f"暂停授权：{len(result.get('grants') or [])}项。",
    "resume_grants": lambda result: f"恢复授权：{len(result.get('grants') or [])}项。",
    "give_back_grant": lambda result: "授权交还已登记。",
    "check_access": lambda result: "已核对反馈部门对该资源的使用权。",
    "raise_flag": lambda result: "已标注正在校核。" if result.get("flagged") else "按流程设置不标注。",
    "give_result": lambda result: _merged_told(result) or "校核结果已形成。",
    "close_branch": lambda result: _merged_told(result) or "本次校核结束。",
    "release_merged": lambda result: _merged_told(result) or "没有并入本件的校核。",
    "merge_report": lambda result: f"并入{result.get('business_id', '')}一并校核。",
    "announce_correction": _corrected,
    "check_same_facts": _checked("同一事实查重"),
    "hold_signed_facts": _checked("签发时同一事实查重"),
    "assemble_packet": lambda result: "上报材料已根据办理记录汇编。",
    "compare_update": lambda result: f"目录新旧版本已比对，涉及{len(result.get('entries') or [])}条目录。",
    "publish_update": _published,
    "delete_entries": lambda result: "公告期满，目录条目已删除。",
    "prompt_departments": lambda result: "已向所列部门发出目录更新提示。",
}


def english_service_words(service: str, result: Result) -> str:
    """Return what a service did, in English."""
    say = ENGLISH_WORDS.get(service)
    return say(result) if say is not None else f"Service {service} called."


def _checked_in_english(what: str) -> Callable[[Result], str]:
    def say(result: Result) -> str:
        defects = result.get("defects")
        return f"{what}: {'not passed; ' + '; '.join(defects) if defects else 'passed'}."

    return say


def _merged_told_in_english(result: Result) -> str:
    count = result.get("merged_told")
    return f"{plural(count, 'verification')} joined to this one told." if count else ""


def _corrected_in_english(result: Result) -> str:
    if not result.get("count"):
        return "No other department holds a valid grant for this resource; nobody to tell."
    return f"Notice of the correction sent to {', '.join(result.get('departments') or [])}."


def _published_in_english(result: Result) -> str:
    if result.get("defects"):
        return f"The catalogue update could not be published: {'; '.join(result['defects'])}."
    pending = result.get("pending")
    later = f"; to be deleted on {result['deletes_on']}: {len(pending)}" if pending else ""
    return f"Catalogue published, entries concerned: {len(result.get('published') or [])}{later}."


ENGLISH_WORDS: Mapping[str, Callable[[Result], str]] = {
    "check_application": _checked_in_english("Check for completeness and repetition"),
    "record_grant": lambda result: "Grant registered.",
    "record_direct_grant": lambda result: "Grant registered.",
    "record_dispute_grant": lambda result: "Grant registered.",
    "check_dispute": _checked_in_english("Check of the parties to the dispute and of repetition"),
    "suspend_grants": lambda result: f"Grants suspended: {len(result.get('grants') or [])}.",
    "resume_grants": lambda result: f"Grants resumed: {len(result.get('grants') or [])}.",
    "give_back_grant": lambda result: "Return of the grant registered.",
    "check_access": lambda result: "The reporting department’s right to use the resource was checked.",
    "raise_flag": lambda result: (
        "Marked as under verification." if result.get("flagged") else "Not marked, as the process is set."
    ),
    "give_result": lambda result: _merged_told_in_english(result) or "Result of the verification drawn up.",
    "close_branch": lambda result: _merged_told_in_english(result) or "This verification ended.",
    "release_merged": lambda result: (
        _merged_told_in_english(result) or "No verification was joined to this one."
    ),
    "merge_report": lambda result: f"Joined to {result.get('business_id', '')} and verified with it.",
    "announce_correction": _corrected_in_english,
    "check_same_facts": _checked_in_english("Check for a case on the same facts"),
    "hold_signed_facts": _checked_in_english("Check for a case on the same facts when signing"),
    "assemble_packet": lambda result: "The material for the report was compiled from the history.",
    "compare_update": lambda result: (
        f"Old and new catalogue compared, entries concerned: {len(result.get('entries') or [])}."
    ),
    "publish_update": _published_in_english,
    "delete_entries": lambda result: "The announcement period is over; the catalogue entries were deleted.",
    "prompt_departments": lambda result: "The departments listed were prompted to update the catalogue.",
}
