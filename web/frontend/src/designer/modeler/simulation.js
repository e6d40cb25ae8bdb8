/** Token simulation writes its own markup: its texts, English only, are put into Chinese, and its colours set, as they appear. */
const TEXTS = {
  "Token Simulation": "模拟流转",
  "Simulation Log": "模拟记录",
  "No Entries": "暂无记录",
  "Close": "关闭",
  "Toggle Simulation Log": "显示或隐藏模拟记录",
  "Reset Simulation": "重新开始",
  "Play Simulation": "继续模拟",
  "Pause Simulation": "暂停模拟",
  "Play/Pause Simulation": "继续或暂停模拟",
  "Toggle Token Simulation": "打开或关闭模拟",
  "Set Sequence Flow": "选择流转方向",
  "Trigger Event": "触发事件",
  "Add pause point": "设置暂停点",
  "Remove pause point": "取消暂停点",
  "Finished": "已结束",
  "Found unsupported elements": "存在不支持模拟的元素",
  "Not supported": "不支持模拟",
  "Process started": "流程开始",
  "Process finished": "流程结束",
  "Process canceled": "流程取消",
  "SubProcess": "子流程",
  "Ad-Hoc SubProcess": "临时子流程",
  "Event SubProcess": "事件子流程",
  "Transaction": "事务",
  "Service Task": "服务任务", "User Task": "用户任务", "Call Activity": "调用活动", "Script Task": "脚本任务",
  "Business Rule Task": "决策任务", "Manual Task": "手工任务", "Receive Task": "接收任务", "Send Task": "发送任务", "Task": "任务",
  "Exclusive Gateway": "排他网关", "Parallel Gateway": "并行网关", "Inclusive Gateway": "包容网关",
  "Start Event": "开始事件", "Intermediate Event": "中间事件", "Boundary Event": "边界事件", "End Event": "结束事件",
};
const PATTERNS = [
  [/^Set animation speed = (.+)$/, (speed) => `模拟速度：${{ Slow: "慢", Normal: "中", Fast: "快" }[speed] ?? speed}`],
  [/^Focus process instance (.+)$/, (id) => `只看实例${id}`],
  [/^(.+) (started|finished|canceled|completed|terminated)$/, (name, what) => `${TEXTS[name] ?? name}：${{ started: "开始", finished: "结束", canceled: "取消", completed: "完成", terminated: "终止" }[what]}`],
];
const OWN = "[class^='bts-'], [class*=' bts-']";

function said(text) {
  const key = text.trim();
  if (key in TEXTS) return text.replace(key, TEXTS[key]);
  for (const [pattern, act] of PATTERNS) {
    const found = pattern.exec(key);
    if (found) return act(...found.slice(1));
  }
  return text;
}

function translate(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (!node.parentElement?.closest(OWN)) return;
    const text = said(node.data);
    if (text !== node.data) node.data = text;
  } else if (node.nodeType === Node.ELEMENT_NODE) {
    if (node.dataset?.style) colour(node);
    for (const name of ["title", "aria-label"]) {
      const own = node.closest(OWN) && node.getAttribute(name);
      if (own && said(own) !== own) node.setAttribute(name, said(own));
    }
    node.childNodes.forEach(translate);
  }
}

// "color: #fff; background: #123": by script, since the policy of the page refuses style attributes.
function colour(node) {
  for (const rule of node.dataset.style.split(";")) {
    const [name, value] = rule.split(":").map((part) => part.trim());
    if (/^[\w-]+$/.test(name)) node.style.setProperty(name, value);
  }
}

/** Dress what the simulation shows, now and whenever it shows more. */
export function dress(container, words) {
  const act = words.english ? colours : translate;
  const watcher = new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === "childList") addedNodes.forEach(act);
      else act(target);
    }
  });
  watcher.observe(container, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["title"] });
  act(container);
}

function colours(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  if (node.dataset?.style) colour(node);
  node.childNodes.forEach(colours);
}
