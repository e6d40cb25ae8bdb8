/** dmn-js in the language of the page. What has no Chinese is noted, so that a test sees it. */
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies.js";
import { POLICIES, WORDS } from "./words_zh.js";

/** Return the module; missing texts are added to `missing`. */
export function translation(chinese, missing) {
  if (chinese) namePolicies();
  const translate = (text, values = {}) => {
    if (chinese && text && !Object.hasOwn(WORDS, text)) missing.add(text);
    return (chinese && WORDS[text] ? WORDS[text] : text).replace(/\{\s*(\w+)\s*\}/g, (whole, name) => values[name] ?? whole);
  };
  return { translate: ["value", translate] };
}

function namePolicies() {
  for (const policy of HIT_POLICIES) {
    const { hitPolicy, aggregation } = policy.value;
    [policy.label, policy.explanation] = POLICIES[[hitPolicy, aggregation].filter(Boolean).join(" ")];
  }
}
