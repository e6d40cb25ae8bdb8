import { el } from "../../designer/modeler/dom.js";
import { dates } from "./dates.js";
import { soFar } from "./film.js";

/** What stands beside the diagram at each step. */
export class Panel {
  constructor(place, film, words, addresses) {
    Object.assign(this, { place, film, words, addresses, ...dates(words.language) });
  }

  show(place) {
    const { film } = this;
    const step = film.step(place);
    this.place.replaceChildren(
      ...[this.#head(step), this.#facts(step), this.#paper(step), this.#changes(step), this.#limits(place), this.#inHand(place)].filter(Boolean),
    );
    this.place.scrollTop = 0;
  }

  position(step) {
    return fill(this.words.position, { seq: step.s, all: this.film.length });
  }

  #head(step) {
    const { words, film } = this;
    const deviation = step.d && fill(words.deviates, { kind: words.deviations[step.d] ?? step.d });
    return el(
      "header", {},
      el("p", { class: "small muted mb-1 num" }, this.position(step), step.n > 1 && el("span", { class: "chip chip-soon" }, fill(words.visit, { n: step.n })),
        step.b && el("span", { class: `chip mark-${step.b}` }, words.marks[step.b]), deviation && el("span", { class: "chip chip-late" }, deviation)),
      el("h3", {}, film.text(step.x)),
    );
  }

