/** Colours from the context pad; always beside a name or a shape, never the only sign. */
const COLOURS = [
  ["Default colour", undefined, undefined],
  ["Blue", "#bbdefb", "#0d4372"],
  ["Orange", "#ffe0b2", "#6b3c00"],
  ["Green", "#c8e6c9", "#205022"],
  ["Red", "#ffcdd2", "#831311"],
  ["Purple", "#e1bee7", "#5b176d"],
];

class ColourMenu {
  constructor(contextPad, popupMenu, modeling, translate) {
    Object.assign(this, { popupMenu, modeling, translate });
    contextPad.registerProvider(600, this);
    popupMenu.registerProvider("shixian-colour", this);
  }

  getContextPadEntries(element) {
    return this.getMultiElementContextPadEntries([element]);
  }

  getMultiElementContextPadEntries(elements) {
    return {
      "set-colour": {
        group: "edit",
        className: "wb-colour-entry",
        title: this.translate("Set colour"),
        action: {
          click: (event) => {
            const target = event.target.getBoundingClientRect();
            this.popupMenu.open(elements, "shixian-colour", { x: target.left, y: target.bottom + 6, cursor: { x: event.x, y: event.y } }, { title: this.translate("Set colour"), width: 150 });
          },
        },
      },
    };
  }

  getPopupMenuEntries(target) {
    const elements = Array.isArray(target) ? target : [target];
    return Object.fromEntries(
      COLOURS.map(([name, fill, stroke]) => [
        `colour-${name.toLowerCase().split(" ")[0]}`,
        { label: this.translate(name), className: `wb-colour wb-colour-${name.toLowerCase().split(" ")[0]}`, action: () => this.modeling.setColor(elements, { fill, stroke }) },
      ]),
    );
  }
}
ColourMenu.$inject = ["contextPad", "popupMenu", "modeling", "translate"];

export const coloursModule = { __init__: ["shixianColours"], shixianColours: ["type", ColourMenu] };
