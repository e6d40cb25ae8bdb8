import { download } from "./dom.js";

/** The buttons above the canvas. Each names its act by data-act; the page carries their texts. */
export class Toolbar {
  constructor(root, modeler, acts) {
    this.root = root;
    this.modeler = modeler;
    this.acts = { ...this.#own(), ...acts };
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!button || button.getAttribute("aria-disabled") === "true") return;
      this.acts[button.dataset.act]?.(button);
    });
    const bus = modeler.get("eventBus");
    for (const name of ["commandStack.changed", "selection.changed", "import.done"]) bus.on(name, () => this.state());
  }

  state() {
    const stack = this.modeler.get("commandStack");
    const count = this.modeler.get("selection").get().length;
    const may = { undo: stack.canUndo(), redo: stack.canRedo(), copy: count > 0, align: count > 1, "distribute-h": count > 2, "distribute-v": count > 2, morph: count === 1, append: count === 1 };
    for (const [act, allowed] of Object.entries(may)) for (const button of this.root.querySelectorAll(`[data-act="${act}"]`)) button.setAttribute("aria-disabled", String(!allowed));
  }

  #own() {
    const get = (name) => this.modeler.get(name);
    const action = (name, given) => () => get("editorActions").trigger(name, given);
    const zoom = (by) => () => get("zoomScroll").stepZoom(by);
    return {
      undo: action("undo"),
      redo: action("redo"),
      copy: action("copy"),
      paste: () => get("copyPaste").paste(),
      // After this click: the pad closes at any click outside it, this one too.
      find: () => setTimeout(() => get("editorActions").trigger("find"), 0),
      process: () => get("selection").select([]),
      "distribute-h": action("distributeElements", { type: "horizontal" }),
      "distribute-v": action("distributeElements", { type: "vertical" }),
      align: (button) => this.#menu(button, "align-elements"),
      create: (button) => this.#menu(button, "bpmn-create"),
      append: (button) => this.#menu(button, "bpmn-append"),
      morph: (button) => this.#menu(button, "bpmn-replace"),
      closer: zoom(1),
      farther: zoom(-1),
      true: () => get("canvas").zoom(1, "auto"),
      minimap: (button) => {
        get("minimap").toggle();
        button.setAttribute("aria-pressed", String(get("minimap").isOpen()));
      },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    };
  }

  #menu(button, provider) {
    const { left, bottom } = button.getBoundingClientRect();
    const selected = this.modeler.get("selection").get();
    const target = provider === "align-elements" ? selected : (selected[0] ?? this.modeler.get("canvas").getRootElement());
    this.modeler.get("popupMenu").open(target, provider, { x: left, y: bottom + 4, cursor: { x: left, y: bottom } }, { title: button.textContent.trim(), search: true, width: 300 });
  }
}

export async function exportSvg(modeler, name) {
  const { svg } = await modeler.saveSVG();
  download(`${name}.svg`, svg, "image/svg+xml");
}
