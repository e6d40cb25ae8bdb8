import { APPROVALS, is, OF_EVENT_SCOPE, both, either, not, START, STATES, TRUE, THROWING, CATCHING, event } from "./kinds.js";

const USER_TASK = is("bpmn:UserTask");
const ACT = both(START, OF_EVENT_SCOPE);
const DOING = either(is("bpmn:Activity"), is("bpmn:Event"));
const several = { extension: "Approval" };

/** Fields of activities, and of what every element of a flow may do. */
export const ACTIVITY = [
  {
    id: "who", title: ["办理人", "Who acts"], for: either(is("bpmn:UserTask", "bpmn:ManualTask"), START),
    fields: [
      { name: "role", label: ["角色", "Role"], at: { own: "role" }, suggest: "roles", mono: true, help: ["留空则取所在泳道的角色；动作可写两个，以“|”分隔。", "Empty: the lane's role. An act may name two, parted by |."] },
      { name: "separateFrom", label: ["须与以下环节不同人", "Not by who did"], at: { own: "separateFrom" }, suggest: "userTasks", mono: true, help: ["写环节编号，以空格分隔。", "Ids of steps, parted by spaces."] },
      { name: "separateStrict", label: ["仅一人时也不例外", "Even in a department of one"], at: { own: "separateStrict" }, kind: "select", options: TRUE },
      { name: "apart", label: ["不显示其他分支", "Shows no other branch"], at: { own: "apart" }, kind: "select", options: TRUE, for: USER_TASK },
    ],
  },
  {
    id: "form", title: ["表单", "Form"], for: either(USER_TASK, START),
    fields: [
      { name: "form.id", label: ["表单", "Form"], at: { extension: "Form", attribute: "id" }, kind: "select", from: "forms", help: ["在“表单”页编辑。", "Edited on the page Forms."] },
      { name: "form.variable", label: ["填写结果存入", "Kept in the variable"], at: { extension: "Form", attribute: "variable" }, suggest: "variables", mono: true },
      { name: "form.resume", label: ["带出上次填写", "Opens with what was handed in"], at: { extension: "Form", attribute: "resume" }, kind: "select", options: TRUE },
      { name: "form.open", label: ["仅可修改的字段", "Only these may be changed"], at: { extension: "Form", attribute: "open" }, mono: true, help: ["表达式，结果为字段名列表；留空则全部可改。", "An expression of a list of fields; empty: all."] },
      { name: "form.remarks", label: ["退回原因取自", "Why it came back"], at: { extension: "Form", attribute: "remarks" }, mono: true, help: ["变量名，以空格分隔。", "Variables, parted by spaces."] },
    ],
  },
  {
    id: "approval", title: ["多人审批", "Approval by several"], for: USER_TASK, closed: true,
    fields: [
      { name: "approval.kind", label: ["方式", "Way"], at: { ...several, attribute: "kind" }, kind: "select", options: APPROVALS },
      { name: "approval.members", label: ["人员取自变量", "People from the variable"], at: { ...several, attribute: "members" }, suggest: "variables", mono: true, help: ["留空则为泳道角色的全部人员。", "Empty: everybody with the lane's role."] },
      { name: "approval.agrees", label: ["何为同意", "What is consent"], at: { ...several, attribute: "agrees" }, mono: true, help: ["对所交表单的表达式。", "An expression over the form handed in."] },
      { name: "approval.needed", label: ["所需票数", "Votes needed"], at: { ...several, attribute: "needed" }, help: ["票数或比例，如 3 或 60%。", "A number or a share, such as 60%."] },
      { name: "approval.until", label: ["提前结束条件", "Ends early when"], at: { ...several, attribute: "until" }, mono: true },
      { name: "approval.result", label: ["结果存入", "Result kept in"], at: { ...several, attribute: "result" }, suggest: "variables", mono: true },
    ],
  },
  {
    id: "return", title: ["退回与跳过", "Return and skip"], for: either(USER_TASK, is("bpmn:ServiceTask")), closed: true,
    fields: [
      { name: "returnTo", label: ["可退回至", "May be returned to"], at: { own: "returnTo" }, suggest: "userTasks", mono: true, for: USER_TASK, help: ["此前环节的编号，以空格分隔。", "Earlier steps, parted by spaces."] },
      { name: "returnPauses", label: ["退回期间停计依据", "Limits stand still by"], at: { own: "returnPauses" }, kind: "select", from: "settings", for: USER_TASK },
      { name: "skipWhen", label: ["跳过条件", "Skipped when"], at: { own: "skipWhen" }, kind: "textarea", mono: true, help: ["表达式成立时不办理本环节。", "The step is passed over where it holds."] },
    ],
  },
  {
    id: "service", title: ["服务", "Service"], for: is("bpmn:ServiceTask"),
    fields: [
      { name: "service.name", label: ["服务名称", "Service"], at: { extension: "Service", attribute: "name" }, kind: "select", from: "services" },
      { name: "service.variable", label: ["结果存入", "Result kept in"], at: { extension: "Service", attribute: "variable" }, suggest: "variables", mono: true },
    ],
  },
  {
    id: "decision", title: ["决策", "Decision"], for: is("bpmn:BusinessRuleTask"),
    fields: [
      { name: "decision.id", label: ["决策表", "Decision"], at: { extension: "Decision", attribute: "id" }, kind: "select", from: "decisions", help: ["在“决策表”页编辑。", "Edited on the page Decisions."] },
      { name: "decision.variable", label: ["结果存入", "Result kept in"], at: { extension: "Decision", attribute: "variable" }, suggest: "variables", mono: true },
    ],
  },
  {
    id: "call", title: ["调用", "Call"], for: is("bpmn:CallActivity"),
    fields: [{ name: "calledElement", label: ["被调用流程", "Called process"], at: { attribute: "calledElement" }, suggest: "processes", mono: true }],
  },
  {
    id: "loop", title: ["多实例", "Several instances"], for: (bo) => bo.loopCharacteristics?.$type === "bpmn:MultiInstanceLoopCharacteristics",
    fields: [
      { name: "loop.isSequential", label: ["依次进行", "One after the other"], at: { loop: "isSequential" }, kind: "flag" },
      { name: "loop.items", label: ["列表变量", "Variable with the list"], at: { loop: "loopDataInputRef" }, mono: true },
      { name: "loop.item", label: ["单项名称", "Name of an item"], at: { loop: "inputDataItem" }, mono: true },
      { name: "loop.result", label: ["结果存入", "Result kept in"], at: { loop: "loopDataOutputRef" }, mono: true },
      { name: "loop.until", label: ["提前结束条件", "Ends early when"], at: { loop: "completionCondition" }, mono: true },
    ],
  },
  {
    id: "adhoc", title: ["完成条件", "Completion"], for: is("bpmn:AdHocSubProcess"),
    fields: [{ name: "completionCondition", label: ["完成条件", "Completed when"], at: { expression: "completionCondition" }, kind: "textarea", mono: true }],
  },
  {
    id: "state", title: ["状态与结果", "State and result"], for: both(is("bpmn:FlowNode"), not(is("bpmn:Gateway"))), closed: true,
    fields: [
      { name: "state", label: ["事项状态改为", "State of the case"], at: { own: "state" }, kind: "select", options: STATES },
      { name: "result", label: ["办理结果", "Result"], at: { own: "result" }, mono: true, for: is("bpmn:EndEvent") },
      { name: "resultWhen", label: ["结果表达式", "Result by expression"], at: { own: "resultWhen" }, kind: "textarea", mono: true, for: is("bpmn:EndEvent") },
      { name: "when", label: ["可用条件", "Offered when"], at: { own: "when" }, kind: "textarea", mono: true, for: START, help: ["不成立时不提供该动作，消息不予受理。", "Where it does not hold the act is not offered."] },
    ],
  },
  {
    id: "assigns", title: ["赋值", "Assignments"], for: DOING, closed: true,
    list: { name: "assign", extension: "Assign", add: ["添加赋值", "Add an assignment"], columns: [
      { name: "variable", label: ["变量", "Variable"], suggest: "variables", mono: true },
      { name: "expression", label: ["表达式", "Expression"], kind: "textarea", mono: true },
    ] },
  },
  {
    id: "documents", title: ["出具文书", "Documents issued"], for: DOING, closed: true,
    list: { name: "document", extension: "Document", add: ["添加文书", "Add a document"], columns: [
      { name: "template", label: ["模板", "Template"], kind: "select", from: "documents", narrow: true },
      { name: "series", label: ["文种代字", "Series"], narrow: true },
      { name: "title", label: ["标题", "Title"] },
      { name: "by", label: ["出具方", "Issued by"], kind: "select", from: "parties", narrow: true },
      { name: "to", label: ["送达方", "Addressed to"], kind: "select", from: "parties", narrow: true },
      { name: "limit", label: ["写明的期限", "Names the limit"], kind: "select", from: "timers", narrow: true },
      { name: "number", label: ["文号表达式", "Number"], mono: true, narrow: true },
      { name: "when", label: ["出具条件", "Issued when"], mono: true },
    ] },
  },
  {
    id: "notices", title: ["通知", "Notices"], for: DOING, closed: true,
    list: { name: "notice", extension: "Notice", add: ["添加通知", "Add a notice"], columns: [
      { name: "to", label: ["通知对象", "To"], suggest: "roles", mono: true, help: ["角色，以空格分隔。", "Roles, parted by spaces."] },
      { name: "text", label: ["内容", "Text"], kind: "textarea", help: ["可用 {business_id}、{title} 等。", "May name {business_id}, {title} and others."] },
      { name: "when", label: ["条件", "When"], mono: true },
    ] },
  },
  {
    id: "delivery", title: ["送达", "Delivery"], for: is("bpmn:ThrowEvent", "bpmn:SendTask", "bpmn:ServiceTask", "bpmn:UserTask"), closed: true,
    fields: [
      { name: "delivery.from", label: ["发出方", "From"], at: { extension: "Delivery", attribute: "from" }, kind: "select", from: "parties" },
      { name: "delivery.to", label: ["接收方", "To"], at: { extension: "Delivery", attribute: "to" }, kind: "select", from: "parties" },
    ],
  },
  {
    id: "correlation", title: ["关联", "Correlation"], for: both(either(THROWING, CATCHING), either(not(is("bpmn:Event")), event("message"))), closed: true,
    fields: [
      { name: "correlation.to", label: ["发往流程", "To the process"], at: { extension: "Correlation", attribute: "to" }, suggest: "processes", mono: true },
      { name: "correlation.key", label: ["关联键", "Business key"], at: { extension: "Correlation", attribute: "key" }, mono: true, help: ["表达式，如 business_id。", "An expression, such as business_id."] },
      { name: "correlation.kind", label: ["事由", "Matter"], at: { extension: "Correlation", attribute: "kind" } },
    ],
  },
  {
    id: "inputs", title: ["随带数据", "Taken along"], for: either(THROWING, is("bpmn:ServiceTask")), closed: true,
    list: { name: "input", extension: "Input", add: ["添加数据", "Add data"], columns: [
      { name: "name", label: ["名称", "Name"], mono: true },
      { name: "expression", label: ["表达式", "Expression"], kind: "textarea", mono: true },
    ] },
  },
  {
    id: "outputs", title: ["留存数据", "Kept of it"], for: CATCHING, closed: true,
    list: { name: "output", extension: "Output", add: ["添加数据", "Add data"], columns: [
      { name: "variable", label: ["变量", "Variable"], suggest: "variables", mono: true },
      { name: "expression", label: ["表达式", "Expression"], kind: "textarea", mono: true },
    ] },
  },
  {
    id: "retry", title: ["失败重试", "Retry"], for: DOING, closed: true,
    fields: [
      { name: "retry.attempts", label: ["次数", "Attempts"], at: { extension: "Retry", attribute: "attempts" } },
      { name: "retry.every", label: ["间隔", "Every"], at: { extension: "Retry", attribute: "every" }, mono: true, help: ["如 PT5M；技术等待，不是法定期限。", "Such as PT5M: a technical wait, no period of the law."] },
    ],
  },
];
