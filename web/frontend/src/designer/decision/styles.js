/** What lets dmn-js have its styles under a policy that allows none in markup.
 *
 * Its editor of expressions makes a style sheet of its own and cannot be told the page's nonce. Its mark and its drag
 * image carry style attributes in HTML strings; the same styles, set by script, are allowed.
 */
const HELD = "data-own-style";

export function allowStyles(nonce) {
  const create = document.createElement.bind(document);
  document.createElement = (name, ...given) => {
    const element = create(name, ...given);
    if (String(name).toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  };
  const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  Object.defineProperty(Element.prototype, "innerHTML", {
    configurable: true,
    enumerable: true,
    get,
    set(html) {
      const text = String(html);
      set.call(this, text.includes(" style=") ? text.replaceAll(" style=", ` ${HELD}=`) : text);
      for (const element of this.querySelectorAll(`[${HELD}]`)) {
        element.style.cssText = element.getAttribute(HELD);
        element.removeAttribute(HELD);
      }
    },
  });
}
