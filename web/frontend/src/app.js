import "bootstrap/dist/css/bootstrap.css";
import "./tokens.css";
import "./app.css";
import { conditionalFields, guardLeaving, singleSubmit, tableRows } from "./forms.js";
import { bulkProgress } from "./bulk.js";
import { computedFields } from "./computed.js";
import { recordTables } from "./records.js";

conditionalFields(document);
tableRows(document);
singleSubmit(document);
guardLeaving(document);
recordTables(document);
computedFields(document);
bulkProgress(document);
