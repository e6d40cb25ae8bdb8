import "bootstrap/dist/css/bootstrap.css";
import "./tokens.css";
import "./app.css";
import { conditionalFields, guardLeaving, singleSubmit, tableRows } from "./forms.js";

conditionalFields(document);
tableRows(document);
singleSubmit(document);
guardLeaving(document);
