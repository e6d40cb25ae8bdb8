/** Put a part of the page in from the server, and make it comfortable. */
export async function load(place, address, options = {}) {
  const response = await fetch(address, { ...options, headers: { "X-Shixian-Part": "true", ...options.headers } });
  if (response.redirected || !response.ok) throw new Error(`${response.status}`);
  fill(place, await response.text());
}

export function fill(place, html) {
  place.innerHTML = html;
  place.dispatchEvent(new CustomEvent("shixian:loaded", { bubbles: true }));
}
