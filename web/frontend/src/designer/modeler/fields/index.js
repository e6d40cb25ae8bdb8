import { ACTIVITY } from "./activity.js";
import { both, event, is, not, OF_PROCESS, START } from "./kinds.js";
import { LIMITS, ON_LIMITS, STARTS } from "./limits.js";
import { PROCESS } from "./process.js";

const GENERAL = [
  {
    id: "general", title: ["基本", "General"], for: (bo) => !bo.$instanceOf("bpmn:Process"),
    fields: [
      { name: "name", label: ["名称", "Name"], at: { attribute: "name" }, kind: "textarea", for: (bo) => bo.$instanceOf("bpmn:FlowElement") || is("bpmn:Lane", "bpmn:Participant", "bpmn:MessageFlow")(bo) },
      { name: "text", label: ["内容", "Text"], at: { attribute: "text" }, kind: "textarea", for: is("bpmn:TextAnnotation") },
      { name: "id", label: ["编号", "Id"], at: { id: true }, mono: true, help: ["编号写入办理记录，更改后视为另一元素。", "Histories mention it; another id is another element."] },
      { name: "role", label: ["角色", "Role"], at: { own: "role" }, suggest: "roles", mono: true, for: is("bpmn:Lane"), help: ["当事方及其角色，如 prov.handler。", "A party and a role in it, such as prov.handler."] },
      { name: "cancelActivity", label: ["触发时中断活动", "Interrupts the activity"], at: { attribute: "cancelActivity" }, kind: "flag", for: is("bpmn:BoundaryEvent") },
      { name: "isInterrupting", label: ["启动时中断流程", "Interrupts the scope"], at: { attribute: "isInterrupting" }, kind: "flag", for: both(START, not(OF_PROCESS)) },
      { name: "documentation", label: ["说明", "Documentation"], at: { documentation: true }, kind: "textarea" },
    ],
  },
  {
    id: "flow", title: ["流转", "Flow"], for: is("bpmn:SequenceFlow"),
    fields: [
      { name: "condition", label: ["条件", "Condition"], at: { expression: "conditionExpression" }, kind: "textarea", mono: true, help: ["表达式，如 reply['decision'] == 'agree'。", "An expression, such as reply['decision'] == 'agree'."] },
      { name: "isDefault", label: ["默认流", "Default flow"], at: { defaultOf: true }, kind: "flag", for: (bo) => bo.sourceRef?.$descriptor.propertiesByName.default },
    ],
  },
  {
    id: "gateway", title: ["流转", "Flow"], for: is("bpmn:ExclusiveGateway", "bpmn:InclusiveGateway"),
    fields: [{ name: "default", label: ["默认流", "Default flow"], at: { reference: "default" }, kind: "select", from: "outgoing", help: ["其余条件都不成立时经此流转。", "Taken where no condition holds."] }],
  },
  {
    id: "event", title: ["事件", "Event"], for: (bo) => event("message", "signal", "error", "escalation", "conditional", "link")(bo) || is("bpmn:SendTask", "bpmn:ReceiveTask")(bo),
    fields: [
      { name: "message", label: ["消息名称", "Message"], at: { named: "bpmn:Message" }, suggest: "messages", for: (bo) => event("message")(bo) || is("bpmn:SendTask", "bpmn:ReceiveTask")(bo) },
      { name: "signal", label: ["信号名称", "Signal"], at: { named: "bpmn:Signal" }, suggest: "signals", for: event("signal") },
      { name: "error", label: ["错误代码", "Error code"], at: { named: "bpmn:Error", code: "errorCode" }, mono: true, for: event("error") },
      { name: "escalation", label: ["升级代码", "Escalation code"], at: { named: "bpmn:Escalation", code: "escalationCode" }, mono: true, for: event("escalation") },
      { name: "eventCondition", label: ["条件", "Condition"], at: { definition: "condition" }, kind: "textarea", mono: true, for: event("conditional") },
      { name: "link", label: ["链接名称", "Link"], at: { definition: "name" }, for: event("link") },
    ],
  },
];

/** The groups of fields that an element of the model has, in the order they are shown. */
export function groupsOf(bo) {
  if (bo.$instanceOf("bpmn:Process")) return PROCESS;
  return [...GENERAL, ...STARTS, ...LIMITS, ...ACTIVITY, ...ON_LIMITS].filter((group) => group.for(bo));
}
