import { diagram } from "./diagram.js";

const container = document.querySelector(".diagram");
if (container) diagram(container);
