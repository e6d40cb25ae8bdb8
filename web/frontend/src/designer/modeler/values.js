/** Reads and writes what a field stands for, wherever it lives in the model; writing goes through the command stack. */

const SHIXIAN = "shixian:";

export function entriesOf(bo, type) {
  return (bo.extensionElements?.get("values") ?? []).filter((entry) => entry.$type === SHIXIAN + type);
}

export class Values {
  constructor(modeler) {
    this.modeler = modeler;
    this.moddle = modeler.get("moddle");
    this.factory = modeler.get("bpmnFactory");
  }

  read(bo, at) {
    if (at.attribute && !at.extension) return text(bo.get(at.attribute));
    if (at.id) return bo.id;
    if (at.own) return text(bo.get(SHIXIAN + at.own));
    if (at.extension) return text(entriesOf(bo, at.extension)[0]?.get(at.attribute));
    if (at.documentation) return bo.get("documentation")[0]?.text ?? "";
    if (at.expression) return bo.get(at.expression)?.body ?? "";
    if (at.reference) return bo.get(at.reference)?.id ?? "";
    if (at.defaultOf) return text(bo.sourceRef?.default === bo);
    if (at.loop) return loopValue(bo.loopCharacteristics, at.loop);
    const definition = definitionOf(bo);
    if (at.named) {
      const ref = definition?.get(referenceName(at));
      return (at.code && ref?.get(at.code)) || ref?.name || "";
    }
    const found = definition?.get(at.timer ?? at.definition);
    return text(found?.body ?? found);
  }

  /** Write a field's text; an empty text takes what it stands for away. Throws a pair of sentences where it cannot. */
  write(element, bo, at, value) {
    const steps = this.steps(element, bo, at, value);
    if (steps.length) this.modeler.get("commandStack").execute("shixian.together", { steps });
  }

