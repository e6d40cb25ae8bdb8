/** Carry out a bulk dialogue a few at a time, so that a bar can follow; the form's own post then lists the answers. */
export function bulkProgress(root) {
  for (const form of root.querySelectorAll("form[data-bulk]")) {
    const bar = form.querySelector("[data-bulk-bar]");
    form.addEventListener("submit", async (event) => {
      if (event.defaultPrevented || event.submitter?.name === "step") return;
      const all = new FormData(form);
      const keys = all.getAll("task");
      const size = Number(form.dataset.slice);
      const sure = form.elements.sure;
      if (keys.length <= size || (sure && !sure.checked)) return;
      event.preventDefault();
      bar.hidden = false;
      bar.scrollIntoView({ block: "nearest" });
      for (let at = 0; at < keys.length; at += size) {
        const answer = await slice(form, all, keys.slice(at, at + size));
        if (!answer || answer.invalid) break; // the form's own post says why
        show(bar, Math.min(at + size, keys.length), keys.length);
      }
      form.submit();
    });
  }
}

async function slice(form, all, keys) {
  const some = new URLSearchParams();
  for (const [name, value] of all) if (name !== "task" && name !== "chosen") some.append(name, value);
  for (const key of keys) some.append("task", key);
  try {
    const answer = await fetch(form.dataset.bulk, { method: "POST", body: some });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // what was carried out has its stored answer
  }
}

function show(bar, done, all) {
  const progress = bar.querySelector("progress");
  progress.max = all;
  progress.value = done;
  const said = bar.querySelector("[data-bulk-said]");
  said.textContent = said.dataset.said.replace("{n}", done).replace("{all}", all);
}
