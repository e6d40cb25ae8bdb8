import { showErrors, upload } from "./upload.js";

/** Send chosen files at once and list them; without this, they go with the form. */
export function filePickers(root) {
  for (const box of root.querySelectorAll("[data-files]")) {
    const input = box.querySelector("input[type=file]");
    input.addEventListener("change", () => input.files.length && send(box, input));
  }
  for (const link of root.querySelectorAll("[data-picture]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      picture(link);
    });
  }
}

async function send(box, input) {
  const errors = box.querySelector("[data-files-errors]");
  showErrors(errors, []);
  const answer = await upload(box, box.dataset.files, input.files);
  for (const file of answer?.attachments ?? []) keep(box, file, answer.same_as[file.key]);
  if (answer?.attachments || answer?.errors) {
    showErrors(errors, answer.errors ?? []);
    // Sent already, or refused: it must not go with the form a second time. Where nothing answered it still may.
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  } else {
    showErrors(errors, [box.dataset.failed]);
  }
}

function keep(box, file, same) {
  const line = box.querySelector("template").content.cloneNode(true);
  const check = line.querySelector("input");
  const id = `${check.id}${file.key}`;
  check.id = id;
  check.value = file.key;
  line.querySelector("label").htmlFor = id;
  line.querySelector("[data-file-name]").textContent = file.name;
  line.querySelector("[data-file-size]").textContent = (file.size / 1024).toFixed(1);
  line.querySelector("[data-file-hash]").textContent = `SHA-256 ${file.sha256.slice(0, 16)}…`;
  if (same) line.querySelector("[data-file-same]").textContent = box.dataset.same.replace("{}", same);
  box.querySelector("[data-files-kept]").append(line);
}

function picture(link) {
  const dialog = document.createElement("dialog");
  dialog.className = "picture-dialog";
  dialog.setAttribute("aria-label", link.dataset.picture);
  const image = document.createElement("img");
  image.src = link.href;
  image.alt = link.dataset.picture;
  const close = document.createElement("button");
  close.className = "btn btn-outline-secondary btn-sm";
  close.textContent = link.dataset.close;
  close.addEventListener("click", () => dialog.close());
  dialog.append(close, image);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
