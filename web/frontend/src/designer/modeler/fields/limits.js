import { both, either, event, EXPIRIES, is, NEEDS, not, OF_PROCESS, ROLLS, START, TAKES } from "./kinds.js";

const period = (attribute) => ({ extension: "Period", attribute });
const LIMIT = both(event("timer"), not(both(START, OF_PROCESS)));

/** What limits may say. */
export const LIMITS = [
  {
    id: "period", title: ["期限", "Limit"], for: LIMIT,
    fields: [
      { name: "period.setting", label: ["期限设置", "Setting"], at: period("setting"), kind: "setting", help: ["天数、单位和依据写在设置里。", "Days, unit and basis stand in the setting."] },
      { name: "period.from", label: ["起算时刻变量", "Runs from the variable"], at: period("from"), suggest: "variables", mono: true },
      { name: "period.onExpiry", label: ["届满时", "When it runs out"], at: period("onExpiry"), kind: "select", options: EXPIRIES },
      { name: "period.remind", label: ["提醒对象", "Reminds"], at: period("remind"), suggest: "roles", mono: true, help: ["角色，以空格分隔。", "Roles, parted by spaces."] },
      { name: "period.supervisor", label: ["逾期由谁督办", "Overdue: supervised by"], at: period("supervisor"), suggest: "roles", mono: true },
      { name: "period.metWhen", label: ["视为办结的条件", "Counts as met when"], at: period("metWhen"), kind: "textarea", mono: true },
      { name: "period.answeredBy", label: ["办结时刻变量", "Answered by the variable"], at: period("answeredBy"), suggest: "variables", mono: true },
      { name: "period.when", label: ["有此期限的条件", "There is a limit when"], at: period("when"), kind: "textarea", mono: true },
    ],
  },
  {
    id: "periodExtension", title: ["延长与停计", "Extension and pauses"], for: LIMIT, closed: true,
    fields: [
      { name: "period.extension", label: ["最长可延长", "Longest extension"], at: period("extension"), kind: "setting" },
      { name: "period.extensionCap", label: ["上限口径", "Reading of the cap"], at: period("extensionCap"), kind: "setting" },
      { name: "period.extensionCount", label: ["可延长次数", "How often"], at: period("extensionCount"), kind: "setting" },
      { name: "period.extensionLate", label: ["届满后批准", "Late approval"], at: period("extensionLate"), kind: "setting" },
      { name: "period.extensionMost", label: ["最长延长表达式", "Longest, by expression"], at: period("extensionMost"), mono: true },
      { name: "period.grounds", label: ["停计事由设置", "Grounds of a pause"], at: period("grounds"), kind: "setting" },
      { name: "period.pauses", label: ["停计时段变量", "Variable of pauses"], at: period("pauses"), suggest: "variables", mono: true },
    ],
  },
  {
    id: "periodDate", title: ["固定日期与文书期限", "Fixed date, length by a document"], for: LIMIT, closed: true,
    fields: [
      { name: "period.date", label: ["固定日期变量", "Variable of a fixed date"], at: period("date"), suggest: "variables", mono: true },
      { name: "period.minusDays", label: ["提前天数", "Days before it"], at: period("minusDays") },
      { name: "period.follows", label: ["随同的期限", "Goes with the limit"], at: period("follows"), kind: "select", from: "timers" },
      { name: "period.length", label: ["文书所定天数", "Length a document sets"], at: period("length"), mono: true },
      { name: "period.lengthBy", label: ["该文书名称", "Name of that document"], at: period("lengthBy"), kind: "textarea", mono: true },
    ],
  },
  {
    id: "reminder", title: ["届满前提醒", "Reminder"], for: LIMIT, closed: true,
    fields: [
      { name: "reminder.of", label: ["提醒的期限", "Reminds of"], at: { extension: "Reminder", attribute: "of" }, kind: "select", from: "timers" },
      { name: "reminder.leadSetting", label: ["提前量设置", "Lead by setting"], at: { extension: "Reminder", attribute: "leadSetting" }, kind: "setting" },
      { name: "reminder.lead", label: ["提前天数", "Lead in days"], at: { extension: "Reminder", attribute: "lead" } },
    ],
  },
];

/** What acts upon limits may say. */
export const ON_LIMITS = [
  ["extensionRequest", "ExtensionRequest", "申请延长期限", "Asks for an extension"],
  ["extension", "Extension", "批准延长期限", "Extends a limit"],
  ["pause", "Pause", "停止计算期限", "Holds a limit"],
  ["resume", "Resume", "恢复计算期限", "Lets a limit go on"],
].map(([name, extension, zh, en]) => ({
  id: name, title: [zh, en], for: either(is("bpmn:Activity"), is("bpmn:Event")), closed: true,
  list: { name, extension, add: ["添加", "Add"], columns: [
    { name: "of", label: ["所涉期限", "Of the limit"], kind: "select", from: "timers", narrow: true },
    { name: "value", label: name === "pause" ? ["事由", "Ground"] : ["天数表达式", "Days"], mono: true, narrow: true },
    ...(name === "extension" ? [
      { name: "asked", label: ["申请环节", "Asked by the step"], kind: "select", from: "userTaskIds", narrow: true },
      { name: "askedValue", label: ["申请天数", "Days asked for"], mono: true, narrow: true },
    ] : []),
    { name: "when", label: ["条件", "When"], mono: true },
  ] },
}));

/** How a process, or an act in it, begins. */
export const STARTS = [
  {
    id: "start", title: ["启动", "Beginning"], for: START,
    fields: [{ name: "needs", label: ["启动需要", "Needs"], at: { own: "needs" }, kind: "select", options: NEEDS }],
  },
  {
    id: "schedule", title: ["定时启动", "Schedule"], for: both(START, event("timer"), OF_PROCESS),
    fields: [
      { name: "timer.date", label: ["启动时刻", "At the instant"], at: { timer: "timeDate" }, mono: true, help: ["含时区，如 2026-01-10T09:00:00+08:00。", "With its time zone, such as 2026-01-10T09:00:00+08:00."] },
      { name: "timer.cycle", label: ["重复规则", "Again and again"], at: { timer: "timeCycle" }, mono: true, help: ["如 R/2026-01-10T09:00:00+08:00/P1Y。", "Such as R/2026-01-10T09:00:00+08:00/P1Y."] },
      { name: "schedule.roll", label: ["遇休息日", "On a rest day"], at: { extension: "Schedule", attribute: "roll" }, kind: "select", options: ROLLS },
    ],
  },
  {
    id: "parties", title: ["当事部门", "Parties"], for: both(START, OF_PROCESS, event("timer", "signal")),
    list: { name: "party", extension: "Party", add: ["添加部门", "Add a party"], columns: [
      { name: "variable", label: ["变量", "Variable"], suggest: "variables", mono: true, narrow: true },
      { name: "take", label: ["取法", "Takes"], kind: "select", options: TAKES, narrow: true },
      { name: "kind", label: ["类别", "Kind"], narrow: true },
      { name: "level", label: ["层级", "Level"], narrow: true },
      { name: "area", label: ["地区", "Area"], narrow: true },
      { name: "managing", label: ["管理部门", "Managing"], kind: "select", options: [["", "不限", "Any"], ["true", "是", "Yes"], ["false", "否", "No"]], narrow: true },
      { name: "of", label: ["为其管理部门", "Managing department of"], mono: true },
    ] },
  },
];
