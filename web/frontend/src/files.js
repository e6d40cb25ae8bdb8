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

function send(box, input) {
  const progress = box.querySelector("progress");
  const request = new XMLHttpRequest();
  const data = new FormData();
  data.append("csrf", box.dataset.csrf);
  for (const file of input.files) data.append("file", file);
  show(box, []);
  progress.hidden = false;
  progress.value = 0;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (event.loaded / event.total) * 100;
  });
  request.addEventListener("loadend", () => {
    progress.hidden = true;
    const answer = read(request, box);
    for (const file of answer.attachments ?? []) keep(box, file);
    show(box, answer.errors ?? []);
    // Sent already, or refused: it must not go with the form a second time. Where nothing answered it still may.
    if (answer.attachments || answer.refused) {
      input.value = "";
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  request.open("POST", box.dataset.files);
  request.send(data);
}

function read(request, box) {
  try {
    const answer = JSON.parse(request.responseText);
    if (answer.attachments) return answer;
    if (answer.errors) return { ...answer, refused: true };
  } catch {
    // A page of errors instead of an answer; the sentence below says what to do.
  }
  return { errors: [box.dataset.failed] };
}

function keep(box, file) {
  const line = box.querySelector("template").content.cloneNode(true);
  const check = line.querySelector("input");
  const id = `${check.id}${file.key}`;
  check.id = id;
  check.value = file.key;
  line.querySelector("label").htmlFor = id;
  line.querySelector("[data-file-name]").textContent = file.name;
  line.querySelector("[data-file-size]").textContent = (file.size / 1024).toFixed(1);
  line.querySelector("[data-file-hash]").textContent = `SHA-256 ${file.sha256.slice(0, 16)}…`;
  if (file.same_as) line.querySelector("[data-file-same]").textContent = box.dataset.same.replace("{}", file.same_as);
  box.querySelector("[data-files-kept]").append(line);
}

function show(box, errors) {
  const list = box.querySelector("[data-files-errors]");
  list.replaceChildren(
    ...errors.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  list.hidden = !errors.length;
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