  steps(element, bo, at, value) {
    if (at.id) return [this.#own(element, bo, { id: this.#checkedId(bo, value) })];
    if (at.extension) return this.#extension(element, bo, at, value);
    if (at.own) return [this.#own(element, bo, { [SHIXIAN + at.own]: value || undefined })];
    if (at.documentation) return [this.#own(element, bo, { documentation: this.#documentation(bo, value) })];
    if (at.expression) return [this.#own(element, bo, { [at.expression]: this.#expression(bo, value) })];
    if (at.reference) return [this.#own(element, bo, { [at.reference]: element.outgoing.find((flow) => flow.id === value)?.businessObject })];
    if (at.defaultOf) return [this.#own(element.source, bo.sourceRef, { default: value ? bo : undefined })];
    if (at.loop) return this.#loop(element, bo.loopCharacteristics, at.loop, value);
    if (at.named) return this.#named(element, bo, at, value);
    if (at.timer) return [moddleStep(element, definitionOf(bo), { timeDate: undefined, timeCycle: undefined, timeDuration: undefined, [at.timer]: this.#expression(definitionOf(bo), value) })];
    if (at.definition === "condition") return [moddleStep(element, definitionOf(bo), { condition: this.#expression(definitionOf(bo), value) })];
    if (at.definition) return [moddleStep(element, definitionOf(bo), { [at.definition]: value || undefined })];
    return [this.#own(element, bo, { [at.attribute]: value === "" ? undefined : value })];
  }

  /** Add a row to a list of extension elements. */
  add(element, bo, type, properties) {
    this.#run([this.#listed(element, bo, [...this.#all(bo), this.#entry(bo, type, properties)])]);
  }

  remove(element, bo, entry) {
    this.#run([this.#listed(element, bo, this.#all(bo).filter((other) => other !== entry))]);
  }

  change(element, entry, properties) {
    this.#run([moddleStep(element, entry, properties)]);
  }

  /** Give a message, or another thing without a shape, an id. */
  call(element, bo, id) {
    this.#checkedId(bo, id);
    // The old one is not let go: undo brings it back.
    if (id !== bo.id) this.moddle.ids.claim(id, bo);
    this.change(element, bo, { id });
  }

  /** Take a message, or another thing without a shape, out of the file. */
  discard(element, bo) {
    const definitions = this.modeler.getDefinitions();
    this.#run([moddleStep(element, definitions, { rootElements: definitions.rootElements.filter((root) => root !== bo) })]);
  }

  #run(steps) {
    this.modeler.get("commandStack").execute("shixian.together", { steps });
  }

  #own(element, bo, properties) {
    // A process behind a pool has no shape of its own; its pool, or the canvas, is what changes.
    return element.businessObject === bo
      ? ["element.updateProperties", { element, properties }]
      : moddleStep(element, bo, properties);
  }

  #all(bo) {
    return bo.extensionElements?.get("values") ?? [];
  }

  #entry(bo, type, properties) {
    const entry = this.moddle.create(SHIXIAN + type, properties);
    entry.$parent = bo.extensionElements;
    return entry;
  }

  #listed(element, bo, values) {
    if (!values.length) return this.#own(element, bo, { extensionElements: undefined });
    if (bo.extensionElements) return moddleStep(element, bo.extensionElements, { values });
    const made = this.factory.create("bpmn:ExtensionElements", { values });
    made.$parent = bo;
    for (const value of values) value.$parent = made;
    return this.#own(element, bo, { extensionElements: made });
  }

  #extension(element, bo, at, value) {
    const [entry] = entriesOf(bo, at.extension);
    if (!entry && !value) return [];
    if (!entry) return [this.#listed(element, bo, [...this.#all(bo), this.#entry(bo, at.extension, { [at.attribute]: value })]), ...this.#instant(element, bo, at.extension)];
    const names = entry.$descriptor.properties.filter((p) => p.isAttr).map((p) => p.ns.localName);
    const left = names.filter((name) => name !== at.attribute && text(entry.get(name)) !== "");
    if (!value && !left.length && !Object.keys(entry.$attrs).length) return [this.#listed(element, bo, this.#all(bo).filter((other) => other !== entry))];
    return [moddleStep(element, entry, { [at.attribute]: value || undefined })];
  }

  /** A timer with a limit needs some instant in the standard's own element, or no other editor takes the file. */
  #instant(element, bo, extension) {
    const definition = definitionOf(bo);
    if (!["Period", "Reminder"].includes(extension) || definition?.$type !== "bpmn:TimerEventDefinition") return [];
    if (definition.timeDate || definition.timeCycle || definition.timeDuration) return [];
    return [moddleStep(element, definition, { timeDate: this.#expression(definition, "due_at") })];
  }

  #expression(parent, body) {
    if (!body) return undefined;
    const made = this.factory.create("bpmn:FormalExpression", { body });
    made.$parent = parent;
    return made;
  }

  #documentation(bo, body) {
    const rest = bo.get("documentation").slice(1);
    if (!body) return rest;
    const made = this.factory.create("bpmn:Documentation", { text: body });
    made.$parent = bo;
    return [made, ...rest];
  }

  #loop(element, loop, name, value) {
    if (name === "isSequential") return [moddleStep(element, loop, { isSequential: value })];
    if (name === "completionCondition") return [moddleStep(element, loop, { completionCondition: this.#expression(loop, value) })];
    if (name === "inputDataItem") {
      const item = value ? this.moddle.create("bpmn:DataInput", { id: `${element.id}_item`, name: value }) : undefined;
      if (item) item.$parent = loop;
      return [moddleStep(element, loop, { inputDataItem: item })];
    }
    // The standard refers to a data object; here the text is the name of a variable of the case.
    return [moddleStep(element, loop, { [name]: value ? { id: value } : undefined })];
  }

  #named(element, bo, at, value) {
    const definition = definitionOf(bo) ?? bo;
    const reference = referenceName(at);
    if (!value) return [moddleStep(element, definition, { [reference]: undefined })];
    const definitions = this.modeler.getDefinitions();
    const known = definitions.rootElements.find((root) => root.$type === at.named && (at.code ? root.get(at.code) === value : root.name === value));
    if (known) return [moddleStep(element, definition, { [reference]: known })];
    const made = this.factory.create(at.named, at.code ? { name: value, [at.code]: value } : { name: value });
    made.$parent = definitions;
    return [
      moddleStep(element, definitions, { rootElements: [...definitions.rootElements, made] }),
      moddleStep(element, definition, { [reference]: made }),
    ];
  }

  #checkedId(bo, value) {
    if (!/^[A-Za-z_][\w.-]*$/.test(value)) throw new Refusal("编号以字母或下划线开头，只含字母、数字、点、横线和下划线。", "An id begins with a letter or an underscore and holds letters, digits, dots and dashes.");
    const { ids } = this.moddle;
    if (value !== bo.id && ids.assigned(value) && ids.assigned(value) !== bo) throw new Refusal(`编号 ${value} 已被使用。`, `The id ${value} is in use.`);
    return value;
  }
}

/** Why a field cannot hold what was typed. */
export class Refusal extends Error {
  constructor(zh, en) {
    super(zh);
    this.texts = [zh, en];
  }
}

function moddleStep(element, moddleElement, properties) {
  return ["element.updateModdleProperties", { element, moddleElement, properties }];
}

function definitionOf(bo) {
  return bo.get?.("eventDefinitions")?.[0] ?? (bo.$instanceOf("bpmn:SendTask") || bo.$instanceOf("bpmn:ReceiveTask") ? bo : undefined);
}

function referenceName(at) {
  const name = at.named.slice(5);
  return `${name[0].toLowerCase()}${name.slice(1)}Ref`;
}

function loopValue(loop, name) {
  const found = loop?.get(name);
  if (name === "inputDataItem") return found?.name ?? found?.id ?? "";
  return text(found?.body ?? found?.id ?? found);
}

function text(value) {
  if (value === undefined || value === null || value === false) return "";
  return value === true ? "true" : String(value);
}
