import "./statistics.css";
