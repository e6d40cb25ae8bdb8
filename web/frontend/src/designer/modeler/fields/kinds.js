/** Which elements a group of fields belongs to, and the closed lists that selects offer. */

export const is = (...types) => (bo) => types.some((type) => bo.$instanceOf(type));
export const both = (...tests) => (bo) => tests.every((test) => test(bo));
export const either = (...tests) => (bo) => tests.some((test) => test(bo));
export const not = (test) => (bo) => !test(bo);

const KINDS = { Message: "message", Timer: "timer", Signal: "signal", Error: "error", Escalation: "escalation", Conditional: "conditional", Link: "link", Compensate: "compensate", Cancel: "cancel", Terminate: "terminate" };

/** Kind of an event's definition: message, timer, …; undefined without one. */
export function eventKind(bo) {
  const [definition] = bo.get?.("eventDefinitions") ?? [];
  return definition && KINDS[definition.$type.slice(5).replace("EventDefinition", "")];
}
export const event = (...kinds) => (bo) => bo.$instanceOf("bpmn:Event") && kinds.includes(eventKind(bo));

export const START = is("bpmn:StartEvent");
export const OF_PROCESS = (bo) => bo.$parent?.$type === "bpmn:Process";
export const OF_EVENT_SCOPE = (bo) => Boolean(bo.$parent?.triggeredByEvent);
export const CATCHING = either(is("bpmn:CatchEvent"), is("bpmn:ReceiveTask"), is("bpmn:CallActivity"));
export const THROWING = either(is("bpmn:ThrowEvent"), is("bpmn:SendTask"), is("bpmn:CallActivity"));

export const TRUE = [["", "否", "No"], ["true", "是", "Yes"]];
export const UNITS = [
  ["working_day", "个工作日", "working days"],
  ["calendar_day", "个自然日", "calendar days"],
  ["month", "个月", "months"],
  ["fixed_date", "固定日期", "fixed date"],
  ["time", "时刻", "time of day"],
  ["count", "次", "times"],
  ["character", "字", "characters"],
  ["bool", "是否", "yes or no"],
  ["choice", "选项", "choice"],
  ["list", "列表", "list"],
  ["role", "角色", "role"],
];
export const SETTING_KINDS = [["law", "法定", "Law"], ["choice", "自定", "Choice"]];
export const TYPES = [
  ["text", "文本", "Text"], ["int", "整数", "Integer"], ["bool", "是否", "Yes or no"], ["date", "日期", "Date"],
  ["instant", "时刻", "Instant"], ["form", "表单", "Form"], ["list", "列表", "List"], ["org", "部门", "Department"],
];
export const STATES = [
  ["", "不变", "Unchanged"], ["draft", "草稿", "Draft"], ["internal_review", "部门内部审核", "Internal review"], ["running", "办理中", "Running"],
  ["awaiting_supplement", "待补正", "Awaiting supplement"], ["in_dispute", "争议中", "In dispute"], ["rectifying", "整改中", "Rectifying"],
  ["reported_up", "已上报", "Reported up"], ["closed", "已办结", "Closed"], ["closed_late", "逾期办结", "Closed late"],
  ["withdrawn", "已撤回", "Withdrawn"], ["void", "已撤销", "Void"],
];
export const APPROVALS = [
  ["", "一人办理", "One person"], ["all", "会签：全部同意", "All agree"], ["first", "或签：一人即可", "The first decides"],
  ["sequential", "依次审批", "One after the other"], ["votes", "票签：达到票数", "By votes"],
];
export const EXPIRIES = [["", "转入后续环节", "Token moves on"], ["overdue", "记为逾期", "Overdue"], ["notice", "仅作告知", "Notice only"], ["move", "转入后续环节（写明）", "Token moves on (written)"]];
export const NEEDS = [["", "无", "Nothing"], ["entry", "目录条目", "Catalogue entry"], ["access", "可使用的目录条目", "Usable catalogue entry"], ["case", "所涉事项", "The case concerned"]];
export const ROLLS = [["", "不顺延", "Stays"], ["none", "不顺延（写明）", "Stays (written)"], ["next_wd", "顺延至下一工作日", "Next working day"], ["previous_wd", "提前至上一工作日", "Previous working day"]];
export const TAKES = [["", "唯一部门", "The one"], ["one", "唯一部门（写明）", "The one (written)"], ["each", "每个部门一件", "Each, one case"], ["all", "全部部门列表", "All, as a list"]];
