/** The editor of expressions inside dmn-js makes its own style sheet and cannot be told the page's nonce. */
export function styleNonce(nonce) {
  const create = document.createElement.bind(document);
  document.createElement = (name, ...given) => {
    const element = create(name, ...given);
    if (String(name).toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  };
}