  #facts(step) {
    const { words, film } = this;
    const [name, org, role, other] = (step.w ?? []).map((place) => film.text(place));
    const element = film.elementOf(step);
    const rows = [
      [words.when, this.instant(step.a)],
      step.p !== undefined && [words.planned, this.instant(step.p)],
      step.r !== undefined && [words.recorded, this.instant(step.r)],
      [words.by, name],
      other && [words.forWhom, other],
      role && [words.role, role],
      org && [words.department, org],
      element && [words.element, element[1] === element[0] ? element[0] : `${element[1]} ${element[0]}`],
      film.versions.length > 1 && [words.version, fill(words.versionOf, { n: film.versions[step.v].number })],
    ];
    return el("dl", { class: "replay-facts" }, rows.filter(Boolean).map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))));
  }

  #paper(step) {
    if (!step.i) return null;
    const { words } = this;
    const [key, title, number, sha256] = step.i;
    return this.#section(
      words.document,
      el("p", { class: "mb-0" }, el("a", { href: this.addresses.documents.replace("/0.", `/${key}.`) }, title), ` ${number}`),
      el("p", { class: "small muted mb-0 sha" }, `SHA-256 ${sha256}`),
    );
  }

  #changes(step) {
    if (!step.c) return null;
    const { words, film } = this;
    const rows = step.c.map(([form, label, before, after]) => ({
      form: film.text(form), label: film.text(label), first: before < 0, before: film.text(before), after: film.text(after), same: before === after,
    }));
    const changed = rows.filter((row) => !row.same);
    const same = rows.filter((row) => row.same);
    return this.#section(
      rows[0].form || words.registered,
      changed.length > 0 && this.#table(changed),
      same.length > 0 && el("details", { class: "reasons" }, el("summary", {}, fill(words.same, { n: same.length })), this.#table(same)),
    );
  }

  #table(rows) {
    const { words } = this;
    const none = () => el("span", { class: "muted" }, words.none);
    const before = rows.some((row) => !row.first);
    const head = [words.field, before && words.before, words.after].filter(Boolean);
    return el(
      "table", { class: "replay-values" },
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows.map((row) =>
        el("tr", {}, el("th", { scope: "row" }, row.label),
          before && el("td", {}, row.before ? (row.same ? row.before : el("del", {}, row.before)) : none()),
          el("td", {}, row.after ? (row.same || row.first ? row.after : el("ins", {}, row.after)) : none())))),
    );
  }

  #limits(place) {
    const { words } = this;
    const found = this.film.limitsAt(place);
    if (!found.length) return this.#section(words.limits, el("p", { class: "muted small mb-0" }, words.noLimits));
    return this.#section(words.limits, found.map((limit) => this.#limit(limit)));
  }

  #limit(limit) {
    const { words, film } = this;
    const late = soFar(limit.after, limit.today).counted;
    const days = limit.state === "met_late" ? fill(words.endedLate, { n: limit.wd, cd: limit.cd }) : late > 0 && fill(words.lateBy, { n: late, cd: between(limit.due, limit.today) });
    const so = soFar(limit.then.days, limit.today);
    const all = limit.then.days.reduce((most, day) => Math.max(most, day.number), 0);
    const length = film.text(limit.length);
    return el(
      "section", { class: "replay-limit" },
      el("p", { class: "mb-0" }, el("a", { href: this.addresses.deadlines.replace(/0$/, limit.key) }, el("strong", {}, film.text(limit.name))), " ",
        el("span", { class: `chip ${chip(limit)}` }, words.states[limit.state] ?? limit.state), " ",
        limit.then.status !== "final" && el("span", { class: "small muted" }, words.certainty[limit.then.status])),
      el("p", { class: "small mb-1" }, el("strong", { class: "num" }, fill(words.counted, { n: so.counted, all })), " · ", fill(words.due, { day: `${this.day(limit.due)} ${this.week(limit.due)}` }), " · ",
        film.text(limit.org), " · ", fill(words.basis, { kind: words.kinds[limit.kind] ?? "", length, basis: film.text(limit.basis) })),
      days && el("p", { class: "small is-late mb-1" }, days),
      limit.kept && el("p", { class: "small mb-1 moved" }, words.kept),
      limit.otherwise && el("p", { class: "small mb-1 is-late" }, fill(words.otherwise, { day: this.day(limit.then.due) })),
      limit.now && el("p", { class: "small mb-1 moved" }, fill(words.knownThen, { at: this.instant(limit.knownAt), day: this.day(limit.then.due) })),
      this.#strip(limit, limit.then.days, limit.after, limit.now?.days),
      el("p", { class: "small muted mb-1" }, fill(words.rests, so)),
      limit.now && [
        el("p", { class: "small mb-1 moved" }, fill(words.knownNow, { day: this.day(limit.now.due) })),
        this.#strip(limit, limit.now.days, [], limit.then.days),
        el("p", { class: "small muted mb-1" }, fill(words.rests, soFar(limit.now.days, limit.today))),
        el("p", { class: "small mb-1" }, words.differs),
      ],
      this.#why(limit),
    );
  }

  /** Every day up to the due date: those that have come are filled, the day of the step is marked. */
  #strip(limit, days, after, others) {
    const beside = new Map((others ?? []).map((day) => [day.date, day]));
    return el("ol", { class: "replay-strip" }, [...days, ...after].map((day) => {
      const other = beside.get(day.date);
      const differs = others && (!other || other.role !== day.role || other.number !== day.number);
      const names = [day.role, day.date <= limit.today && "past", day.date === limit.today && "here", day.date === limit.due && "due", differs && "differs", day.extension && "extension"];
      return el("li", { class: names.filter(Boolean).join(" "), title: `${this.day(day.date)} ${this.week(day.date)} ${day.reason}` },
        el("span", {}, this.short(day.date)), el("b", {}, day.number || "—"), el("span", { class: "visually-hidden" }, day.reason));
    }));
  }

  /** The reasons day by day and the reasoning, made only when they are asked for. */
  #why(limit) {
    const { words, film } = this;
    const box = el("details", { class: "reasons" }, el("summary", {}, words.why));
    box.addEventListener("toggle", () => {
      if (box.childElementCount > 1) return;
      const rows = [...limit.then.days, ...limit.after].map((day) =>
        el("tr", {}, el("td", { class: "num" }, `${this.short(day.date)} ${this.week(day.date)}`), el("td", {}, day.number || "—"),
          el("td", {}, day.reason, day.document && ` · ${day.document}`, day.sentence && el("q", { class: "sentence", lang: "zh-CN" }, day.sentence))));
      box.append(
        el("ol", { class: "rule mt-2" }, limit.then.rule.map((sentence) => el("li", {}, film.text(sentence)))),
        el("table", {}, el("thead", {}, el("tr", {}, [words.day, words.number, words.reason].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows)),
      );
    });
    return box;
  }

  #inHand(place) {
    const { words, film } = this;
    const found = film.tenuresAt(place);
    return this.#section(
      words.inHand,
      found.length
        ? el("ul", { class: "replay-hand" }, found.map((t) => {
            const person = t.other ? fill(words.person, { name: t.holder, other: t.other }) : t.holder;
            const since = this.instant(film.step(film.place(t.since)).a);
            return el("li", {}, el("strong", {}, t.name), ` ${t.org} · ${person || words.pool} · `, el("span", { class: "muted num" }, fill(words.since, { at: since })));
          }))
        : el("p", { class: "muted small mb-0" }, words.nobody),
    );
  }

  #section(title, ...children) {
    return el("section", { class: "replay-part" }, el("h4", {}, title), ...children);
  }
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const between = (first, last) => Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000);

function chip({ state, binding }) {
  if (state === "overdue") return binding ? "chip-late" : "chip-past";
  return { running: "chip-ok", met: "chip-met", met_late: "chip-met_late", paused: "chip-paused", answered: "chip-answered", undetermined: "chip-open" }[state] ?? "chip-ended";
}
