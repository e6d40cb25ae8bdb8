"""What of a case can be read, in words."""

from engine.speech import Bilingual

WHATS: dict[str, Bilingual] = {
    "case": Bilingual("事项页面", "Case page"),
    "task": Bilingual("办理页面", "Task page"),
    "limit": Bilingual("期限", "Time limit"),
    "history": Bilingual("办理记录", "History"),
    "diagram": Bilingual("流程图", "Diagram"),
    "comments": Bilingual("内部交流", "Department's comments"),
    "document": Bilingual("文书", "Document"),
    "attachment": Bilingual("附件", "Attachment"),
    "records": Bilingual("记录表", "Table of records"),
    "replay": Bilingual("回放", "Replay"),
    "conformance": Bilingual("符合性", "Conformance"),
    "export": Bilingual("办理记录导出", "Export of the history"),
    "file": Bilingual("案件流程档案", "Case file"),
    "readers": Bilingual("查阅记录", "Access log"),
    "incident": Bilingual("异常", "Incident"),
    "migration": Bilingual("迁移对照", "Migration preview"),
    "act": Bilingual("操作表单", "Form of an act"),
    "effects": Bilingual("提交预告", "Effects of handing in"),
    "verbs": Bilingual("可用操作", "Offered verbs"),
    "other": Bilingual("其他页面", "Another page"),
}
WAYS: dict[str, Bilingual] = {"page": Bilingual("页面", "Page"), "api": Bilingual("接口", "API")}
WHOLE = ("attachment", "export", "file", "records")
"""What hands over content as it was handed in: of a case whose forms take numbers of persons, it is sensitive."""
