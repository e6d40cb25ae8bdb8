import "bootstrap/dist/css/bootstrap.css";
import "./tokens.css";
import "./app.css";
import "./people.css";
import { conditionalFields, guardLeaving, singleSubmit, tableRows } from "./forms.js";
import { computedFields } from "./computed.js";
import { recordTables } from "./records.js";

conditionalFields(document);
tableRows(document);
singleSubmit(document);
guardLeaving(document);
recordTables(document);
computedFields(document);
