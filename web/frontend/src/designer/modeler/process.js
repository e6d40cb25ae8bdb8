/** The process that a plane shows, or that its first executable pool holds. */
export function processOf(bo, modeler) {
  for (let at = bo; at; at = at.$parent) if (at.$type === "bpmn:Process") return at;
  const pools = (bo?.participants ?? []).map((participant) => participant.processRef).filter(Boolean);
  return (
    pools.find((process) => process.isExecutable) ??
    pools[0] ??
    modeler.getDefinitions()?.rootElements.find((root) => root.$type === "bpmn:Process")
  );
}

/** Whether anything in the file refers to an element, such as an event to a message. */
export function isUsed(bo, definitions) {
  const refers = (holder) =>
    holder.$descriptor?.properties?.some((property) => {
      if (property.isAttr && !property.isReference) return false;
      return [holder[property.ns.localName] ?? []].flat().some((value) => (property.isReference ? value === bo : Object(value) === value && refers(value)));
    });
  return refers(definitions);
}
