/** A form under edit: its JSON as an object that keeps what this editor does not know, with undo. */
const MOST_STEPS = 200;

/** The value under a path such as `validate.required`, undefined where there is none. */
export function at(holder, path) {
  return path.split(".").reduce((value, name) => (Object(value) === value && Object.hasOwn(value, name) ? value[name] : undefined), holder);
}

/** Put a value under a path; nothing (undefined, an empty text, false, an empty list) takes the name away. */
export function put(holder, path, value) {
  const names = path.split(".");
  const last = names.pop();
  let place = holder;
  for (const name of names) {
    if (Object(place[name]) !== place[name]) {
      if (empty(value)) return;
      place[name] = {};
    }
    place = place[name];
  }
  if (empty(value)) delete place[last];
  else place[last] = value;
  // A part that is left without anything would only make the file longer.
  if (names.length && !Object.keys(place).length) put(holder, names.join("."), undefined);
}

function empty(value) {
  return value === undefined || value === null || value === "" || value === false
    || (Object(value) === value && !Object.keys(value).length);
}

export class FormState {
  #past = [];
  #future = [];
  #mark = null;

  constructor(text) {
    this.read(text);
  }

  /** Take a text as the form; throws where it is none. */
  read(text) {
    const data = JSON.parse(text);
    if (Object(data) !== data || !Array.isArray(data.components) || !data.components.every((c) => Object(c) === c && !Array.isArray(c)))
      throw new SyntaxError("components");
    this.data = data;
  }

  get text() {
    return `${JSON.stringify(this.data, null, 2)}\n`;
  }

  get fields() {
    return this.data.components;
  }

  /** Remember the form before a change; changes under the same mark, such as typing into one control, are one step. */
  remember(mark = null) {
    if (mark === null || mark !== this.#mark) {
      this.#past.push(this.text);
      if (this.#past.length > MOST_STEPS) this.#past.shift();
    }
    this.#future = [];
    this.#mark = mark;
  }

  undo() {
    return this.#step(this.#past, this.#future);
  }

  redo() {
    return this.#step(this.#future, this.#past);
  }

  can(what) {
    return (what === "undo" ? this.#past : this.#future).length > 0;
  }

  /** A name that no field has yet. */
  fresh(base) {
    const taken = new Set(this.fields.map((c) => c.key));
    if (!taken.has(base)) return base;
    for (let n = 2; ; n += 1) if (!taken.has(`${base}_${n}`)) return `${base}_${n}`;
  }

  #step(from, to) {
    if (!from.length) return false;
    to.push(this.text);
    this.read(from.pop());
    this.#mark = null;
    return true;
  }
}
