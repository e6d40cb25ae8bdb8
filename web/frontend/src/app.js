import "bootstrap/dist/css/bootstrap.css";
import "./tokens.css";
import "./app.css";
import "./inbox.css";
import "./task.css";
import "./people.css";
import "./designer.css";
import { conditionalFields, guardLeaving, singleSubmit, tableRows } from "./forms.js";
import { bulkProgress } from "./bulk.js";
import { computedFields } from "./computed.js";
import { inbox } from "./inbox.js";
import { recordTables } from "./records.js";
import { settleDraft } from "./drafts.js";
import { tabs } from "./tabs.js";
import { filePickers } from "./files.js";
import { taskPage } from "./task.js";
import { verbDialogs } from "./verbs.js";
import { comments } from "./comments.js";

/** Make what stands in a page comfortable, or in a part of it that was loaded anew. */
export function initialise(root) {
  conditionalFields(root);
  tableRows(root);
  singleSubmit(root);
  guardLeaving(root);
  recordTables(root);
  computedFields(root);
  tabs(root);
  filePickers(root);
  verbDialogs(root);
  comments(root);
  taskPage(root);
}

initialise(document);
inbox(document);
bulkProgress(document);
settleDraft();
document.addEventListener("shixian:loaded", (event) => {
  initialise(event.target);
  settleDraft();
});
