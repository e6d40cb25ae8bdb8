// The lists of forms, decisions and documents are plain pages; this entry brings their styles alone.
import "./beside.css";
