import { showErrors, upload } from "./upload.js";

/** Send a table of records at once and show how far it is; without this, the file goes with the form. */
export function recordTables(root) {
  for (const box of root.querySelectorAll("[data-records]")) {
    const input = box.querySelector("input[type=file]");
    input.addEventListener("change", () => input.files.length && send(box, input));
    box.querySelector(".records-kept input").addEventListener("change", () => choose(box));
    choose(box);
  }
}

async function send(box, input) {
  const errors = box.querySelector(".records-errors");
  showErrors(errors, []);
  const answer = await upload(box, box.dataset.records, [input.files[0]]);
  if (answer?.table) keep(box, answer.table);
  else showErrors(errors, answer?.errors ?? [box.dataset.failed]);
  // Sent already, or refused: it must not go with the form a second time.
  input.value = "";
}

function keep(box, table) {
  const kept = box.querySelector(".records-kept");
  const check = kept.querySelector("input");
  check.value = table.key;
  check.checked = true;
  kept.querySelector("[data-records-name]").textContent = table.name;
  kept.querySelector("[data-records-rows]").textContent = table.rows;
  const body = kept.querySelector("[data-records-first] tbody");
  body.replaceChildren(
    ...table.first.map((row) => {
      const line = document.createElement("tr");
      for (const value of Object.values(row)) line.insertCell().textContent = value;
      return line;
    }),
  );
  kept.hidden = false;
  choose(box);
  check.focus();
}

/** Either the file or typed rows: what will not be used is not asked for. */
function choose(box) {
  box.querySelector(".records-typed").hidden = box.querySelector(".records-kept input").checked;
}
