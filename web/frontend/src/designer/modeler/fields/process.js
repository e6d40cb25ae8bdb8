import { SETTING_KINDS, TRUE, TYPES, UNITS } from "./kinds.js";

/** Fields of a process: shown when nothing, or its pool, is selected. */
export const PROCESS = [
  {
    id: "settings", title: ["设置（期限与选项）", "Settings (periods and options)"], filter: true,
    list: {
      name: "setting", extension: "Setting", key: "key", fresh: "p.new", add: ["添加设置", "Add a setting"], kind: "settings",
      columns: [
        { name: "key", label: ["键", "Key"], mono: true },
        { name: "note", label: ["含义", "Meaning"] },
        { name: "value", label: ["值", "Value"], narrow: true },
        { name: "unit", label: ["单位", "Unit"], kind: "select", options: UNITS, narrow: true },
        { name: "kind", label: ["性质", "Kind"], kind: "select", options: SETTING_KINDS, narrow: true },
        { name: "basis", label: ["依据", "Basis"], kind: "textarea", help: ["法定设置必须写明法规和条款。", "A setting of law needs its instrument and article."] },
        { name: "min", label: ["最小值", "Least"], narrow: true },
        { name: "max", label: ["最大值", "Greatest"], narrow: true },
        { name: "options", label: ["可选值", "Possible values"], mono: true, help: ["单位为选项时，以空格分隔。", "Of a choice, parted by spaces."] },
      ],
    },
  },
  {
    id: "process", title: ["流程", "Process"], folded: true,
    fields: [
      { name: "process.name", label: ["名称", "Name"], at: { attribute: "name" } },
      { name: "process.id", label: ["编号", "Id"], at: { id: true }, mono: true, help: ["同一流程的各版本编号相同；更改编号即为另一流程。", "Versions of one procedure share it; another id is another procedure."] },
      { name: "process.article", label: ["依据条款", "Legal basis"], at: { own: "article" }, kind: "textarea", help: ["写明法规名称和条款。", "The instrument and its article."] },
      { name: "process.caseNumber", label: ["编号前缀", "Prefix of case numbers"], at: { own: "caseNumber" }, mono: true, help: ["事项编号的开头，如 LN12。", "How case numbers begin, such as LN12."] },
      { name: "process.caseTitle", label: ["事项标题", "Title of a case"], at: { own: "caseTitle" }, help: ["可用 {resource_name}、{origin_title}、{origin_id}。", "May name {resource_name}, {origin_title}, {origin_id}."] },
      { name: "process.effectiveFrom", label: ["施行日", "In force from"], at: { own: "effectiveFrom" }, kind: "date", help: ["发布时可另行指定。", "May be set anew when published."] },
      { name: "process.profile", label: ["法规口径", "Law profile"], at: { own: "profile" }, mono: true, suggest: "profiles", help: ["所用名称和默认值取自该口径；留空为本平台的口径。", "Words and defaults come from it; empty: the installation's own."] },
      { name: "process.results", label: ["结果先后", "Order of results"], at: { own: "results" }, kind: "textarea", mono: true, help: ["多个分支分别结束时，取先达到的第一个；以空格分隔。", "Where branches end apart, the first of these that was reached counts; parted by spaces."] },
      { name: "process.isExecutable", label: ["可执行", "Executable"], at: { attribute: "isExecutable" }, kind: "flag" },
      { name: "process.documentation", label: ["说明", "Documentation"], at: { documentation: true }, kind: "textarea" },
    ],
  },
  {
    id: "variables", title: ["变量", "Variables"], filter: true, closed: true,
    list: {
      name: "variable", extension: "Variable", key: "name", fresh: "new", add: ["添加变量", "Add a variable"],
      columns: [
        { name: "name", label: ["名称", "Name"], mono: true },
        { name: "label", label: ["标签", "Label"] },
        { name: "type", label: ["类型", "Type"], kind: "select", options: TYPES, narrow: true },
        { name: "withheld", label: ["对该部门保密", "Withheld from it"], kind: "select", options: TRUE, narrow: true },
      ],
    },
  },
  {
    id: "messages", title: ["消息与信号", "Messages and signals"], closed: true,
    names: true, help: ["更名即对全部引用处生效。发往其他流程的消息须与对方开始事件的消息同名。", "A new name holds wherever it is used. A message to another process has the name that its start event waits for."],
  },
];
