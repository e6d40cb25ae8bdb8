import { eventKind } from "./fields/kinds.js";

const PLAIN = {
  Process: ["流程", "Process"], Collaboration: ["协作", "Collaboration"], Participant: ["泳池", "Pool"], Lane: ["泳道", "Lane"],
  UserTask: ["用户任务", "User task"], ManualTask: ["手工任务", "Manual task"], ServiceTask: ["服务任务", "Service task"], SendTask: ["发送任务", "Send task"],
  ReceiveTask: ["接收任务", "Receive task"], BusinessRuleTask: ["决策任务", "Business rule task"], ScriptTask: ["脚本任务", "Script task"], Task: ["任务（未定类型）", "Task"],
  CallActivity: ["调用活动", "Call activity"], SubProcess: ["子流程", "Sub-process"], AdHocSubProcess: ["临时子流程", "Ad-hoc sub-process"], Transaction: ["事务", "Transaction"],
  ExclusiveGateway: ["排他网关", "Exclusive gateway"], ParallelGateway: ["并行网关", "Parallel gateway"], InclusiveGateway: ["包容网关", "Inclusive gateway"],
  EventBasedGateway: ["事件网关", "Event-based gateway"], ComplexGateway: ["复杂网关", "Complex gateway"], SequenceFlow: ["顺序流", "Sequence flow"], MessageFlow: ["消息流", "Message flow"],
  Association: ["关联线", "Association"], DataInputAssociation: ["数据关联", "Data association"], DataOutputAssociation: ["数据关联", "Data association"],
  DataObjectReference: ["数据对象", "Data object"], DataStoreReference: ["数据存储", "Data store"], TextAnnotation: ["批注", "Annotation"], Group: ["分组", "Group"],
  DataInput: ["数据输入", "Data input"], DataOutput: ["数据输出", "Data output"],
};
const EVENTS = {
  StartEvent: ["开始事件", "start event"], EndEvent: ["结束事件", "end event"], BoundaryEvent: ["边界事件", "boundary event"],
  IntermediateCatchEvent: ["捕获事件", "catch event"], IntermediateThrowEvent: ["抛出事件", "throw event"],
};
const KINDS = {
  message: ["消息", "Message"], timer: ["定时", "Timer"], signal: ["信号", "Signal"], error: ["错误", "Error"], escalation: ["升级", "Escalation"],
  conditional: ["条件", "Conditional"], link: ["链接", "Link"], compensate: ["补偿", "Compensation"], cancel: ["取消", "Cancel"], terminate: ["终止", "Terminate"],
};

/** What an element is: [Chinese, English]. */
export function typeName(bo) {
  const name = bo.$type.replace(/^\w+:/, "");
  if (bo.triggeredByEvent) return ["事件子流程", "Event sub-process"];
  const event = EVENTS[name];
  if (!event) return PLAIN[name] ?? [name, name];
  const kind = KINDS[eventKind(bo)] ?? ["", ""];
  return [kind[0] + event[0], `${kind[1]} ${event[1]}`.trim()];
}
