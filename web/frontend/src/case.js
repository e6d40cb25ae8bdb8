import { diagram } from "./diagram.js";

const container = document.getElementById("diagram");
if (container) diagram(container);
