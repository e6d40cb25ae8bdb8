/** Send a table of records at once and show how far it is; without this, the file goes with the form. */
export function recordTables(root) {
  for (const box of root.querySelectorAll("[data-records]")) {
    const input = box.querySelector("input[type=file]");
    input.addEventListener("change", () => input.files.length && send(box, input));
    box.querySelector(".records-kept input").addEventListener("change", () => choose(box));
    choose(box);
  }
}

function send(box, input) {
  const progress = box.querySelector("progress");
  const request = new XMLHttpRequest();
  const data = new FormData();
  data.append("csrf", box.dataset.csrf);
  data.append("file", input.files[0]);
  show(box, []);
  progress.hidden = false;
  progress.value = 0;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (event.loaded / event.total) * 100;
  });
  request.addEventListener("loadend", () => {
    progress.hidden = true;
    const answer = read(request);
    if (answer.table) keep(box, answer.table);
    else show(box, answer.errors);
    // Sent already, or refused: it must not go with the form a second time.
    input.value = "";
  });
  request.open("POST", box.dataset.records);
  request.send(data);
}

function read(request) {
  try {
    const answer = JSON.parse(request.responseText);
    if (answer.table || answer.errors) return answer;
  } catch {
    // A page of errors instead of an answer; the sentence below says what to do.
  }
  return { errors: ["文件没有上传成功，请检查网络后重试；仍不成功的，请保存草稿并刷新页面。"] };
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

function show(box, errors) {
  const list = box.querySelector(".records-errors");
  list.replaceChildren(
    ...errors.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  list.hidden = !errors.length;
}
