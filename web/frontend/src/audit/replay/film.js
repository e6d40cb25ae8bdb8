/** A case as its data tell it: everything at a step is computed from the step's number, never by undoing. */
export class Film {
  constructor(data) {
    Object.assign(this, data);
    this.length = data.steps.length;
    this.places = new Map(data.steps.map((step, place) => [step.s, place]));
    let version = 0;
    let tokens = [];
    for (const step of data.steps) {
      version = step.v ?? version;
      tokens = step.k ?? tokens;
      step.v = version;
      step.k = tokens;
    }
  }

  text(place) {
    return place === undefined || place < 0 ? "" : this.texts[place];
  }

  step(place) {
    return this.steps[place];
  }

  /** The place of an event by its number: its own, or that of the last one before it. */
  place(seq) {
    return this.places.get(seq) ?? Math.max(0, this.steps.findLastIndex((step) => step.s <= seq));
  }

  elementOf(step) {
    return step.e ? this.elements[step.e - 1] : null;
  }

  /** What the diagram shows at a step: visits of elements, passages of flows, where tokens stand. */
  state(place) {
    const { s: seq, k, v } = this.steps[place];
    const visits = new Map();
    const passed = new Set();
    for (const [element, began, ended] of this.visits) {
      if (began > seq) continue;
      const id = this.elements[element][0];
      visits.set(id, (visits.get(id) ?? 0) + 1);
      if (ended && ended <= seq) passed.add(id);
    }
    const flows = new Map();
    for (let at = 0; at <= place; at += 1) {
      for (const flow of this.steps[at].f ?? []) flows.set(this.texts[flow], (flows.get(this.texts[flow]) ?? 0) + 1);
    }
    return { version: v, visits, passed, flows, tokens: k.map((element) => this.elements[element][0]) };
  }

  /** The flows that tokens went along after one step, up to and with a later one, in order. */
  taken(from, to) {
    const found = [];
    for (let at = from + 1; at <= to; at += 1) for (const flow of this.steps[at].f ?? []) found.push(this.texts[flow]);
    return found;
  }

  /** The limits that run at a step, or end with it, each with how it stands. */
  limitsAt(place) {
    const { s: seq, a } = this.steps[place];
    const today = dayOf(a);
    const found = [];
    for (const limit of this.limits) {
      const phase = limit.phases.findLast(([since]) => since <= seq);
      if (!phase) continue;
      const [since, state, due, knownAt, then, now, flags] = phase;
      if (ENDED.has(state) && since !== seq) continue;
      found.push({
        ...limit, since, state, due, knownAt, today, kept: Boolean(flags & 1), otherwise: Boolean(flags & 2),
        then: this.counting(then), now: now < 0 ? null : this.counting(now), after: limit.late ? this.days(limit.late) : [],
      });
    }
    return found;
  }

  counting(place) {
    const counting = this.countings[place];
    return { ...counting, days: this.days(counting) };
  }

  /** Days that follow each other, each with its number among those that count. */
  days({ from, days }) {
    const first = Date.parse(from);
    let number = 0;
    return days.map((kind, place) => {
      const [role, counts, extension, reason, document, sentence] = this.days_[kind];
      number += counts;
      return {
        date: iso(first + place * DAY), role, extension: Boolean(extension), number: counts ? number : 0,
        reason: this.text(reason), document: this.text(document), sentence: this.text(sentence),
      };
    });
  }

  tenuresAt(place) {
    const { s: seq } = this.steps[place];
    return this.tenures
      .filter(([, , , , since, until]) => since <= seq && (!until || until > seq))
      .map(([name, org, holder, other, since]) => ({
        name: this.text(name), org: this.text(org), holder: this.text(holder), other: this.text(other), since,
      }));
  }
}

/** Read the data; the table of days gives its name to the method that reads it. */
export const film = ({ days, ...data }) => new Film({ ...data, days_: days });

/** How far a count has come on a day, and what lies between. */
export function soFar(days, today) {
  const seen = days.filter((day) => day.date <= today);
  const of = (...roles) => seen.filter((day) => roles.includes(day.role)).length;
  return {
    counted: seen.reduce((most, day) => Math.max(most, day.number), 0),
    rest: of("weekend"), holiday: of("holiday"), makeup: of("makeup_counted"), excluded: of("excluded"),
  };
}

const ENDED = new Set(["met", "met_late", "cancelled", "expired"]);
const DAY = 86_400_000;
const BEIJING = 8 * 3_600_000;
const iso = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);

/** The Beijing day of an instant in seconds. */
export const dayOf = (seconds) => iso(seconds * 1000 + BEIJING);
