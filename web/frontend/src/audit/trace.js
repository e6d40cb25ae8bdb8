// Pages of search, checks and access log need no script: this entry carries their style sheet.
import "./trace.css";
