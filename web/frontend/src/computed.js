/** Show what the server has worked out for each number that can be typed, such as the day an extension leads to. */
export function computedFields(root) {
  for (const field of root.querySelectorAll("[data-computed-by]")) {
    const table = JSON.parse(field.dataset.computed);
    const form = field.closest("form");
    const from = form?.elements[field.dataset.computedBy];
    if (!from) continue;
    const otherwise = field.textContent;
    const update = () => (field.textContent = table[from.value.trim()] ?? otherwise);
    from.addEventListener("input", update);
    update();
  }
}
