/** What the checks find, as the pages of the workbench say it; templates do the same by `finding_list`. */
import { ENGLISH, make } from "./dom.js";

const words = document.getElementById("designer").dataset;

/** What a finding asks for: to mend it, or only to look. */
export function wordOf(severity) {
  return severity === "error" ? words.problem : words.hint;
}

/** The sentence of a finding in the page's language. */
export function said(finding) {
  return ENGLISH ? finding.en : finding.zh;
}

/** List findings at a place, which is hidden where there is none. */
export function showFindings(place, findings) {
  place.replaceChildren(
    ...findings.map((finding) =>
      make("li", { class: `finding finding-${finding.severity}` }, make("span", { class: "finding-kind" }, wordOf(finding.severity)), " ", make("span", {}, said(finding))),
    ),
  );
  place.hidden = !findings.length;
}
