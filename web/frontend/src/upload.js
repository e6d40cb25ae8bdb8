/**
 * Send chosen files at once, with a bar of how far it is. The answer is JSON, or null where nothing readable came back.
 * @param {HTMLElement} box holds the progress bar and the CSRF token
 */
export function upload(box, address, files) {
  const progress = box.querySelector("progress");
  const data = new FormData();
  data.append("csrf", box.dataset.csrf);
  for (const file of files) data.append("file", file);
  progress.hidden = false;
  progress.value = 0;
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = (event.loaded / event.total) * 100;
    });
    request.addEventListener("loadend", () => {
      progress.hidden = true;
      try {
        done(JSON.parse(request.responseText));
      } catch {
        done(null); // a page of errors, or nothing at all
      }
    });
    request.open("POST", address);
    request.send(data);
  });
}

/** List what was wrong with an upload, or nothing. */
export function showErrors(list, errors) {
  list.replaceChildren(
    ...errors.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  list.hidden = !errors.length;
}
